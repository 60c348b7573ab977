"""Temporal-distance heads on frozen latents: how many model steps from z to g."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def mlp(inputs: int, hidden: tuple[int, ...], outputs: int) -> nn.Sequential:
    """Linear, LayerNorm, SiLU for each hidden width, then Linear."""
    layers: list[nn.Module] = []
    for width in hidden:
        layers += [nn.Linear(inputs, width), nn.LayerNorm(width), nn.SiLU()]
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
        """z [N,D], g [N,D] -> [N]."""
        return length(self.latent(z) - (self.goal or self.latent)(g))


class PairMetric(nn.Module):
    """d(z, g) = softplus MLP([z, g]): free of any metric axiom, and the dearest to evaluate."""

    def __init__(self, config, latent: int):
        super().__init__()
        self.net = mlp(2 * latent, config.hidden, 1)

    def forward(self, latent: Tensor, goal: Tensor) -> Tensor:
        """latent [N,D], goal [N,D] -> [N]."""
        return F.softplus(self.net(torch.cat([latent, goal], -1))).squeeze(-1)


def create(config, latent: int) -> nn.Module:
    """The head that the configuration asks for."""
    return (PairMetric if config.kind == "pair" else EmbeddingMetric)(config, latent)
