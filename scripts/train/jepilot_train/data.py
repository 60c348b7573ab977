"""Episodes in memory, pixels kept as uint8; `datasets` reads them."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .errors import TrainError


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
