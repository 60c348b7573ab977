"""The training loop that the world model, the metric head and the probe share: schedule, progress, checkpoints, Ctrl-C."""

import math
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from .checkpoint import Checkpoint
from .errors import TrainError

SHOW_EVERY = 10


@dataclass(frozen=True)
class Schedule:
    """AdamW with linear warm-up and cosine to zero."""

    steps: int
    learning_rate: float
    weight_decay: float = 0.0
    warmup: float = 0.0
    clip: float = 1.0
    checkpoint_every: int = 500

    def rate(self, step: int) -> float:
        warm = max(1, round(self.warmup * self.steps))
        if self.warmup and step < warm:
            return self.learning_rate * (step + 1) / warm
        return self.learning_rate * 0.5 * (1 + math.cos(math.pi * step / self.steps))


class Interrupted(Exception):
    """Ctrl-C or SIGTERM arrived; the checkpoint is saved."""


class Stop:
    """While active, Ctrl-C only raises a flag, so that a step is never cut in half."""

    def __enter__(self) -> "Stop":
        self.asked = False
        self.former = {s: signal.signal(s, self._ask) for s in (signal.SIGINT, signal.SIGTERM)}
        return self

    def _ask(self, *_: object) -> None:
        self.asked = True

    def __exit__(self, *_: object) -> None:
        for number, handler in self.former.items():
            signal.signal(number, handler)


def optimiser(module: nn.Module, schedule: Schedule) -> torch.optim.AdamW:
    """AdamW without decay on norms and biases."""
    trained = [p for p in module.parameters() if p.requires_grad]
    groups = [{"params": [p for p in trained if p.ndim > 1], "weight_decay": schedule.weight_decay},
              {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=schedule.learning_rate, betas=(0.9, 0.95))


def _random_state(rng: np.random.Generator) -> dict:
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    return {"numpy": rng.bit_generator.state, "torch": torch.get_rng_state(), "cuda": cuda}


def _restore_random(state: dict, rng: np.random.Generator) -> None:
    rng.bit_generator.state = state["numpy"]
    torch.set_rng_state(state["torch"])
    if state["cuda"] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["cuda"])


class Trainer:
    """Runs `loss` over `module` to the end of the schedule, from wherever the checkpoint stands."""

    def __init__(self, label: str, module: nn.Module, schedule: Schedule, checkpoint: Checkpoint, rng: np.random.Generator):
        self.label, self.module, self.schedule, self.checkpoint, self.rng = label, module, schedule, checkpoint, rng
        self.optimiser = optimiser(module, schedule)
        self.step, self.seconds = 0, 0.0
        if (state := checkpoint.load()) is not None:
            module.load_state_dict(state["module"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.step, self.seconds = state["step"], state["seconds"]
            _restore_random(state["random"], rng)

    def save(self) -> None:
        self.checkpoint.save({"module": self.module.state_dict(), "optimiser": self.optimiser.state_dict(),
                              "step": self.step, "seconds": self.seconds, "random": _random_state(self.rng)})

    def run(self, loss: Callable[[], tuple[Tensor, dict[str, Tensor]]], after: Callable[[], None] = lambda: None) -> float:
        """Train; returns the seconds spent, earlier runs included. `after` follows each step (moving averages)."""
        if self.step >= self.schedule.steps:
            return self.seconds
        bar = tqdm(total=self.schedule.steps, initial=self.step, desc=self.label, unit="step", dynamic_ncols=True)
        with Stop() as stop, bar:
            while self.step < self.schedule.steps:
                self._one(loss, after, bar)
                if stop.asked or self.step == self.schedule.steps or self.step % self.schedule.checkpoint_every == 0:
                    self.save()
                if stop.asked:
                    raise Interrupted(f"{self.label} stopped at step {self.step}; the same command goes on from there")
        return self.seconds

    def _one(self, loss: Callable, after: Callable, bar: tqdm) -> None:
        began = time.monotonic()
        for group in self.optimiser.param_groups:
            group["lr"] = self.schedule.rate(self.step)
        value, terms = loss()
        self.optimiser.zero_grad(set_to_none=True)
        value.backward()
        nn.utils.clip_grad_norm_(self.module.parameters(), self.schedule.clip)
        self.optimiser.step()
        after()
        self.step += 1
        self.seconds += time.monotonic() - began
        if self.step % SHOW_EVERY == 0:  # reading a value waits for the device, so not at every step
            if not math.isfinite(value.item()):
                raise TrainError(f"{self.label}: the loss is not finite at step {self.step}; lower the learning rate")
            bar.set_postfix({k: f"{v.item():.3g}" for k, v in terms.items()}, refresh=False)
        bar.update()
