"""Thresholds for what a runtime watches, from held-out episodes: fixed on one half of them, their error rates measured on the other."""

import numpy as np
import torch
from torch import Tensor

from .arrival import reached
from .clips import starts
from .export import Trained
from .heldout import HeldOut

QUANTILE = 0.995
CLIPS, TELEPORTS = 8192, 512
AWAY = 20  # control steps: how far in time a teleported frame comes from at least


def halves(held: HeldOut) -> tuple[np.ndarray, np.ndarray] | None:
    """Two disjoint halves of the held-out episodes that have room for a model step; None of fewer than two."""
    run = held.run
    usable = run.held_out[run.data.length[run.held_out] > run.config.data.action_repeat]
    if len(usable) < 2:
        return None
    order = held.rng(31).permutation(usable)
    return np.sort(order[: len(order) // 2]), np.sort(order[len(order) // 2 :])


def calibrate(trained: Trained, held: HeldOut) -> dict[str, dict[str, float]]:
    """`surprise`, and `disagreement` and `reached` of the heads that there are; empty where fewer than two episodes are held out."""
    both = halves(held)
    if both is None:
        return {}
    with torch.no_grad():
        values = {"surprise": _surprise(trained, held, *both)}
        if trained.ensemble is not None:
            values["disagreement"] = _disagreement(trained, held, *both)
        if trained.metric is not None and (arrival := reached(trained.metric, held, *both)):
            values["reached"] = arrival
    return values


def _moments(held: HeldOut, episodes: np.ndarray, purpose: int) -> np.ndarray:
    """Frames [n] with a model step to come."""
    possible = starts(held.run.data, episodes, held.run.config.data.action_repeat)
    return held.rng(purpose).permutation(possible)[:CLIPS]


def surprises(trained: Trained, held: HeldOut, at: np.ndarray, seen: Tensor | None = None) -> Tensor:
    """Mean squared difference [n] between the latents one model step after `at` [n], or those `seen` instead, and their prediction."""
    predicted = trained.world.predictor(held.latents(at), held.actions(at, 1)[:, 0])
    after = held.latents(at + held.run.config.data.action_repeat) if seen is None else seen
    return (predicted - after).square().mean(-1)


def _surprise(trained: Trained, held: HeldOut, fit: np.ndarray, test: np.ndarray) -> dict[str, float]:
    threshold = torch.quantile(surprises(trained, held, _moments(held, fit, 32)), QUANTILE).item()
    at = _moments(held, test, 33)
    jumped, latents = _teleported(trained, held, test)
    return {"threshold": threshold,
            "falseAlarmRate": _above(surprises(trained, held, at), threshold),
            "teleportDetection": _above(surprises(trained, held, jumped, latents), threshold)}


def _teleported(trained: Trained, held: HeldOut, episodes: np.ndarray) -> tuple[np.ndarray, Tensor]:
    """Frames [n], and the latents [n,D] one model step later if the newest picture then is another one of their episode.

    That one is at least 20 control steps away in time, or half the episode where that is less. Pictures before the newest stay
    as they were: an object jumps, the window does not.
    """
    data, repeat, rng = held.run.data, held.run.config.data.action_repeat, held.rng(34)
    at = rng.permutation(starts(data, episodes, repeat))[:TELEPORTS]
    then, first, last = at + repeat, data.first[at], data.last[at]
    other = rng.integers(first, last + 1)
    away = np.minimum(AWAY, (last - first + 1) // 2)
    end = np.where(then - first > last - then, first, last)  # one end of the episode always is far enough
    other = np.where(np.abs(other - then) >= away, other, end)
    windows = held.windows(then)
    windows[:, -1] = torch.from_numpy(data.pixels[other])
    return at, torch.cat([trained.world.encoder(part) for part in windows.split(128)])


def _disagreement(trained: Trained, held: HeldOut, fit: np.ndarray, test: np.ndarray) -> dict[str, float]:
    """Of the actions that the data took: the runtime judges plans by the same measure."""
    values = [trained.ensemble(held.latents(at), held.actions(at, 1)[:, 0]) for at in (_moments(held, fit, 35), _moments(held, test, 36))]
    threshold = torch.quantile(values[0], QUANTILE).item()
    return {"threshold": threshold, "falseAlarmRate": _above(values[1], threshold)}


def _above(values: Tensor, threshold: float) -> float:
    return (values > threshold).float().mean().item()
