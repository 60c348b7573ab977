"""The planner's objective, evaluated outside the planner: N imagined plans to N costs, smaller is better."""

from collections.abc import Callable

import torch
from torch import Tensor

from .errors import TrainError

Distance = Callable[[Tensor, Tensor], Tensor]  # [M,D], [M,D] or one goal for all [1,D] -> [M]


def check(objective: dict, metric: bool, ensemble: bool) -> None:
    """Refuse an objective that the runtime would not take, before anything is trained for it."""
    match objective:
        case {"kind": "weighted", "terms": list(terms), **rest} if not rest:
            for term in terms:
                if not (isinstance(term, list) and len(term) == 2 and isinstance(term[1], dict)):
                    raise TrainError(f"planning.objective: a term is [weight, objective], got {term}")
                check(term[1], metric, ensemble)
        case {"kind": "metric" | "latent" as kind, "over": "sum" | "terminal", **rest} if not rest:
            if kind == "metric" and not metric:
                raise TrainError("planning.objective uses 'metric' while metric.kind is 'none'")
        case {"kind": "disagreement", **rest} if not rest:
            if not ensemble:
                raise TrainError("planning.objective uses 'disagreement' while ensemble.members is 0")
        case {"kind": "actionChange", **rest} if not rest:
            pass
        case _:
            kinds = "metric, latent (over: sum or terminal), disagreement, actionChange or weighted"
            raise TrainError(f"planning.objective: kind is {kinds}, got {objective}")


def uses(objective: dict, kind: str) -> bool:
    """Whether an objective has a term of some kind."""
    return objective["kind"] == kind or any(uses(term, kind) for _, term in objective.get("terms", []))


def latent_distance(z: Tensor, g: Tensor) -> Tensor:
    """Mean squared difference, [M,D], [M,D] or [1,D] -> [M]."""
    return (z - g).square().mean(-1)


def step_weights(horizon: int) -> Tensor:
    """Weights of a summed objective [H]: rising from .3 to 1, scaled to sum to one, as the runtime has them."""
    rising = torch.linspace(0.3, 1, horizon) if horizon > 1 else torch.ones(1)
    return rising / rising.sum()


def cost(objective: dict, latents: Tensor, goal: Tensor, metric: Distance | None, actions: Tensor, doubt: Tensor | None = None) -> Tensor:
    """latents [N,H,D], goal [D], actions [N,H*f,a] normalised raw actions in order, the ensemble's disagreement [N,H] -> [N]."""
    if objective["kind"] == "weighted":
        return sum(weight * cost(term, latents, goal, metric, actions, doubt) for weight, term in objective["terms"])
    if objective["kind"] == "disagreement":
        return doubt.mean(1)
    if objective["kind"] == "actionChange":
        return actions.diff(dim=1).square().mean((1, 2))
    distance = metric if objective["kind"] == "metric" else latent_distance
    steps = distance(latents.flatten(0, 1), goal[None]).view(latents.shape[:2])
    return steps[:, -1] if objective["over"] == "terminal" else steps @ step_weights(latents.shape[1]).to(steps)
