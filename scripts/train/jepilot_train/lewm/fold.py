"""Affine parts of normalisations folded into the linear layers that follow, in float64."""

import torch
from torch import Tensor, nn


def linear(weight: Tensor, bias: Tensor | None) -> nn.Linear:
    """A float32 layer with these numbers."""
    layer = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    layer.weight.data = weight.float().contiguous()
    if bias is not None:
        layer.bias.data = bias.float()
    return layer


def after_norm(norm: nn.LayerNorm, layer: nn.Linear) -> nn.Linear:
    """`layer(norm(x))` is the result on x normalised without affine parameters."""
    weight = layer.weight.double()
    bias = layer.bias.double() if layer.bias is not None else 0
    return linear(weight * norm.weight.double(), bias + weight @ norm.bias.double())


def before_batch_norm(layer: nn.Linear, norm: nn.BatchNorm1d) -> nn.Linear:
    """The result is `norm(layer(x))` with the running statistics."""
    scale = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
    bias = layer.bias.double() if layer.bias is not None else 0
    return linear(layer.weight.double() * scale[:, None], (bias - norm.running_mean.double()) * scale + norm.bias.double())


def projector(module: nn.Module, norm: nn.LayerNorm | None = None) -> nn.Module:
    """`module(norm(x))` without batch normalisation: a projector's Linear, norm, activation, Linear; anything else stays whole."""
    net = getattr(module, "net", None)
    if not isinstance(net, nn.Sequential) or not isinstance(net[0], nn.Linear):
        return module if norm is None else nn.Sequential(norm, module)
    first, rest = net[0], list(net[1:])
    if isinstance(rest[0], nn.BatchNorm1d):
        first, rest = before_batch_norm(first, rest[0]), rest[1:]
    if norm is None:
        return nn.Sequential(first, *rest)
    bare = nn.LayerNorm(norm.normalized_shape, eps=norm.eps, elementwise_affine=False)
    return nn.Sequential(bare, after_norm(norm, first), *rest)
