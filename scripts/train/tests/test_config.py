from pathlib import Path

import pytest

from jepilot_train import config
from jepilot_train.errors import TrainError

CONFIGS = sorted((Path(__file__).parent.parent / "configs").glob("*.toml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_shipped_configurations_load(path):
    loaded = config.load(path)
    assert loaded.name == path.stem
    assert loaded.loss.sigreg * loaded.train.batch >= 11.5 * 0.95  # the product that the recipe starts from; contact wants more


@pytest.mark.parametrize("override, message", [
    ("train.stepz=3", "unknown config key 'train.stepz'"),
    ("trian.steps=3", "unknown config key 'trian'"),
    ("train.steps=many", "'train.steps' needs int"),
    ("metric.kind=dot", "'metric.kind' is one of"),
    ("metric.kind=none", "metric.kind is 'none'"),
    ('planning.objective={kind="latent"}', "planning.objective: kind is"),
    ("metric.other=layout", "'metric.other' is one of any, episode"),
    ("metric.target=step", "'metric.target' is one of"),
    ("prior.draw=normal", "'prior.draw' is one of"),
    ("ensemble.members=1", "ensemble.members is 1"),
    ('planning.objective={kind="disagreement"}', "ensemble.members is 0"),
    ("loss.clip_frames=2", "loss.clip_frames is 2"),
    ("train", "--set needs section.key=value"),
])
def test_a_mistake_is_named(tiny, override, message):
    with pytest.raises(TrainError, match=message):
        tiny(override)


def test_overrides_are_toml_values(tiny):
    loaded = tiny("encoder.channels=[4,8]", "train.learning_rate=1", "metric.kind=pair")
    assert loaded.encoder.channels == (4, 8)
    assert loaded.train.learning_rate == 1.0
    assert loaded.metric.kind == "pair"
