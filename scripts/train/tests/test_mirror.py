import numpy as np
import pytest

from conftest import dot
from jepilot_train.clips import ClipSampler
from jepilot_train.errors import TrainError
from jepilot_train.mirror import flip_actions, flip_pictures, mirrors
from jepilot_train.refine import refine
from test_refine import world_of


def test_every_combination_is_there_once():
    assert mirrors(("x", "y")) == [(), ("x",), ("y",), ("x", "y")]
    assert mirrors(()) == [()]


@pytest.mark.parametrize("names, signs", [(("x",), [-1, 1]), (("y",), [1, -1]), (("x", "y"), [-1, -1])])
def test_a_mirrored_walk_is_the_walk_of_mirrored_actions(start, episodes, names, signs):
    run = start()
    there = episodes.state[:5].copy()
    there[:, np.array(signs) < 0] = 1 - there[:, np.array(signs) < 0]
    assert np.array_equal(flip_pictures(episodes.pixels[:5], names), dot(there))
    raw = flip_actions(run, names) * run.action_std + run.action_mean
    assert np.allclose(raw, episodes.action * signs, atol=1e-5)


def test_clips_are_mirrored_with_their_actions(start, episodes):
    run = start('train.mirror=["x"]')
    plain = ClipSampler(run.data, run.actions, run.training, run.config, np.random.default_rng(1))
    both = ClipSampler(run.data, run.actions, run.training, run.config, np.random.default_rng(1),
                       {names: flip_actions(run, names) for names in mirrors(("x",))})
    (a, u), (b, v) = plain.sample(64), both.sample(64)
    flipped = [not np.array_equal(p, q) for p, q in zip(a, b)]
    assert 10 < sum(flipped) < 54
    for p, q, s, t, other in zip(a, b, u, v, flipped):
        assert np.array_equal(p[..., ::-1, :] if other else p, q) and np.allclose(s, t, atol=1e-5) != other


def test_the_predictor_learns_from_mirrors_too(start, episodes):
    run = start('train.mirror=["x","y"]', "refine.steps=3", "refine.batch=16")
    world = world_of(run)
    z = np.zeros((len(episodes.pixels), 8), np.float32)
    assert refine(run, world, z) > 0


def test_another_mirror_is_named(tiny):
    with pytest.raises(TrainError, match="'train.mirror' takes x and y, got 'z'"):
        tiny('train.mirror=["z"]')
