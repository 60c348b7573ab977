"""On the moving dot with its own position as latent: the way from z to g in one model step tells the mean action."""

import numpy as np
import pytest
import torch

from jepilot_train.config import Prior as Settings
from jepilot_train.prior import HIGH, LOW, HindsightSampler, Prior, surprisal, train_prior


def test_the_prior_points_the_way_and_knows_how_surely(start, episodes):
    run = start("prior.steps=300", "prior.batch=128", "prior.hidden=[32]", "prior.ahead=1", "prior.learning_rate=1e-2")
    prior, seconds = train_prior(run, episodes.state, episodes.state, "mark")
    at = episodes.frames_of(run.held_out)[:-2]
    z, g = (torch.from_numpy(episodes.state[i]) for i in (at, at + 2))
    mean, std = prior(z, g)
    blocks = torch.from_numpy(np.concatenate([run.actions[at], run.actions[at + 1]], 1))
    assert surprisal(mean, std, blocks).mean() < 0.3 < 0.4 < surprisal(torch.zeros(1), torch.ones(1), blocks).mean()
    way = (g - z)[:, 0]
    assert np.corrcoef(mean[:, 0] + mean[:, 2], way)[0, 1] > 0.8  # step-major: x of the first action, x of the second
    assert seconds > 0 and not any(p.requires_grad for p in prior.parameters())


def test_the_spread_is_bounded():
    _, std = Prior(Settings(hidden=(8,)), 4, 6)(1e4 * torch.randn(50, 4), torch.randn(50, 4))
    assert std.shape == (50, 6) and std.min() >= np.exp(LOW) * 0.999 and std.max() <= np.exp(HIGH) * 1.001


@pytest.mark.parametrize("draw", ["uniform", "geometric"])
def test_goals_lie_ahead_in_the_same_episode(episodes, draw):
    sampler = HindsightSampler(episodes, np.array([1, 4]), Settings(ahead=3, draw=draw), 2, np.random.default_rng(0))
    at, goal = sampler.sample(2000)
    assert (goal > at).all() and (goal - at).max() == 6 and (goal - at).min() == 1
    assert (goal <= episodes.last[at]).all() and set(np.unique(episodes.first[at])) == {31, 124}
    assert (at + 2 <= episodes.last[at]).all()  # a whole block follows
    share = np.bincount(goal - at)[1:] / len(at)
    assert share[0] > 0.25 if draw == "geometric" else share[0] < 0.25
