"""Affine parts folded into the layers behind them change nothing; the sliding window sees what it should."""

import torch
from torch import nn

from jepilot_train.lewm.fold import after_norm, before_batch_norm, projector
from jepilot_train.lewm.world import slide


def settled(norm: nn.Module) -> nn.Module:
    """With parameters and statistics away from where they start."""
    norm.weight.data.uniform_(0.5, 1.5)
    norm.bias.data.normal_()
    if isinstance(norm, nn.BatchNorm1d):
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
    return norm.eval()


def test_layer_norm_folds_into_the_layer_behind():
    norm, layer = settled(nn.LayerNorm(6)), nn.Linear(6, 4, bias=False)
    x = torch.randn(5, 6)
    bare = nn.functional.layer_norm(x, (6,), eps=norm.eps)
    torch.testing.assert_close(after_norm(norm, layer)(bare), layer(norm(x)))


def test_batch_norm_folds_into_the_layer_before():
    layer, norm = nn.Linear(6, 4), settled(nn.BatchNorm1d(4))
    x = torch.randn(5, 6)
    torch.testing.assert_close(before_batch_norm(layer, norm)(x), norm(layer(x)))


def test_a_projector_behind_a_norm_is_the_same_folded():
    head = nn.Module()
    head.net = nn.Sequential(nn.Linear(6, 8), settled(nn.BatchNorm1d(8)), nn.GELU(), nn.Linear(8, 3))
    norm, x = settled(nn.LayerNorm(6)), torch.randn(5, 6)
    torch.testing.assert_close(projector(head, norm)(x), head.net(norm(x)))


def test_a_window_fills_and_slides():
    seen = []

    def step(latents, actions):
        seen.append((latents.shape[1], actions[0, :, 0].tolist()))
        return latents[:, -1] + 1

    actions = torch.arange(5.0)[None, :, None]
    steps = slide(step, torch.zeros(1, 1), actions, context=3)
    assert steps[0, :, 0].tolist() == [1, 2, 3, 4, 5]
    assert seen == [(1, [0]), (2, [0, 1]), (3, [0, 1, 2]), (3, [1, 2, 3]), (3, [2, 3, 4])]
