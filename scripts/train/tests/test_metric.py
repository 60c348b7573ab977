"""A chain of states 0..11: walkers step up or down; the distance between i and j is |i - j| moves."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from jepilot_train.config import Config, Data, Metric
from jepilot_train.data import Episodes
from jepilot_train.errors import TrainError
from jepilot_train.temporal_distance import PairSampler, at_rest, expectile_loss, last_true, next_true, target, train_metric

STATES, EPISODES, LENGTH = 12, 60, 40


@pytest.fixture(scope="module")
def chain():
    rng = np.random.default_rng(0)
    steps = rng.choice([-1, 1], (EPISODES, LENGTH), p=[0.35, 0.65]) * rng.choice([-1, 1], (EPISODES, 1))
    state = np.clip(rng.integers(STATES, size=(EPISODES, 1)) + steps.cumsum(1), 0, STATES - 1).reshape(-1)
    length, offset = np.full(EPISODES, LENGTH), np.arange(EPISODES) * LENGTH
    data = Episodes(np.zeros((len(state), 1, 1, 3), np.uint8), np.zeros((len(state), 1), np.float32), None, length, offset, {}, "")
    table = np.random.default_rng(1).normal(size=(STATES, 16)).astype(np.float32)  # latents that say nothing about distance
    return data, state, table


KINDS = {"embedding": {}, "directed": {"directed": True}, "pair": {"kind": "pair"}, "product": {"kind": "product", "goal_hidden": (96, 96)}}


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_distances_of_a_chain_come_out_in_order(chain, tmp_path, settings):
    data, state, table = chain
    config = Config("chain", "chain", data=Data(action_repeat=1), metric=Metric(hidden=(64, 64), dim=16, steps=800, batch=256, ema=0.02, **settings))
    run = SimpleNamespace(config=config, data=data, seed=0, device=torch.device("cpu"), work=tmp_path, training=np.arange(EPISODES))
    z = table[state]
    head, _ = train_metric(run, z, z, "mark")
    i, j = np.meshgrid(np.arange(STATES), np.arange(STATES))
    got = head(torch.from_numpy(table[i.ravel()]), torch.from_numpy(table[j.ravel()])).numpy()
    assert spearmanr(got, np.abs(i - j).ravel()).statistic > 0.85
    assert got[np.abs(i - j).ravel() == 1].mean() == pytest.approx(1, abs=0.5)


def test_targets_know_the_near_future():
    after, ahead = torch.full((5,), 10.0), torch.tensor([0, 2, 5, 6, -1])
    assert target(after, ahead, 5, 0.9).tolist() == pytest.approx([0, 0.4, 1, 10, 10])


def test_the_expectile_leans_towards_the_smaller_cost():
    wanted, up, down = torch.zeros(1), torch.ones(1), -torch.ones(1)
    assert expectile_loss(up, wanted, 0.9).item() == pytest.approx(0.9)
    assert expectile_loss(down, wanted, 0.9).item() == pytest.approx(0.1)


def test_pairs_have_the_configured_shares(chain):
    data, _, _ = chain
    pairs = PairSampler(data, np.arange(EPISODES), Metric(), 5, np.random.default_rng(0)).sample(20000)
    future = pairs.ahead > 0
    assert future.mean() == pytest.approx(0.5, abs=0.02)
    assert (pairs.ahead == 0).mean() == pytest.approx(0.05, abs=0.01)
    assert (pairs.goal[future] == (pairs.at + pairs.ahead)[future]).all()
    assert (data.first[pairs.goal[future]] == data.first[pairs.at[future]]).all()
    assert (data.first[pairs.next] == data.first[pairs.at]).all()


def test_other_goals_can_be_kept_in_the_episode(chain):
    data, _, _ = chain
    pairs = PairSampler(data, np.arange(EPISODES), Metric(other="episode", future=0.0), 5, np.random.default_rng(0)).sample(5000)
    assert (data.first[pairs.goal] == data.first[pairs.at]).all()
    known = pairs.ahead >= 0
    assert (pairs.goal < pairs.at)[~known].all() and (~known).mean() > 0.3
    assert (pairs.goal - pairs.at == pairs.ahead)[known].all()


def test_goals_can_be_kept_to_frames_at_rest(chain):
    data, _, _ = chain
    still = np.random.default_rng(3).random(len(data.action)) < 0.2
    for settings in ({}, {"other": "episode"}):
        pairs = PairSampler(data, np.arange(EPISODES), Metric(**settings), 5, np.random.default_rng(0), still).sample(5000)
        assert still[pairs.goal].all()
        known = pairs.ahead >= 0
        assert (pairs.goal - pairs.at == pairs.ahead)[known].all() and (data.first[pairs.goal] == data.first[pairs.at])[known].all()
        assert (pairs.ahead == 0).mean() > 0.04


def test_the_next_flagged_frame_is_of_the_same_episode():
    flags, last = np.array([False, True, False, False, True, False]), np.array([2, 2, 2, 5, 5, 5])
    assert next_true(flags, last).tolist() == [1, 1, -1, 4, 4, -1]
    assert last_true(flags, last - 2).tolist() == [-1, 1, 1, -1, 4, 4]


def test_rest_is_told_by_latents():
    z, g = np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([[0.0, 0.9], [0.0, 2.0]])
    assert at_rest(z, g, 0.1).tolist() == [True, False] and at_rest(z, g, 0.0) is None
    with pytest.raises(TrainError, match="metric.still is 0.001: no frame"):
        at_rest(z, g, 0.001)


def test_plain_regression_knows_the_time_of_each_goal(chain):
    data, _, _ = chain
    pairs = PairSampler(data, np.arange(EPISODES), Metric(target="steps"), 5, np.random.default_rng(0)).sample(5000)
    assert (pairs.goal - pairs.at == pairs.ahead).all() and (pairs.ahead == 0).mean() == pytest.approx(0.05, abs=0.02)


def test_shuffled_times_say_nothing_of_their_goals(chain):
    data, _, _ = chain
    plain, shuffled = (PairSampler(data, np.arange(EPISODES), Metric(target="steps", shuffle=s), 5, np.random.default_rng(0)).sample(5000)
                       for s in (False, True))
    assert (plain.goal == shuffled.goal).all() and (np.sort(plain.ahead) == np.sort(shuffled.ahead)).all()
    assert abs(np.corrcoef(shuffled.goal - shuffled.at, shuffled.ahead)[0, 1]) < 0.05


def test_plain_regression_learns_the_time_between_frames(tmp_path):
    state, count = np.tile(np.arange(STATES), 20), 20 * STATES  # all walk up, a state a step
    data = Episodes(np.zeros((count, 1, 1, 3), np.uint8), np.zeros((count, 1), np.float32), None, np.full(20, STATES), np.arange(20) * STATES, {}, "")
    table = np.random.default_rng(1).normal(size=(STATES, 16)).astype(np.float32)
    settings = Metric(kind="pair", target="steps", hidden=(64,), steps=300, batch=256)
    run = SimpleNamespace(config=Config("chain", "chain", data=Data(action_repeat=1), metric=settings), data=data, seed=0,
                          device=torch.device("cpu"), work=tmp_path, training=np.arange(20))
    head, _ = train_metric(run, table[state], table[state], "mark")
    got = head(torch.from_numpy(table[:8]), torch.from_numpy(table[8:9])).numpy()
    assert got == pytest.approx(8 - np.arange(8), abs=0.5)
