import numpy as np
import pytest

from jepilot_train.clips import ClipSampler
from jepilot_train.data import Episodes, split

LENGTHS = np.array([9, 14, 11])


@pytest.fixture
def numbered():
    """Frame t shows the number t; action[t] is t too."""
    count = LENGTHS.sum()
    pixels = np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 3), np.uint8)
    action = np.arange(count, dtype=np.float32)[:, None] + [0, 0.5]
    offset = np.concatenate([[0], LENGTHS.cumsum()[:-1]])
    return Episodes(pixels, action.astype(np.float32), None, LENGTHS, offset, {}, "")


def clips(numbered, tiny, *overrides):
    sampler = ClipSampler(numbered, numbered.action, np.array([0, 1, 2]), tiny(*overrides), np.random.default_rng(0))
    frames, actions = sampler.sample(500)
    return frames[..., 0, 0, 0].astype(int), actions


def test_actions_lie_between_the_frames(numbered, tiny):
    frames, actions = clips(numbered, tiny)
    assert frames.shape == (500, 4, 1) and actions.shape == (500, 3, 4)
    at = frames[..., 0]
    assert (np.diff(at) == 2).all()
    expected = np.stack([at[:, :-1], at[:, :-1] + 0.5, at[:, :-1] + 1, at[:, :-1] + 1.5], -1)
    assert (actions == expected).all()


def test_clips_stay_in_their_episode_and_reach_its_ends(numbered, tiny):
    at = clips(numbered, tiny)[0][..., 0]
    first, last = numbered.first[at[:, 0]], numbered.last[at[:, 0]]
    assert (at[:, -1] <= last).all()
    assert (at[:, 0] == first).any() and (at[:, -1] == last).any()
    assert set(np.unique(at[:, 0] - first) % 2) == {0, 1}  # any phase


def test_history_repeats_the_first_frame(numbered, tiny):
    frames, _ = clips(numbered, tiny, "history.frames=3", "history.stride=2")
    first = numbered.first[frames[..., -1]]
    assert (frames[..., 0] == np.maximum(frames[..., 2] - 4, first)).all()
    assert (frames[..., 1] == np.maximum(frames[..., 2] - 2, first)).all()


def test_a_goal_has_no_velocity(numbered):
    assert (numbered.goals(np.array([5]), 3)[0, :, 0, 0, 0] == 5).all()


def test_brightness_is_one_factor_a_clip(numbered, tiny):
    frames, _ = clips(numbered, tiny, "data.brightness=0.5")
    plain, _ = clips(numbered, tiny)
    factor = frames[:, -1, 0].mean() / plain[:, -1, 0].mean()
    assert frames.shape == plain.shape and 0.8 < factor < 1.2 and (frames != plain).any()


def test_a_shift_is_one_a_clip_and_repeats_the_edge(numbered, tiny):
    rng = np.random.default_rng(1)
    numbered.pixels = rng.integers(256, size=(len(numbered.pixels), 6, 5, 3), dtype=np.uint8)
    sampler = ClipSampler(numbered, numbered.action, np.array([0, 1, 2]), tiny("train.augment_shift=2"), np.random.default_rng(0))
    frames, _ = sampler.sample(200)
    whole = {}
    for t, picture in enumerate(numbered.pixels):
        padded = np.pad(picture, ((2, 2), (2, 2), (0, 0)), mode="edge")
        whole |= {padded[y : y + 6, x : x + 5].tobytes(): (t, y, x) for y in range(5) for x in range(5)}
    found = np.array([[whole[np.ascontiguousarray(picture[0]).tobytes()] for picture in clip] for clip in frames])
    assert (np.diff(found[..., 0]) == 2).all()
    assert (found[:, :, 1:] == found[:, :1, 1:]).all() and set(map(tuple, found[:, 0, 1:])) == {(y, x) for y in range(5) for x in range(5)}


def test_held_out_episodes_are_disjoint():
    training, held = split(20, 0.1, 3)
    assert len(held) == 2 and not set(training) & set(held) and len(training) == 18
