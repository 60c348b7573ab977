"""Modules as they are exported: the encoder's normalisation and the product metric's scale and bias folded into the weights."""

import copy

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .encoder import Encoder
from .metric import ProductMetric


def fold_batch_norm(linear: nn.Linear, norm: nn.BatchNorm1d) -> nn.Linear:
    """One linear layer that does both, in evaluation mode."""
    scale = torch.rsqrt(norm.running_var + norm.eps)
    shift = -norm.running_mean * scale
    if norm.affine:
        scale, shift = scale * norm.weight, shift * norm.weight + norm.bias
    folded = nn.Linear(linear.in_features, linear.out_features)
    folded.weight.data = linear.weight * scale[:, None]
    folded.bias.data = linear.bias * scale + shift
    return folded


class FoldedGroupNorm(nn.Module):
    """GroupNorm written as an instance norm over groups, then one scale and shift: fixed shapes but for the batch."""

    def __init__(self, norm: nn.GroupNorm):
        super().__init__()
        self.groups, self.eps = norm.num_groups, norm.eps
        self.scale = nn.Parameter(norm.weight.detach()[:, None, None].clone())
        self.shift = nn.Parameter(norm.bias.detach()[:, None, None].clone())

    def forward(self, x: Tensor) -> Tensor:
        normal = F.instance_norm(x.reshape(-1, self.groups, x[0].numel() // self.groups), eps=self.eps)
        return normal.reshape(-1, *x.shape[1:]) * self.scale + self.shift


class FoldedEncoder(nn.Module):
    """uint8 [B,k,H,W,3] -> latent [B,D], equal to `Encoder` in evaluation mode.

    The first convolution is linear: conv(x / 255 - .5, coordinates) = conv'(x) + a constant map.
    """

    def __init__(self, encoder: Encoder, height: int, width: int):
        super().__init__()
        first = encoder.convolutions[0]
        pictures = first.in_channels - (0 if encoder.grid is None else 2)
        self.scaled = nn.Parameter(first.weight.detach()[:, :pictures] / 255)
        constant = torch.full((1, pictures, height, width), -0.5)
        constant = constant if encoder.grid is None else torch.cat([constant, encoder.grid], 1)
        self.map = nn.Parameter(F.conv2d(constant, first.weight.detach(), first.bias.detach(), 2, 1))
        self.convolutions = encoder.convolutions[1:]
        self.norms = nn.ModuleList(FoldedGroupNorm(n) for n in encoder.norms)
        self.hidden = fold_batch_norm(encoder.hidden, encoder.hidden_norm)
        self.latent = fold_batch_norm(encoder.latent, encoder.latent_norm)

    def forward(self, frames: Tensor) -> Tensor:
        planes = frames.permute(0, 1, 4, 2, 3).flatten(1, 2).float()
        x = F.silu(self.norms[0](F.conv2d(planes, self.scaled, stride=2, padding=1) + self.map))
        for convolution, norm in zip(self.convolutions, self.norms[1:]):
            x = F.silu(norm(convolution(x)))
        return self.latent(F.silu(self.hidden(x.flatten(1))))


def fold_product(metric: ProductMetric) -> tuple[nn.Module, nn.Module]:
    """Two networks D -> E + 1 with d = softplus(<first(z), second(g)>): the coordinate added is 1 for z and the bias for g."""
    scale = metric.latent[-1].out_features**-0.5
    return _widened(metric.latent, 1.0, torch.ones(())), _widened(metric.goal, scale, metric.bias)


def _widened(net: nn.Sequential, scale: float, constant: Tensor) -> nn.Sequential:
    """The network, its output scaled and one constant coordinate appended."""
    *body, last = copy.deepcopy(net)
    wide = nn.Linear(last.in_features, last.out_features + 1)
    wide.weight.data = torch.cat([last.weight * scale, torch.zeros(1, last.in_features)])
    wide.bias.data = torch.cat([last.bias * scale, constant.reshape(1)])
    return nn.Sequential(*body, wide)
