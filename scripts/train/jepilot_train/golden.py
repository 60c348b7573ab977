"""Golden vectors: what PyTorch computes on four held-out windows, for the runtime to reproduce."""

import base64
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .export import Trained
from .gradient import with_gradient
from .heldout import HeldOut
from .plan_cost import PlanCost

WINDOWS, STEPS = 4, 10


def _numbers(tensor: Tensor) -> list:
    """Nested lists with the nine digits that a float32 needs."""
    return np.vectorize(lambda x: float(f"{x:.9g}"), otypes=[float])(tensor.double().numpy()).tolist()


@torch.no_grad()
def golden(trained: Trained, held: HeldOut) -> dict:
    """frames uint8 [B,k,H,W,3], latents [B,D], actions [B,10,A], rollout [B,10,D], goals [B,D], distances [B,B], and heads'."""
    run, rng = held.run, held.rng(12)
    at = rng.choice(run.data.frames_of(run.held_out), WINDOWS, replace=False)
    frames = held.windows(at)
    z = trained.world.encoder(frames)
    goals = trained.world.encoder(torch.from_numpy(run.data.goals(at, run.config.history.frames)))
    actions = held.random_actions(WINDOWS, STEPS, rng)
    rollout = trained.world.predictor.rollout(z, actions)
    distances = None
    if trained.metric is not None:
        distances = trained.metric(z.repeat_interleave(WINDOWS, 0), goals.repeat(WINDOWS, 1)).view(WINDOWS, WINDOWS)
    return {
        "format": "jepilot-golden/1",
        "frames": {"shape": list(frames.shape), "base64": base64.b64encode(frames.numpy().tobytes()).decode()},
        "latents": _numbers(z),
        "actions": _numbers(actions),
        "rollout": _numbers(rollout),
        "distances": None if distances is None else _numbers(distances),
        "goals": _numbers(goals),
        **_heads(trained, z, goals, torch.cat([z[:, None], rollout[:, :-1]], 1), actions),
        **_gradient(trained, run, z[:1], goals[1:2], actions),
    }


def _heads(trained: Trained, z: Tensor, goals: Tensor, before: Tensor, actions: Tensor) -> dict:
    """Of the heads that there are: `prior` mean and std [B,A] at latent i for goal i; `disagreement` [B,10] about each step of the rollouts."""
    values = {}
    if trained.prior is not None:
        values["prior"] = {name: _numbers(value) for name, value in zip(("mean", "std"), trained.prior(z, goals))}
    if trained.ensemble is not None:
        values["disagreement"] = _numbers(trained.ensemble(before.flatten(0, 1), actions.flatten(0, 1)).view(WINDOWS, STEPS))
    return values


def _gradient(trained: Trained, run, latent: Tensor, goal: Tensor, actions: Tensor) -> dict:
    """Where exported, `gradient`: cost [B] and gradient [B,H,A] of the plans in `actions`, from latent 0 to goal 1.

    A horizon beyond ten steps goes through the actions again.
    """
    if not run.config.gradient.enabled:
        return {}
    plans = actions[:, torch.arange(run.config.planning.horizon) % STEPS]
    both = zip(("cost", "gradient"), with_gradient(PlanCost.of(trained, run), latent, goal, plans))
    return {"gradient": {name: _numbers(value) for name, value in both}}


def write(trained: Trained, held: HeldOut, path: Path) -> None:
    path.write_text(json.dumps(golden(trained, held)) + "\n")
