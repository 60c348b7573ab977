"""Where the episodes of an HDF5 file begin and end."""

from pathlib import Path

import h5py
import numpy as np

from ..errors import TrainError
from .columns import missing

EPISODE_INDEX = ("episode_idx", "ep_idx", "episode_index")  # columns that number the episode of each row


def boundaries(file: h5py.File, path: Path, rows: int, there: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Length and offset of each episode, int64 [E]; together they are all rows."""
    if "ep_len" not in there:
        return _runs(file, path, rows, there)
    length = _integers(file, path, "ep_len")
    offset = _integers(file, path, "ep_offset", len(length)) if "ep_offset" in there else length.cumsum() - length
    if length.sum() != rows:
        raise TrainError(f"{path}: ep_len sums to {length.sum()}, but there are {rows} pictures")
    order = np.lexsort((length, offset))
    if (length < 0).any() or (offset[order] != length[order].cumsum() - length[order]).any():
        raise TrainError(f"{path}: ep_offset does not fit ep_len: episodes overlap or leave gaps")
    return length, offset


def _integers(file: h5py.File, path: Path, name: str, count: int | None = None) -> np.ndarray:
    values = file[name]
    if values.dtype.kind not in "iu" or values.ndim != 1 or count not in (None, len(values)):
        raise TrainError(f"{path}: column '{name}' must hold {'' if count is None else f'{count} '}integers, "
                         f"got {values.dtype} {list(values.shape)}")
    return values[()].astype(np.int64)


def _runs(file: h5py.File, path: Path, rows: int, there: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Episodes told apart by a column that numbers them, or else by the steps that start again."""
    index = next((name for name in EPISODE_INDEX if name in there), None)
    if index is None and "step_idx" not in there:
        raise missing("ep_len", path, there)
    step = _integers(file, path, "step_idx", rows) if "step_idx" in there else None
    if index is None:
        starts = np.flatnonzero(np.diff(step, prepend=step[:1]) != 1)
    else:
        episode = _integers(file, path, index, rows)
        starts = np.flatnonzero(np.diff(episode, prepend=episode[:1] - 1))
        _check_runs(path, index, episode, starts)
        _check_steps(path, step, starts)
    return np.diff(np.append(starts, rows)), starts


def _check_runs(path: Path, index: str, episode: np.ndarray, starts: np.ndarray) -> None:
    first = np.unique(episode[starts], return_index=True)[1]
    if len(first) < len(starts):
        row = np.delete(starts, first)[0]
        raise TrainError(f"{path}: column '{index}' comes back to {episode[row]} at row {row}; the rows of an episode must stand together")


def _check_steps(path: Path, step: np.ndarray | None, starts: np.ndarray) -> None:
    if step is None:
        return
    jumps = np.setdiff1d(np.flatnonzero(np.diff(step) != 1) + 1, starts)
    if len(jumps):
        row = jumps[0]
        raise TrainError(f"{path}: column 'step_idx' goes from {step[row - 1]} to {step[row]} at row {row}, inside an episode")
