"""The moving dot seen by an encoder that finds its centre, and a predictor that knows where it goes: what the thresholds must be."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from conftest import SIZE
from jepilot_train import calibration
from jepilot_train.arrival import held_for, reached
from jepilot_train.calibration import calibrate, halves
from jepilot_train.heldout import HeldOut


def centre(frames):
    """uint8 [B,k,H,W,3] -> [B,2]: centre of the newest picture."""
    mass = frames[:, -1, :, :, 0].float()
    grid = (torch.arange(SIZE) + 0.5) / SIZE
    return torch.stack([(mass.sum(1) * grid).sum(1), (mass.sum(2) * grid).sum(1)], 1) / mass.sum((1, 2))[:, None]


@pytest.fixture
def world(start, episodes):
    run = start("data.held_out=0.5")
    z = centre(torch.from_numpy(episodes.pixels)[:, None]).numpy()
    std, mean = (torch.from_numpy(np.tile(x, 2)) for x in (run.action_std, run.action_mean))

    def predictor(z, block):
        raw = block * std + mean
        return (z + 0.1 * (raw[:, :2] + raw[:, 2:])).clamp(0.05, 0.95)

    return run, HeldOut(run, z, z), SimpleNamespace(predictor=predictor, encoder=centre)


def trained(world, metric=None, ensemble=None):
    return SimpleNamespace(world=world, metric=metric, ensemble=ensemble)


def distance(z, g):
    """Model steps of 0.2 each: the most that a dot moves along an axis."""
    return (z - g).square().sum(-1).sqrt() / 0.2


def test_a_teleported_dot_is_noticed_and_an_ordinary_one_is_not(world):
    _, held, model = world
    values = calibrate(trained(model), held)
    assert set(values) == {"surprise"} and set(values["surprise"]) == {"threshold", "falseAlarmRate", "teleportDetection"}
    assert 0 < values["surprise"]["threshold"] < 0.01  # a tenth of the side, squared
    assert values["surprise"]["falseAlarmRate"] < 0.1 and values["surprise"]["teleportDetection"] > 0.7


def test_a_predictor_that_knows_nothing_notices_nothing(world):
    _, held, model = world
    blind = SimpleNamespace(predictor=lambda z, block: 1 - z, encoder=centre)
    assert calibrate(trained(blind), held)["surprise"]["teleportDetection"] < 0.3


def test_a_teleport_comes_from_far_in_time(world, episodes):
    run, held, _ = world
    named = SimpleNamespace(encoder=lambda windows: windows[:, -1].flatten(1).float())
    at, seen = calibration._teleported(trained(named), held, run.held_out)
    pictures = episodes.pixels.reshape(len(episodes.pixels), -1).astype(np.float32)
    for frame, picture in zip(at[:50], seen.numpy()):
        same = np.flatnonzero((pictures == picture).all(1))
        assert any(abs(t - frame - 2) >= 15 and episodes.first[t] == episodes.first[frame] for t in same)


def test_halves_share_no_episode(world, start):
    run, held, _ = world
    fit, test = halves(held)
    assert not set(fit) & set(test) and set(fit) | set(test) == set(run.held_out)
    assert halves(HeldOut(start("data.held_out=0.1"), held.z, held.g)) is None


def test_a_true_distance_stops_at_the_goal_and_rarely_elsewhere(world):
    run, held, model = world
    values = calibrate(trained(model, distance), held)["reached"]
    assert set(values) == {"threshold", "dwell", "falseStopRate", "hitRate"}
    assert 0 < values["threshold"] <= 1 and values["dwell"] == 3  # half a model step is one control step here
    assert values["hitRate"] > 0.6 and values["falseStopRate"] < 0.01


def test_a_head_that_says_nothing_always_stops(world):
    run, held, _ = world
    values = reached(lambda z, g: torch.zeros(len(z)), held, *halves(held))
    assert values["threshold"] == 0 and values["hitRate"] == 1 and values["falseStopRate"] > 0.8


def test_frames_that_show_the_same_place_are_no_false_stops(world, episodes):
    """A dot that comes back: without its state each return counts as a false stop."""
    run, held, _ = world
    stateless = HeldOut(dataclasses.replace(run, data=dataclasses.replace(episodes, state=None)), held.z, held.g)
    known, unknown = (reached(distance, h, *halves(held))["falseStopRate"] for h in (held, stateless))
    assert unknown > known


def test_dwelling_needs_an_unbroken_run():
    below = np.array([1, 1, 1, 0, 1, 1, 1, 1, 0], bool)
    assert held_for(below, 2).tolist() == [False, False, True, False, False, False, True, True, False]
    assert (held_for(below, 0) == below).all()
