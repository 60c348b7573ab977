"""Held-out material for diagnostics, parity and golden vectors: latents, true action blocks, random actions."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from .clips import blocks, starts
from .errors import TrainError
from .temporal_distance import at_rest


@dataclass(frozen=True)
class HeldOut:
    """Latents z and goal latents g of the whole data set [T,D], and where held-out trajectories may be cut."""

    run: object
    z: np.ndarray
    g: np.ndarray

    def rng(self, purpose: int) -> np.random.Generator:
        return np.random.default_rng([self.run.seed, purpose])

    @cached_property
    def rest(self) -> np.ndarray:
        """Frames [T] that the metric head was taught as goals."""
        still = at_rest(self.z, self.g, self.run.config.metric.still)
        return np.ones(len(self.z), bool) if still is None else still

    def trajectories(self, count: int, steps: int, rng: np.random.Generator, arriving: bool = False) -> np.ndarray:
        """Flat indices [n,steps+1] of frames one model step apart, n <= count; `arriving`: the last one may be a goal."""
        repeat = self.run.config.data.action_repeat
        at = starts(self.run.data, self.run.held_out, steps * repeat)
        if arriving:
            at = at[self.rest[at + steps * repeat]]
        if not len(at):
            raise TrainError(f"data: no held-out episode is {steps} model steps ({steps * repeat} control steps) long")
        chosen = rng.choice(at, min(count, len(at)), replace=False)
        return chosen[:, None] + np.arange(steps + 1) * repeat

    def longest(self, most: int) -> int:
        """Model steps in the longest held-out episode, at most `most`."""
        return min(most, int(self.run.data.length[self.run.held_out].max() - 1) // self.run.config.data.action_repeat)

    def actions(self, at: np.ndarray, steps: int) -> Tensor:
        """True normalised action blocks from frames `at` [n]: [n,steps,A]."""
        return torch.from_numpy(blocks(self.run.actions, at, steps, self.run.config.data.action_repeat))

    def windows(self, at: np.ndarray) -> Tensor:
        """The pictures behind the latents of frames `at` [n]: uint8 [n,k,H,W,3]."""
        history = self.run.config.history
        return torch.from_numpy(self.run.data.windows(at, history.frames, history.stride))

    def latents(self, at: np.ndarray) -> Tensor:
        return torch.from_numpy(self.z[at])

    def goal_latents(self, at: np.ndarray) -> Tensor:
        return torch.from_numpy(self.g[at])

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Raw action bounds [a] that the data states, or else those that it shows."""
        info, action = self.run.data.info, self.run.data.action
        low, high = info.get("actionMinimum"), info.get("actionMaximum")
        return (np.asarray(action.min(0) if low is None else low, np.float32), np.asarray(action.max(0) if high is None else high, np.float32))

    def random_actions(self, count: int, steps: int, rng: np.random.Generator) -> Tensor:
        """Uniform raw actions, one per model step and held, normalised: [count,steps,A]."""
        low, high = self.bounds()
        raw = rng.uniform(low, high, (count, steps, len(low))).astype(np.float32)
        normal = (raw - self.run.action_mean) / self.run.action_std
        return torch.from_numpy(np.tile(normal, (1, 1, self.run.config.data.action_repeat)).astype(np.float32))
