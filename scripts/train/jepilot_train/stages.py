"""The stages in order: world model, latents and heads, diagnostics, parity and export."""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from . import card, diagnostics, golden, jepa, parity, provenance
from .calibration import calibrate
from .checkpoint import fingerprint
from .ensemble import train_ensemble
from .errors import TrainError
from .export import Trained, export
from .graphs import Graphs
from .heldout import HeldOut
from .manifest import cameras, manifest
from .prior import train_prior
from .probe import train_probe
from .refine import refine
from .run import Run
from .temporal_distance import train_metric

STAGES = ("all", "jepa", "metric", "export")


def run_stages(run: Run, stage: str, out: Path, arguments: list[str]) -> None:
    """Later stages do the earlier ones first; what is already done loads from the working folder."""
    if stage == "export" and not (run.work / "jepa.pt").exists():
        raise TrainError(f"--stage export: no trained model in {run.work}; run --stage all first")
    check_task(run)
    cameras(run)  # a wrong camera should fail now, not after an hour
    world, seconds = jepa.train(run)
    if stage == "jepa":
        return
    z, g = jepa.encode_all(run, world)
    seconds += refine(run, world, z)
    trained, more = train_heads(run, world, z, g)
    if stage != "metric":
        deliver(run, trained.on_cpu(), HeldOut(run, z, g), out, arguments, seconds + more)


def check_task(run: Run) -> None:
    """A model of one task must not be trained on another's data."""
    found = run.data.info.get("task")
    if found != run.config.task:
        raise TrainError(f"data: of task '{found}', the configuration is for task '{run.config.task}'")


def train_heads(run: Run, world, z, g) -> tuple[Trained, float]:
    """The metric head, the probe, the prior and the ensemble, each where configured; with the seconds that all but the probe took."""
    config, metric, probe, prior, ensemble, spent = run.config, None, None, None, None, [0.0] * 3
    mark = lambda section: fingerprint([jepa.mark(run), config.chosen(section)])  # noqa: E731
    if config.metric.kind != "none":
        metric, spent[0] = train_metric(run, z, g, mark("metric"))
    if config.probe.enabled and run.data.state is not None:
        probe = train_probe(run, z, mark("probe"))
    if config.prior.enabled:
        prior, spent[1] = train_prior(run, z, g, mark("prior"))
    if config.ensemble.members:
        ensemble, spent[2] = train_ensemble(run, z, mark("ensemble"))
    return Trained(world, metric, probe, prior, ensemble), sum(spent)


def deliver(run: Run, trained: Trained, held: HeldOut, out: Path, arguments: list[str], seconds: float) -> None:
    """Diagnose, export to a temporary folder, check parity there, and only then replace what `out` holds."""
    calibration = calibrate(trained, held)
    values = diagnostics.diagnose(trained, held, calibration)
    with tempfile.TemporaryDirectory(dir=run.work) as scratch:
        folder = Path(scratch)
        paths = export(trained, held.windows(run.data.offset[:1]), run, folder)
        values |= parity.check(trained, Graphs(paths, product=run.config.metric.kind == "product"), held)
        golden.write(trained, held, folder / "golden.json")
        content = manifest(trained, held, paths, folder / "golden.json", values, calibration,
                           provenance.provenance(run, arguments, seconds))
        (folder / "manifest.json").write_text(json.dumps(content, indent=2) + "\n")
        install(folder, out)
    card.write(content, out / "README.md")
    for line in diagnostics.missed(values):
        print(f"warning: {line}", file=sys.stderr)
    print(f"wrote {out}: {', '.join(sorted(p.name for p in out.iterdir()))}", file=sys.stderr)


def install(folder: Path, out: Path) -> None:
    """Move the new files in, the manifest last, and drop graphs that the model no longer has."""
    out.mkdir(parents=True, exist_ok=True)
    fresh = sorted(folder.iterdir(), key=lambda p: p.name == "manifest.json")
    for old in out.glob("*.onnx"):
        if old.name not in {p.name for p in fresh}:
            old.unlink()
    for path in fresh:
        partial = out / f".{path.name}.partial"
        shutil.copyfile(path, partial)  # the working folder may lie on another disk
        os.replace(partial, out / path.name)
