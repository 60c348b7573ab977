"""The manifest: all that the runtime has to know of a model folder, with checksums."""

from pathlib import Path

from .data import file_sha256
from .errors import TrainError
from .export import Trained
from .heldout import HeldOut
from .metric import EmbeddingMetric, ProductMetric


def cameras(run) -> list[dict]:
    """The one camera of the data, its size checked against the pictures."""
    listed = run.data.info.get("cameras") or []
    height, width = run.data.pixels.shape[1:3]
    if len(listed) != 1 or (listed[0]["width"], listed[0]["height"]) != (width, height):
        raise TrainError(f"data: attribute 'jepilot' must list one camera of {width}x{height}, got {listed}")
    return [{key: listed[0][key] for key in ("name", "width", "height")}]


def _action(held: HeldOut) -> dict:
    run, (low, high) = held.run, held.bounds()
    numbers = {"mean": run.action_mean, "std": run.action_std, "minimum": low, "maximum": high}
    rounded = {key: [float(f"{x:.9g}") for x in value] for key, value in numbers.items()}
    return {"dim": run.actions.shape[1], "repeat": run.config.data.action_repeat, **rounded}


def _metric(trained: Trained, config) -> dict | None:
    if trained.metric is None:
        return None
    if isinstance(trained.metric, ProductMetric):  # one coordinate more carries the bias
        return {"kind": config.kind, "directed": True, "dim": config.dim + 1}
    embedding = isinstance(trained.metric, EmbeddingMetric)
    return {"kind": config.kind, "directed": config.directed if embedding else True, "dim": config.dim if embedding else 1}


def _short(value):
    """Numbers, wherever they stand, with six digits; integers as they are."""
    if isinstance(value, dict):
        return {name: _short(item) for name, item in value.items()}
    return value if isinstance(value, int) else float(f"{value:.6g}")


def manifest(trained: Trained, held: HeldOut, paths: dict[str, Path], golden: Path, values: dict[str, float], calibration: dict, origin: dict) -> dict:
    """See `jepilot-model/1` in the README; what does not apply to a model is left out."""
    run, config = held.run, held.run.config
    entry = lambda path: {"file": path.name, "sha256": file_sha256(path)}  # noqa: E731
    return {
        "format": "jepilot-model/1",
        "name": config.name, "task": config.task, "description": config.description,
        "cameras": cameras(run),
        "history": config.sections("history")["history"],
        "action": _action(held),
        "latentDim": config.encoder.latent,
        "graphs": {name: entry(path) for name, path in paths.items()},
        "metric": _metric(trained, config.metric),
        "planning": config.sections("planning")["planning"],
        "golden": entry(golden),
        "coverage": run.data.info.get("coverage", {}),
        "diagnostics": _short(values),
        **({"calibration": _short(calibration)} if calibration else {}),
        "provenance": origin,
    }
