"""Golden vectors: what PyTorch computes on four held-out windows, for the runtime to reproduce."""

import base64
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .export import Trained
from .heldout import HeldOut

WINDOWS, STEPS = 4, 10


def _numbers(tensor: Tensor) -> list:
    """Nested lists with the nine digits that a float32 needs."""
    return np.vectorize(lambda x: float(f"{x:.9g}"), otypes=[float])(tensor.double().numpy()).tolist()


@torch.no_grad()
def golden(trained: Trained, held: HeldOut) -> dict:
    """frames uint8 [B,k,H,W,3], latents [B,D], actions [B,10,A], rollout [B,10,D], goals [B,D], distances [B,B]."""
    run, rng = held.run, held.rng(12)
    at = rng.choice(run.data.frames_of(run.held_out), WINDOWS, replace=False)
    frames = held.windows(at)
    z = trained.world.encoder(frames)
    goals = trained.world.encoder(torch.from_numpy(run.data.goals(at, run.config.history.frames)))
    actions = held.random_actions(WINDOWS, STEPS, rng)
    distances = None
    if trained.metric is not None:
        distances = trained.metric(z.repeat_interleave(WINDOWS, 0), goals.repeat(WINDOWS, 1)).view(WINDOWS, WINDOWS)
    return {
        "format": "jepilot-golden/1",
        "frames": {"shape": list(frames.shape), "base64": base64.b64encode(frames.numpy().tobytes()).decode()},
        "latents": _numbers(z),
        "actions": _numbers(actions),
        "rollout": _numbers(trained.world.predictor.rollout(z, actions)),
        "distances": None if distances is None else _numbers(distances),
        "goals": _numbers(goals),
    }


def write(trained: Trained, held: HeldOut, path: Path) -> None:
    path.write_text(json.dumps(golden(trained, held)) + "\n")
