"""From a data set whose pictures are still unread to episodes in memory."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from ..config import Data
from ..data import Episodes
from ..errors import TrainError
from .area import resampler


@dataclass(frozen=True)
class Camera:
    """What the runtime calls the camera, and the size of its stored pictures."""

    name: str
    height: int
    width: int


@dataclass(frozen=True)
class Column:
    """Numbers of all episodes, float32 [n,d] each, and the column's name for messages."""

    name: str
    episodes: list[np.ndarray]

    @property
    def width(self) -> int:
        """d, or 0 where there is no episode."""
        return self.episodes[0].shape[1] if self.episodes else 0


@dataclass(frozen=True)
class Table:
    """What a format yields: the numbers of each episode, and a way to its pictures."""

    path: Path
    sha256: str
    info: dict[str, Any]
    camera: Camera
    action: Column
    state: Column | None
    rows: np.ndarray  # int64 [E]: where each episode begins in the data set, for messages
    pictures: Callable[[int, int], Iterator[np.ndarray]]  # (episode, frames) -> pieces, uint8 [n,H,W,3]


def collect(table: Table, settings: Data, task: str) -> Episodes:
    """Drop what has no transition, then read the pictures at the model's size, episode by episode."""
    frames = [_usable(table, episode) for episode in range(len(table.rows))]
    kept = [episode for episode, count in enumerate(frames) if count > 1]
    if not kept:
        raise TrainError(f"{table.path} has no transition: {len(frames)} episodes, none with two frames and an action between them")
    if len(kept) < len(frames):
        print(f"warning: {len(frames) - len(kept)} of {len(frames)} episodes have no transition and are left out", file=sys.stderr)
    length = np.array([frames[episode] for episode in kept], np.int64)
    rows = lambda column: np.concatenate([column.episodes[e][: frames[e]] for e in kept])  # noqa: E731
    used = np.concatenate([table.action.episodes[e][: frames[e] - 1] for e in kept])
    pixels = _pixels(table, settings, {episode: frames[episode] for episode in kept})
    state = None if table.state is None else rows(table.state)
    derived = {"task": task, "actionMinimum": used.min(0).tolist(), "actionMaximum": used.max(0).tolist(), "coverage": {}}
    camera = {"name": settings.camera_name or table.camera.name, "height": pixels.shape[1], "width": pixels.shape[2]}
    # The action after an episode's last frame leads nowhere and may be NaN.
    action = np.nan_to_num(rows(table.action), posinf=0, neginf=0)
    return Episodes(pixels, action, state, length, length.cumsum() - length, derived | table.info | {"cameras": [camera]}, table.sha256)


def _usable(table: Table, episode: int) -> int:
    """Frames of an episode that are left without its tail, where actions or states are NaN; NaN before that is an error."""
    action = np.isfinite(table.action.episodes[episode]).all(1)
    state = np.ones_like(action) if table.state is None else np.isfinite(table.state.episodes[episode]).all(1)
    frames = _known(state)
    frames = min(frames, _known(action[: max(frames - 1, 0)]) + 1)
    checks = [(table.action.name, action[: max(frames - 1, 0)])] + ([(table.state.name, state[:frames])] if table.state else [])
    for name, finite in checks:
        if not finite.all():
            step = int(np.argmin(finite))
            raise TrainError(f"{table.path}: column '{name}' is NaN or infinite at row {table.rows[episode] + step} (episode {episode}, "
                             f"step {step}); only an episode's last rows may be")
    return frames


def _known(finite: np.ndarray) -> int:
    """How many rows there are up to the last finite one."""
    return len(finite) - int(np.argmax(finite[::-1])) if finite.any() else 0


def _pixels(table: Table, settings: Data, frames: dict[int, int]) -> np.ndarray:
    """uint8 [T,h,w,3]; never more than a piece of an episode is held at its stored size."""
    stored = table.camera.height, table.camera.width
    size = tuple(settings.size) or stored
    resample, at = resampler(stored, size), 0
    pixels = np.empty((sum(frames.values()), *size, 3), np.uint8)
    with tqdm(total=len(pixels), desc="load", unit="frame", unit_scale=True) as progress:
        for episode, count in frames.items():
            for piece in table.pictures(episode, count):
                for picture in piece:
                    pixels[at] = resample(picture)
                    at += 1
                progress.update(len(piece))
    return pixels
