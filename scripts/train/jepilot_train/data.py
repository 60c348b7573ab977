"""Episodes in memory: an HDF5 file in the layout of stable-worldmodel, pixels kept as uint8."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from tqdm import tqdm

from .errors import TrainError

SLICE = 4096  # frames a read: big enough to hide the cost of a call, small enough for a live progress bar


@dataclass
class Episodes:
    """All episodes, frames concatenated. `action[t]` acts between frame t and frame t + 1."""

    pixels: np.ndarray  # uint8 [T,H,W,3]
    action: np.ndarray  # float32 [T,a], raw units
    state: np.ndarray | None  # float32 [T,s]
    length: np.ndarray  # int64 [E]
    offset: np.ndarray  # int64 [E]
    info: dict[str, Any]
    sha256: str
    first: np.ndarray = field(init=False)  # int64 [T]: where t's episode starts
    last: np.ndarray = field(init=False)  # int64 [T]: its last frame

    def __post_init__(self) -> None:
        if int(self.length.sum()) != len(self.pixels):
            raise TrainError(f"data: ep_len sums to {int(self.length.sum())}, pixels has {len(self.pixels)} frames")
        self.first = np.repeat(self.offset, self.length)
        self.last = np.repeat(self.offset + self.length - 1, self.length)

    def frames_of(self, episodes: np.ndarray) -> np.ndarray:
        """Flat indices of all frames of some episodes: int64 [n]."""
        keep = np.zeros(len(self.length), bool)
        keep[episodes] = True
        return np.flatnonzero(np.repeat(keep, self.length))

    def windows(self, at: np.ndarray, frames: int, stride: int) -> np.ndarray:
        """Pictures that a latent at `at` [...] sees: uint8 [...,k,H,W,3]; before an episode its first frame repeats."""
        back = np.arange(frames - 1, -1, -1) * stride
        return self.pixels[np.maximum(at[..., None] - back, self.first[at][..., None])]

    def goals(self, at: np.ndarray, frames: int) -> np.ndarray:
        """A goal is one picture and has no velocity: the frame repeated, uint8 [...,k,H,W,3]."""
        return self.pixels[np.repeat(at[..., None], frames, axis=-1)]


def split(count: int, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Episode numbers for training and held out, disjoint and sorted."""
    order = np.random.default_rng(seed).permutation(count)
    held = min(count - 1, max(1, round(share * count)))
    return np.sort(order[held:]), np.sort(order[:held])


def action_statistics(data: Episodes, episodes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each raw action dimension [a], over actions that lead to a frame."""
    at = data.frames_of(episodes)
    used = data.action[at[at != data.last[at]]].astype(np.float64)
    return used.mean(0).astype(np.float32), np.maximum(used.std(0), 1e-6).astype(np.float32)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, streamed."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_pixels(source: h5py.Dataset) -> np.ndarray:
    if source.ndim != 4 or source.shape[-1] != 3 or source.dtype != np.uint8:
        raise TrainError(f"data: pixels must be uint8 [T,H,W,3], got {source.dtype} {list(source.shape)}")
    pixels = np.empty(source.shape, np.uint8)
    with tqdm(total=len(pixels), desc="load", unit="frame", unit_scale=True) as progress:
        for begin in range(0, len(pixels), SLICE):
            end = min(begin + SLICE, len(pixels))
            source.read_direct(pixels, np.s_[begin:end], np.s_[begin:end])
            progress.update(end - begin)
    return pixels


def load(path: Path) -> Episodes:
    """Read a whole file; needs `pixels`, `action`, `ep_len`, `ep_offset` and the root attribute `jepilot`."""
    if not path.is_file():
        raise TrainError(f"no data file {path}")
    try:
        file = h5py.File(path, "r")
    except OSError:
        raise TrainError(f"{path} is not a whole HDF5 file") from None
    with file:
        for key in ("pixels", "action", "ep_len", "ep_offset"):
            if key not in file:
                raise TrainError(f"{path} has no data set '{key}'; it has: {', '.join(file)}")
        if "jepilot" not in file.attrs:
            raise TrainError(f"{path} has no root attribute 'jepilot'")
        # The action after an episode's last frame leads nowhere and may be NaN.
        action = np.nan_to_num(np.asarray(file["action"], np.float32))
        state = np.asarray(file["state"], np.float32) if "state" in file else None
        length, offset = (np.asarray(file[key], np.int64) for key in ("ep_len", "ep_offset"))
        info = json.loads(file.attrs["jepilot"])
        return Episodes(_read_pixels(file["pixels"]), action, state, length, offset, info, file_sha256(path))
