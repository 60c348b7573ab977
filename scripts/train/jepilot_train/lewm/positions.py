"""The predictor taken apart: what an action means, and each position of the window, so that a planner computes no part twice.

A window's position sees itself and those before it (causal attention), so what it passes on, its keys and values, is the
same whatever follows. Positions are learned, so nothing can be kept when the window slides.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .fold import after_norm, linear, projector

MODULATIONS = ("shift1", "scale1", "gate1", "shift2", "scale2", "gate2")


def gelu(x: Tensor) -> Tensor:
    """The exact GELU in the form that ONNX Runtime recognises and runs as one operator."""
    return x * (torch.erf(x / math.sqrt(2)) + 1) * 0.5


class ActionCode(nn.Module):
    """action [N,A] -> the modulations of every block, each [N,D]; scales with their 1 in."""

    def __init__(self, model: nn.Module):
        super().__init__()
        transformer = model.predictor.transformer
        self.encoder, self.projection = model.action_encoder, transformer.cond_proj
        self.blocks = nn.ModuleList(block.adaLN_modulation for block in transformer.layers)

    @property
    def names(self) -> list[str]:
        return [f"{block}.{name}" for block in range(len(self.blocks)) for name in MODULATIONS]

    def forward(self, action: Tensor) -> tuple[Tensor, ...]:
        code = self.projection(self.encoder(action[:, None]))[:, 0]
        parts = [part for block in self.blocks for part in block(code).chunk(len(MODULATIONS), -1)]
        return tuple(1 + part if "scale" in name else part for name, part in zip(self.names, parts))


class Block(nn.Module):
    """One AdaLN block for one position at a time, the affine parts of its inner norms folded."""

    def __init__(self, block: nn.Module):
        super().__init__()
        attention, mlp = block.attn, block.mlp.net
        whole = after_norm(attention.norm, attention.to_qkv)
        inner = attention.to_qkv.out_features // 3
        self.heads, self.scale = attention.heads, attention.scale
        self.query = linear(whole.weight[:inner].double() * self.scale, whole.bias[:inner].double() * self.scale)
        self.key = linear(whole.weight[inner : 2 * inner], whole.bias[inner : 2 * inner])
        self.value = linear(whole.weight[2 * inner :], whole.bias[2 * inner :])
        self.out = attention.to_out[0] if isinstance(attention.to_out, nn.Sequential) else nn.Identity()
        self.up, self.down = after_norm(mlp[0], mlp[1]), mlp[4]
        self.eps1, self.eps2 = (block.norm1.eps, attention.norm.eps), (block.norm2.eps, mlp[0].eps)

    def modulated(self, x: Tensor, scale: Tensor, shift: Tensor, eps: tuple[float, float]) -> Tensor:
        width = x.shape[-1:]
        return F.layer_norm(F.layer_norm(x, width, eps=eps[0]) * scale + shift, width, eps=eps[1])

    def attend(self, h: Tensor, keys: list[Tensor], values: list[Tensor]) -> Tensor:
        """h [N,D], keys and values of this position and those before, each [N,I] -> [N,I]."""
        if len(keys) == 1:
            return values[0]
        split = lambda x: x.unflatten(-1, (self.heads, -1))  # noqa: E731
        query = split(self.query(h))
        weights = torch.stack([(query * split(key)).sum(-1) for key in keys], -1).softmax(-1)
        parts = [weights[..., i, None] * split(value) for i, value in enumerate(values)]
        return sum(parts[1:], parts[0]).flatten(-2)

    def forward(self, x: Tensor, code: dict[str, Tensor], past: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        h = self.modulated(x, code["scale1"], code["shift1"], self.eps1)
        key, value = self.key(h), self.value(h)
        keys, values = [k for k, _ in past] + [key], [v for _, v in past] + [value]
        x = x + code["gate1"] * self.out(self.attend(h, keys, values))
        h = self.modulated(x, code["scale2"], code["shift2"], self.eps2)
        return x + code["gate2"] * self.down(gelu(self.up(h))), (key, value)


class Window(nn.Module):
    """All positions of a window, each from its latent, its action's code, and what the positions before it pass on."""

    def __init__(self, model: nn.Module, code_names: list[str]):
        super().__init__()
        predictor = model.predictor
        transformer = predictor.transformer
        self.positions, self.code_names = predictor.num_frames, code_names
        self.register_buffer("embedding", predictor.pos_embedding.detach()[0])
        self.input = transformer.input_proj
        self.blocks = nn.ModuleList(Block(block) for block in transformer.layers)
        whole = isinstance(transformer.output_proj, nn.Identity)
        self.head = projector(model.pred_proj, transformer.norm) if whole else nn.Sequential(transformer.norm, transformer.output_proj, projector(model.pred_proj))

    @property
    def passed(self) -> list[str]:
        """What a position passes on, by name."""
        return [f"{block}.{kind}" for block in range(len(self.blocks)) for kind in ("key", "value")]

    def inputs(self) -> list[str]:
        latents = [f"latent.{p}" for p in range(self.positions)]
        codes = [f"code.{p}.{name}" for p in range(self.positions) for name in self.code_names]
        return latents + codes + [f"past.{p}.{name}" for p in range(self.positions - 1) for name in self.passed]

    def outputs(self) -> list[str]:
        presents = [f"present.{p}.{name}" for p in range(self.positions - 1) for name in self.passed]
        return [f"next.{p}" for p in range(self.positions)] + presents

    def at(self, position: int, given: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        x = self.input(given[f"latent.{position}"] + self.embedding[position])
        presents = {}
        for i, block in enumerate(self.blocks):
            code = {name: given[f"code.{position}.{i}.{name}"] for name in MODULATIONS}
            past = [(given[f"past.{p}.{i}.key"], given[f"past.{p}.{i}.value"]) for p in range(position)]
            x, (presents[f"{i}.key"], presents[f"{i}.value"]) = block(x, code, past)
        return self.head(x), presents

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        named = dict(zip(self.inputs(), given, strict=True))
        nexts, passed = [], []
        for position in range(self.positions):
            following, presents = self.at(position, named)
            nexts.append(following)
            if position < self.positions - 1:
                passed += [presents[name] for name in self.passed]
        return (*nexts, *passed)
