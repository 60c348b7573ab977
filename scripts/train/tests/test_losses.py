import pytest
import torch

from jepilot_train.losses import prediction, straightness, world_model_loss
from jepilot_train.model import WorldModel


class Shift:
    """z' = z + a."""

    def __call__(self, z, a):
        return z + a


def test_a_perfect_predictor_has_no_loss_over_any_rollout():
    actions = torch.randn(5, 6, 3)
    z = torch.cat([torch.zeros(5, 1, 3), actions.cumsum(1)], 1)
    for steps in (1, 3, 6):
        assert prediction(Shift(), z, actions, steps).item() == pytest.approx(0, abs=1e-10)
    assert prediction(Shift(), z, actions.roll(1, 1), 3).item() > 0.1


def test_straight_lines_are_straight():
    line = torch.arange(5.0)[None, :, None] * torch.randn(4, 1, 3)
    assert straightness(line).item() == pytest.approx(0, abs=1e-5)
    assert straightness(torch.randn(64, 5, 8)).item() > 1


def test_terms_are_the_configured_ones_and_reach_the_encoder(tiny):
    torch.manual_seed(0)
    config = tiny("loss.smooth=0.1", "loss.action=0.0")
    model = WorldModel(config, 16, 16, 4)
    frames = torch.randint(0, 256, (8, 4, 1, 16, 16, 3), dtype=torch.uint8)
    loss, terms = world_model_loss(model, frames, torch.randn(8, 3, 4), config.loss)
    loss.backward()
    assert set(terms) == {"pred", "sigreg", "straight", "smooth"}
    assert model.encoder.convolutions[0].weight.grad.abs().sum() > 0
