"""A tiny world in the real layout: a dot pushed about in a 16 x 16 picture, with or without momentum."""

import json

import h5py
import numpy as np
import pytest
import torch

from jepilot_train import config, datasets
from jepilot_train.run import prepare

torch.set_num_threads(1)
SIZE, EPISODES, LENGTH, REPEAT = 16, 12, 31, 2
TINY = """
name = "dot"
task = "dot"
[data]
action_repeat = 2
[encoder]
channels = [8, 16]
hidden = 32
latent = 8
[predictor]
width = 16
hidden = 32
depth = 2
action_code = 8
[loss]
rollout = 3
sigreg_projections = 32
[train]
steps = 12
batch = 16
checkpoint_every = 5
[metric]
hidden = [32]
dim = 8
steps = 20
batch = 64
[probe]
hidden = 16
steps = 10
batch = 64
[planning]
horizon = 3
"""


def dot(position: np.ndarray) -> np.ndarray:
    """position [T,2] in [0, 1] -> uint8 [T,H,W,3]."""
    grid = (np.arange(SIZE) + 0.5) / SIZE
    square = (grid[None, :, None] - position[:, 1, None, None]) ** 2 + (grid[None, None] - position[:, 0, None, None]) ** 2
    return np.repeat((255 * np.exp(-square / 0.01)).astype(np.uint8)[..., None], 3, -1)


@pytest.fixture(scope="session")
def file(tmp_path_factory):
    rng = np.random.default_rng(0)
    action = rng.uniform(-1, 1, (EPISODES, LENGTH, 2)).astype(np.float32)
    start = rng.uniform(0.2, 0.8, (EPISODES, 1, 2))
    position = np.clip(np.concatenate([start, start + np.cumsum(0.1 * action[:, :-1], 1)], 1), 0, 1).reshape(-1, 2)
    info = {"task": "dot", "version": "1", "command": "make dot", "seed": 0, "episodes": EPISODES, "controlPeriod": 0.1,
            "cameras": [{"name": "top", "width": SIZE, "height": SIZE}], "actionMinimum": [-1, -1], "actionMaximum": [1, 1],
            "stateNames": ["x", "y"], "coverage": {"x": [0, 1]}}
    path = tmp_path_factory.mktemp("data") / "dot.h5"
    with h5py.File(path, "w") as out:
        out.create_dataset("pixels", data=dot(position), chunks=(1, SIZE, SIZE, 3), compression="gzip")
        out["action"], out["state"] = action.reshape(-1, 2), position.astype(np.float32)
        out["ep_len"] = np.full(EPISODES, LENGTH, np.int32)
        out["ep_offset"] = np.arange(EPISODES, dtype=np.int64) * LENGTH
        out.attrs["jepilot"] = json.dumps(info)
    return path


@pytest.fixture(scope="session")
def episodes(file):
    return datasets.load(file)


@pytest.fixture
def tiny(tmp_path):
    """A configuration, with overrides as `--set` takes them."""
    path = tmp_path / "dot.toml"
    path.write_text(TINY)
    return lambda *overrides: config.load(path, list(overrides))


@pytest.fixture
def start(episodes, tiny, tmp_path):
    """A run in a folder of its own."""
    return lambda *overrides, work="work": prepare(tiny(*overrides), episodes, 0, torch.device("cpu"), tmp_path / work)
