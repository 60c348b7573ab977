"""The planning objective and its gradient with respect to the actions, as one graph: ONNX differentiates nothing by itself."""

import torch
from torch import Tensor, nn
from torch.fx.experimental.proxy_tensor import make_fx

from .plan_cost import PlanCost


def with_gradient(plan_cost: PlanCost, latent: Tensor, goal: Tensor, actions: Tensor) -> tuple[Tensor, Tensor]:
    """latent [1,D], goal [1,D], normalised actions [N,H,A] -> cost [N] and its gradient [N,H,A].

    Plans do not touch one another, so the gradient of their sum holds each one's own.
    """
    with torch.enable_grad():
        actions = actions.detach().requires_grad_()
        value = plan_cost(latent, goal, actions)
        (gradient,) = torch.autograd.grad(value.sum(), actions)
    return value.detach(), gradient


def trace(plan_cost: PlanCost, latent: int, action: int, horizon: int) -> tuple[nn.Module, dict[str, Tensor]]:
    """The forward and backward operations in one flat module of core operators, and inputs to export it with."""
    widths = [m.out_features for m in plan_cost.modules() if isinstance(m, nn.Linear)]
    # Tracing takes sizes that are equal for the same size, so the number of plans must equal no other.
    plans = 1 + max(latent, horizon * action, *widths)
    inputs = {"latent": torch.randn(1, latent), "goal": torch.randn(1, latent), "actions": torch.randn(plans, horizon, action)}
    record = make_fx(lambda z, g, a: with_gradient(plan_cost, z, g, a), decomposition_table=torch.export.default_decompositions(),
                     tracing_mode="symbolic", _allow_non_fake_inputs=True)
    return record(*inputs.values()), inputs
