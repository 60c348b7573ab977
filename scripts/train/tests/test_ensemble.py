import torch

from jepilot_train.config import Ensemble as Settings
from jepilot_train.ensemble import Ensemble, train_ensemble


def test_disagreement_is_the_variance_over_members():
    ensemble = Ensemble(Settings(members=3, hidden=(8,)), 4, 2)
    z, a = torch.randn(5, 4), torch.randn(5, 2)
    each = torch.stack([z + member(torch.cat([z, a], 1)) for member in ensemble.members])
    assert torch.allclose(ensemble(z, a), ((each - each.mean(0)) ** 2).mean(0).mean(1), atol=1e-6)


def test_members_agree_where_the_data_is(start, episodes):
    run = start("ensemble.members=3", "ensemble.steps=200", "ensemble.batch=64", "ensemble.hidden=[32]", "ensemble.learning_rate=1e-2")
    ensemble, _ = train_ensemble(run, episodes.state, "mark")
    at = episodes.frames_of(run.held_out)[:-2]
    z = torch.from_numpy(episodes.state[at])
    action = torch.from_numpy(run.actions[at[:, None] + [0, 1]]).flatten(1)
    error = (ensemble.predictions(z, action).mean(0) - torch.from_numpy(episodes.state[at + 2])).square().mean()
    known, unknown = ensemble(z, action).mean(), ensemble(z + 3, action).mean()
    assert error < 0.01 and unknown > 10 * known
