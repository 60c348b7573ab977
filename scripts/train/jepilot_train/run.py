"""One run: its configuration, data, split, device and working folder, fixed before anything is trained."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from .config import Config
from .data import Episodes, action_statistics, split
from .errors import TrainError


@dataclass(frozen=True)
class Run:
    config: Config
    data: Episodes
    seed: int
    device: torch.device
    work: Path
    training: np.ndarray  # episode numbers
    held_out: np.ndarray
    action_mean: np.ndarray  # [a], over training data
    action_std: np.ndarray
    actions: np.ndarray  # float32 [T,a], normalised

    @property
    def action_dim(self) -> int:
        """A = f * a."""
        return self.config.data.action_repeat * self.actions.shape[1]


def choose_device(name: str) -> torch.device:
    """auto is CUDA where there is one."""
    if name == "cuda" and not torch.cuda.is_available():
        raise TrainError("--device cuda, but PyTorch finds no CUDA device here")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def prepare(config: Config, data: Episodes, seed: int, device: torch.device, work: Path) -> Run:
    """Split by episode, normalise actions on the training part."""
    if len(data.length) < 2:
        raise TrainError(f"data: {len(data.length)} episode; at least 2 are needed, one of them held out")
    training, held_out = split(len(data.length), config.data.held_out, seed)
    mean, std = action_statistics(data, training)
    work.mkdir(parents=True, exist_ok=True)
    return Run(config, data, seed, device, work, training, held_out, mean, std, (data.action - mean) / std)
