"""The predictor: one model step in latent space, ([N,D], [N,A]) -> [N,D]."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Block(nn.Module):
    """A residual MLP whose LayerNorm is modulated by the action (AdaLN-zero, DiT, arXiv 2212.09748)."""

    def __init__(self, width: int, hidden: int, dropout: float):
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.up, self.down = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, h: Tensor, scale: Tensor, shift: Tensor, gate: Tensor) -> Tensor:
        """All [N,width] -> [N,width]."""
        inner = F.silu(self.up(self.norm(h) * scale + shift))
        return h + gate * self.down(self.dropout(inner))


class Predictor(nn.Module):
    """z' = z + P(LN z, e(a)): a residual step, so that standing still is the easy function."""

    def __init__(self, config, latent: int, action: int):
        super().__init__()
        width, code = config.width, config.action_code
        self.norm, self.input = nn.LayerNorm(latent), nn.Linear(latent, width)
        self.action_code = nn.Sequential(nn.Linear(action, code), nn.SiLU(), nn.Linear(code, code), nn.SiLU())
        # One product gives scale, shift and gate of every block; it depends on the action alone.
        self.modulation = nn.Linear(code, 3 * config.depth * width)
        self.blocks = nn.ModuleList(Block(width, config.hidden, config.dropout) for _ in range(config.depth))
        self.output_norm, self.output = nn.LayerNorm(width), nn.Linear(width, latent)
        self._start_as_identity(config.depth, width)

    def _start_as_identity(self, depth: int, width: int) -> None:
        nn.init.zeros_(self.modulation.weight)
        bias = torch.zeros(3 * depth, width)
        bias[::3] = 1  # scale; held in the bias so that the graph needs no 1 + scale
        self.modulation.bias.data = bias.flatten()
        nn.init.zeros_(self.output.bias)
        nn.init.normal_(self.output.weight, std=1e-2)

    def forward(self, latent: Tensor, action: Tensor) -> Tensor:
        """latent [N,D], normalised action block [N,A] -> next latent [N,D]."""
        h = self.input(self.norm(latent))
        parts = self.modulation(self.action_code(action)).chunk(3 * len(self.blocks), -1)
        for i, block in enumerate(self.blocks):
            h = block(h, *parts[3 * i : 3 * i + 3])
        return latent + self.output(self.output_norm(h))

    def rollout(self, latent: Tensor, actions: Tensor) -> Tensor:
        """latent [N,D], actions [N,H,A] -> the H latents that follow, [N,H,D]."""
        steps = []
        for t in range(actions.shape[1]):
            latent = self(latent, actions[:, t])
            steps.append(latent)
        return torch.stack(steps, 1)
