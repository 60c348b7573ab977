"""The encoder: a window of pictures to a latent, [B,k,H,W,3] uint8 -> [B,D]."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def coordinates(height: int, width: int) -> Tensor:
    """Two channels with y and x in [-1, 1] (CoordConv, arXiv 1807.03247): [1,2,H,W]."""
    grid = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
    return torch.stack(grid)[None]


class Encoder(nn.Module):
    """Strided convolutions, then 256 -> D, ending in a BatchNorm without scale.

    No global pooling, so position survives. The last layer is a BatchNorm, not a LayerNorm: a LayerNorm fixes the
    norm of each latent and so stands in the way of SIGReg's isotropic Gaussian (LeWorldModel, arXiv 2603.19312).
    """

    def __init__(self, config, history: int, height: int, width: int):
        super().__init__()
        channels, inputs = config.channels, 3 * history + 2 * config.coordinates
        self.convolutions = nn.ModuleList(
            nn.Conv2d(i, o, 4, stride=2, padding=1) for i, o in zip((inputs, *channels), channels)
        )
        self.norms = nn.ModuleList(nn.GroupNorm(8 if c % 8 == 0 else 1, c) for c in channels)
        flat = channels[-1] * (height >> len(channels)) * (width >> len(channels))
        self.hidden, self.hidden_norm = nn.Linear(flat, config.hidden), nn.BatchNorm1d(config.hidden)
        self.latent, self.latent_norm = nn.Linear(config.hidden, config.latent), nn.BatchNorm1d(config.latent, affine=False)
        self.register_buffer("grid", coordinates(height, width) if config.coordinates else None, persistent=False)
        self.bf16 = False  # set by the trainer: convolutions in bfloat16, everything after them in float32

    def forward(self, frames: Tensor) -> Tensor:
        """uint8 [B,k,H,W,3] -> float32 [B,D]."""
        with torch.autocast(frames.device.type, torch.bfloat16, enabled=self.bf16):
            x = self._trunk(self._planes(frames))
        return self.project(x.float().flatten(1))

    def project(self, x: Tensor) -> Tensor:
        """Flattened maps [B,flat] -> latents [B,D], in float32."""
        return self.latent_norm(self.latent(F.silu(self.hidden_norm(self.hidden(x)))))

    def _planes(self, frames: Tensor) -> Tensor:
        # Transpose while the values are still bytes: a third of the memory traffic of doing it in floats.
        x = frames.permute(0, 1, 4, 2, 3).flatten(1, 2).contiguous()
        x = x.to(torch.bfloat16 if self.bf16 else torch.float32) / 255 - 0.5
        if self.grid is None:
            return x
        return torch.cat([x, self.grid.to(x.dtype).expand(len(x), -1, -1, -1)], 1)

    def _trunk(self, x: Tensor) -> Tensor:
        for convolution, norm in zip(self.convolutions, self.norms):
            x = F.silu(norm(convolution(x)))
        return x
