"""A LeWM model and its heads to a model folder, through the same gates as a model that was trained here."""

import json
import sys
import tempfile
from pathlib import Path

import torch
from torch import Tensor

from .. import card, golden, parity, provenance
from ..errors import TrainError
from ..export import EXAMPLES, Job, Trained, head_jobs, write
from ..heldout import HeldOut
from ..manifest import manifest
from ..stages import install
from .positions import ActionCode, Window
from .world import WindowGraphs, slide


def export(trained: Trained, frames: Tensor, run, folder: Path) -> dict[str, Path]:
    """The encoder; the predictor as one step, and taken apart by position; the heads."""
    model, predictor = trained.world.model, trained.world.predictor
    code = ActionCode(model)
    window = Window(model, code.names)
    inner = window.blocks[0].value.out_features
    width = {"latent": run.config.encoder.latent, "code": model.predictor.hidden_dim, "past": inner}
    examples = {name: torch.randn(EXAMPLES, width[name.partition(".")[0]]) for name in window.inputs()}
    context = [torch.randn(EXAMPLES + 1, predictor.context, n) for n in (run.config.encoder.latent, run.action_dim)]
    latent, block = torch.randn(EXAMPLES, run.config.encoder.latent), torch.randn(EXAMPLES, run.action_dim)
    jobs = {
        "encoder": Job(trained.world.encoder, {"frames": frames[:1].repeat(EXAMPLES, 1, 1, 1, 1)}, ("latent",), "B"),
        "step": Job(predictor.step, {"latent": context[0], "action": context[1]}, ("next",), second="T"),
        "action": Job(code, {"action": block}, tuple(code.names)),
        "window": Job(window, examples, tuple(window.outputs())),
        **head_jobs(trained, latent, block),
    }
    paths = {name: folder / ("metric-goal.onnx" if name == "metricGoal" else f"{name}.onnx") for name in jobs}
    for name, job in jobs.items():
        print(f"export {name}", file=sys.stderr)
        write(job, paths[name])
    return paths


@torch.no_grad()
def check_window(trained: Trained, held: HeldOut) -> float:
    """Position by position against the model's own step, over a rollout that fills the window and slides it."""
    model, predictor = trained.world.model, trained.world.predictor
    code = ActionCode(model)
    window = Window(model, code.names)
    z = held.latents(held.run.data.frames_of(held.run.held_out)[:32])
    actions = held.random_actions(len(z), 2 * predictor.context, held.rng(13))

    def step(latents: Tensor, blocks: Tensor) -> Tensor:
        given: dict[str, Tensor] = {}
        for p in range(latents.shape[1]):
            given[f"latent.{p}"] = latents[:, p]
            given |= {f"code.{p}.{name}": value for name, value in zip(code.names, code(blocks[:, p]))}
            following, presents = window.at(p, given)
            given |= {f"past.{p}.{name}": value for name, value in presents.items()}
        return following

    return parity.same_values("the window", predictor.rollout(z, actions), slide(step, z, actions, predictor.context))


def deliver(run, trained: Trained, held: HeldOut, out: Path, arguments: list[str], seconds: float) -> None:
    """Export to a temporary folder, check parity there, and only then replace what `out` holds."""
    context = trained.world.predictor.context
    with tempfile.TemporaryDirectory(dir=run.work) as scratch:
        folder = Path(scratch)
        paths = export(trained, held.windows(run.data.offset[:1]), run, folder)
        values = {"parityWindow": check_window(trained, held)}
        values |= parity.check(trained, WindowGraphs(paths, context, product=run.config.metric.kind == "product"), held)
        golden.write(trained, held, folder / "golden.json")
        origin = provenance.provenance(run, arguments, seconds, program="python -m jepilot_train.lewm")
        content = manifest(trained, held, paths, folder / "golden.json", values, {}, origin)
        content["predictor"] = {"context": context}
        (folder / "manifest.json").write_text(json.dumps(content, indent=2) + "\n")
        install(folder, out)
    card.write(content, out / "README.md")
    print(f"wrote {out}: {', '.join(sorted(p.name for p in out.iterdir()))}", file=sys.stderr)


def check_action(model, run) -> None:
    """The blocks that the data gives must be those that the model takes."""
    wanted = model.action_encoder.input_dim
    if wanted != run.action_dim:
        raise TrainError(
            f"the model takes actions of {wanted} values; the data gives {run.actions.shape[1]} for each of "
            f"{run.config.data.action_repeat} control steps: set data.action_repeat to the frame skip that it was trained with")
