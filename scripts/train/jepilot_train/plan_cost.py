"""The planning objective of imagined plans, from one latent to one goal: for diagnostics, parity and the gradient graph."""

from typing import Any

import torch
from torch import Tensor, nn

from .objective import cost, uses


class PlanCost(nn.Module):
    """What a model's own objective says of N plans. The predictor, the heads: modules, or the graphs made of them."""

    def __init__(self, objective: dict, predictor: Any, metric: Any, ensemble: Any, action: int):
        super().__init__()
        self.objective, self.predictor, self.metric, self.ensemble, self.action = objective, predictor, metric, ensemble, action

    @classmethod
    def of(cls, trained, run) -> "PlanCost":
        """That of a trained model, as its run has configured it."""
        return cls(run.config.planning.objective, trained.world.predictor, trained.metric, trained.ensemble, run.actions.shape[1])

    def forward(self, latent: Tensor, goal: Tensor, actions: Tensor) -> Tensor:
        """latent [1,D], goal [1,D], normalised actions [N,H,A] -> cost [N]."""
        start = latent.expand(actions.shape[0], -1)
        imagined = self.predictor.rollout(start, actions)
        doubt = None
        if uses(self.objective, "disagreement"):
            before = torch.cat([start[:, None], imagined[:, :-1]], 1)
            doubt = self.ensemble(before.flatten(0, 1), actions.flatten(0, 1)).view(actions.shape[:2])
        return cost(self.objective, imagined, goal[0], self.metric, actions.reshape(actions.shape[0], -1, self.action), doubt)
