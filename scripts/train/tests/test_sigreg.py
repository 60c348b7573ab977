import pytest
import torch

from jepilot_train.sigreg import sigreg


@pytest.mark.parametrize("batch", [64, 128])
def test_a_gaussian_sits_on_the_floor(batch):
    torch.manual_seed(0)
    values = [sigreg(torch.randn(8, batch, 16), 256) for _ in range(20)]
    assert torch.stack(values).mean().item() == pytest.approx(1.052, abs=0.02)


def test_collapse_costs_in_proportion_to_the_batch():
    assert sigreg(torch.zeros(2, 128, 16)).item() == pytest.approx(0.402 * 128, rel=0.01)


def test_a_wrong_scale_costs():
    torch.manual_seed(0)
    assert sigreg(0.5 * torch.randn(8, 128, 16)).item() == pytest.approx(19.4, rel=0.1)
    assert sigreg(2.0 * torch.randn(8, 128, 16)).item() == pytest.approx(30, rel=0.1)
