"""The planner's objective, evaluated outside the planner: latents of N candidates to N costs, smaller is better."""

from collections.abc import Callable

import torch
from torch import Tensor

from .errors import TrainError

Distance = Callable[[Tensor, Tensor], Tensor]  # [M,D], [M,D] -> [M]


def latent_distance(z: Tensor, g: Tensor) -> Tensor:
    """Mean squared difference, [M,D], [M,D] -> [M]."""
    return (z - g).square().mean(-1)


def cost(objective: dict, latents: Tensor, goal: Tensor, metric: Distance | None) -> Tensor:
    """latents [N,H,D], goal [D] or [N,D] -> [N]. A sum over the horizon weighs .3 at the first step up to 1 at the last."""
    kind = objective.get("kind")
    if kind == "weighted":
        return sum(weight * cost(term, latents, goal, metric) for weight, term in objective["terms"])
    if kind not in ("metric", "latent") or objective.get("over") not in ("sum", "terminal"):
        raise TrainError(f"planning.objective: kind is metric, latent or weighted, over is sum or terminal; got {objective}")
    if objective["over"] == "terminal":
        latents = latents[:, -1:]
    count, horizon, _ = latents.shape
    goals = goal.expand(count, -1)[:, None].expand_as(latents)
    distance = metric if kind == "metric" else latent_distance
    steps = distance(latents.flatten(0, 1), goals.flatten(0, 1)).view(count, horizon)
    weights = torch.linspace(0.3, 1, horizon) if horizon > 1 else torch.ones(1)
    return steps @ weights.to(steps)
