"""Choosing columns by name, and reading them as numbers; what is wrong is said with the column, the file and what is there."""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ..errors import TrainError

STATES = ("state", "observation.state", "proprio")  # names that mean the state where none is chosen


def missing(name: str, path: Path, there: Iterable[str]) -> TrainError:
    return TrainError(f"{path} has no column '{name}'; it has: {', '.join(there) or 'none'}")


def only_camera(cameras: list[str], path: Path, there: Iterable[str]) -> str:
    """The one column of pictures."""
    if not cameras:
        raise TrainError(f"{path} has no column of pictures; it has: {', '.join(there) or 'none'}")
    if len(cameras) > 1:
        raise TrainError(f"{path} has several cameras: {', '.join(cameras)}; choose one by data.camera")
    return cameras[0]


def choose_state(wanted: str, there: Iterable[str]) -> str | None:
    """The wanted column, or else one that is called so by custom, or none."""
    return wanted or next((name for name in STATES if name in there), None)


def short(name: str) -> str:
    """What the runtime calls a camera: `observation.images.top` is `top`."""
    return re.split(r"[./]", name)[-1]


def numbers(values: np.ndarray, name: str, path: Path) -> np.ndarray:
    """One row a frame: float32 [T,d]."""
    values = values[:, None] if values.ndim == 1 else values
    if values.dtype.kind not in "fiub" or values.ndim != 2 or not values.shape[1]:
        raise TrainError(f"{path}: column '{name}' must hold numbers [T,d], got {values.dtype} {list(values.shape)}")
    return values.astype(np.float32)
