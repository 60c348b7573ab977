import pytest
import torch

from jepilot_train.objective import cost, step_weights

latents, goal, actions = torch.tensor([[[0.0], [2.0]], [[1.0], [1.0]]]), torch.zeros(1), torch.tensor([[[0.0], [1.0]], [[1.0], [1.0]]])
METRIC, LATENT = {"kind": "metric", "over": "sum"}, {"kind": "latent", "over": "terminal"}


def value(objective):
    return cost(objective, latents, goal, lambda z, g: (z - g).abs().sum(-1), actions).tolist()


def test_weights_rise_and_sum_to_one():
    assert step_weights(3).tolist() == pytest.approx([0.3 / 1.95, 0.65 / 1.95, 1 / 1.95])
    assert step_weights(1).tolist() == [1]


def test_objectives_and_their_sum():
    assert value(METRIC) == pytest.approx([2 / 1.3, 1])
    assert value(LATENT) == [4, 1]
    assert value({"kind": "actionChange"}) == [1, 0]
    assert cost({"kind": "disagreement"}, latents, goal, None, actions, torch.tensor([[1.0, 3.0], [0.0, 0.0]])).tolist() == [2, 0]
    assert value({"kind": "weighted", "terms": [[1.0, METRIC], [2.0, LATENT]]}) == pytest.approx([2 / 1.3 + 8, 3])
