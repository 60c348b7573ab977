"""Temporal-distance heads on frozen latents: how many model steps from z to g."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def mlp(inputs: int, hidden: tuple[int, ...], outputs: int, norm: bool = True) -> nn.Sequential:
    """Linear, LayerNorm (unless `norm` is false), SiLU for each hidden width, then Linear."""
    layers: list[nn.Module] = []
    for width in hidden:
        layers += [nn.Linear(inputs, width), *([nn.LayerNorm(width)] if norm else []), nn.SiLU()]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, outputs))


def length(difference: Tensor) -> Tensor:
    """Euclidean norm over the last axis, with a zero gradient at zero."""
    return (difference.square().sum(-1) + 1e-12).sqrt()


class EmbeddingMetric(nn.Module):
    """d(z, g) = |phi(z) - psi(g)|; psi is phi unless directed. Goals are embedded once per plan, which makes it cheap.

    Directed heads suit worlds with momentum: going there differs from coming back.
    """

    def __init__(self, config, latent: int):
        super().__init__()
        self.latent = mlp(latent, config.hidden, config.dim)
        self.goal = mlp(latent, config.hidden, config.dim) if config.directed else None

    def forward(self, z: Tensor, g: Tensor) -> Tensor:
        """z [N,D], g [N,D] or one for all [1,D] -> [N]."""
        return length(self.latent(z) - (self.goal or self.latent)(g))


class ProductMetric(nn.Module):
    """d(z, g) = softplus(<phi(z), psi(g)> / sqrt(E) + b): directed by construction (cf. TD-JEPA).

    psi may be far larger than phi: a goal is embedded once per plan, a latent once per candidate and step.
    """

    def __init__(self, config, latent: int):
        super().__init__()
        self.latent = mlp(latent, config.hidden, config.dim)
        self.goal = mlp(latent, config.goal_hidden, config.dim)
        self.bias = nn.Parameter(torch.ones(()))

    def forward(self, z: Tensor, g: Tensor) -> Tensor:
        """z [N,D], g [N,D] or one for all [1,D] -> [N]."""
        product = (self.latent(z) * self.goal(g)).sum(-1)
        return F.softplus(product * self.latent[-1].out_features**-0.5 + self.bias)


class PairMetric(nn.Module):
    """d(z, g) = softplus MLP([z, g]): free of any metric axiom, and the dearest to evaluate."""

    def __init__(self, config, latent: int):
        super().__init__()
        self.net = mlp(2 * latent, config.hidden, 1)

    def forward(self, latent: Tensor, goal: Tensor) -> Tensor:
        """latent [N,D], goal [N,D] or one for all [1,D] -> [N]."""
        return F.softplus(self.net(torch.cat([latent, goal.expand_as(latent)], -1))).squeeze(-1)


KINDS = {"embedding": EmbeddingMetric, "product": ProductMetric, "pair": PairMetric}


def create(config, latent: int) -> nn.Module:
    """The head that the configuration asks for."""
    return KINDS[config.kind](config, latent)
