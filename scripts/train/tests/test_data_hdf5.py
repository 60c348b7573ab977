import json

import h5py
import numpy as np
import pytest

from jepilot_train import datasets
from jepilot_train.config import Data
from jepilot_train.data import file_sha256
from jepilot_train.errors import TrainError

LENGTHS, HEIGHT, WIDTH = (9, 14, 11), 8, 12
ROWS = sum(LENGTHS)


def columns() -> dict[str, np.ndarray]:
    """What `World.collect(..., format='hdf5')` records: the action of an episode's last row is NaN, a goal picture stands beside."""
    rng = np.random.default_rng(0)
    action = rng.uniform(-1, 1, (ROWS, 2)).astype(np.float32)
    action[np.cumsum(LENGTHS) - 1] = np.nan
    return {"pixels": rng.integers(0, 256, (ROWS, HEIGHT, WIDTH, 3), np.uint8), "goal": np.zeros((ROWS, HEIGHT, WIDTH, 3), np.uint8),
            "action": action, "proprio": rng.normal(size=(ROWS, 4)).astype(np.float32), "reward": np.zeros(ROWS, np.float64),
            "step_idx": np.concatenate([np.arange(n) for n in LENGTHS])}


def write(path, columns, lengths=LENGTHS, attribute=None):
    """In the layout of stable-worldmodel 0.1.1's own writer: growing data sets in chunks of a row, in the latest HDF5."""
    with h5py.File(path, "w", libver="latest") as out:
        for name, values in columns.items():
            out.create_dataset(name, data=values, maxshape=(None, *values.shape[1:]), chunks=(1, *values.shape[1:]))
        if lengths is not None:
            lengths = np.array(lengths, np.int32)
            out.create_dataset("ep_len", data=lengths, maxshape=(None,))
            out.create_dataset("ep_offset", data=np.cumsum(lengths, dtype=np.int64) - lengths, maxshape=(None,))
        if attribute is not None:
            out.attrs["jepilot"] = attribute
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "walks.h5"


def test_our_own_file_says_what_it_is(file, episodes, path):
    with h5py.File(file) as stored:
        assert (episodes.pixels == stored["pixels"]).all() and (episodes.state == stored["state"]).all()
        assert (episodes.action == stored["action"]).all() and (episodes.offset == stored["ep_offset"]).all()
        said = json.loads(stored.attrs["jepilot"])
    assert said.items() <= episodes.info.items() and episodes.sha256 == file_sha256(file)
    small = datasets.load(file, Data(size=(8, 4)))
    assert small.info["cameras"] == [{"name": "top", "width": 4, "height": 8}] and small.pixels.shape[1:] == (8, 4, 3)
    with pytest.raises(TrainError, match=r"must list one camera of 12x8, got \[{'name': 'top', 'width': 16"):
        datasets.load(write(path, columns(), attribute=json.dumps(said)))


def test_a_stable_worldmodel_file_comes_out_as_it_was_written(path):
    stored = columns()
    data = datasets.load(write(path, stored), Data(), "walk")
    assert (data.pixels == stored["pixels"]).all() and (data.state == stored["proprio"]).all()
    assert data.length.tolist() == list(LENGTHS) and data.offset.tolist() == [0, 9, 23]
    assert (data.action == np.nan_to_num(stored["action"])).all()
    info = data.info
    assert info["task"] == "walk" and info["cameras"] == [{"name": "pixels", "height": HEIGHT, "width": WIDTH}]
    assert info["source"] == "HDF5 walks.h5: pixels, action, proprio" and info["stateNames"] == ["0", "1", "2", "3"]
    assert info["actionMinimum"] == np.nanmin(stored["action"], 0).tolist() and info["actionMaximum"] == np.nanmax(stored["action"], 0).tolist()


def test_other_names_channels_first_and_numbered_episodes(path):
    stored = columns()
    others = {"rgb/top": stored["pixels"].transpose(0, 3, 1, 2), "torque": stored["action"].astype(np.float64), "q": np.arange(ROWS),
              "episode_idx": np.repeat([7, 2, 5], LENGTHS), "step_idx": stored["step_idx"] + 1}
    write(path, others, None)
    data = datasets.load(path, Data(camera="rgb/top", action="torque", state="q", episodes=2, camera_name="front"), "walk")
    assert (data.pixels == stored["pixels"][:23]).all() and data.length.tolist() == [9, 14]
    assert data.state[:, 0].tolist() == list(range(23)) and data.info["cameras"][0]["name"] == "front"
    steps = datasets.load(write(path, {"pixels": stored["pixels"], "action": stored["action"], "step_idx": stored["step_idx"]}, None))
    assert steps.length.tolist() == list(LENGTHS) and steps.state is None and "stateNames" not in steps.info


def test_pictures_are_resampled_as_they_are_read(path):
    stored = columns()
    small = datasets.load(write(path, stored), Data(size=(4, 3)))
    assert np.abs(small.pixels - stored["pixels"].reshape(ROWS, 4, 2, 3, 4, 3).mean((2, 4))).max() <= 0.501
    assert small.info["cameras"][0]["height"] == 4 and small.info["cameras"][0]["width"] == 3


def test_a_longer_tail_of_nan_shortens_the_episode(path):
    stored = columns()
    stored["action"][5:9] = np.nan  # the first episode ends at frame 5
    stored["proprio"][22] = np.nan  # the second one's last frame is not known
    data = datasets.load(write(path, stored))
    assert data.length.tolist() == [6, 13, 11] and data.last[0] == 5
    assert (data.pixels == np.delete(stored["pixels"], [6, 7, 8, 22], 0)).all()
    assert (data.action[5] == 0).all() and (data.action[18] == stored["action"][21]).all()


def test_an_episode_without_a_transition_is_left_out(path, capsys):
    stored = columns()
    stored["action"][9:23] = np.nan
    data = datasets.load(write(path, stored))
    assert data.length.tolist() == [9, 11] and (data.pixels == np.delete(stored["pixels"], slice(9, 23), 0)).all()
    assert "1 of 3 episodes have no transition" in capsys.readouterr().err


def without(name):
    return {key: values for key, values in columns().items() if key != name}


def changed(name, values):
    return columns() | {name: values(columns()[name])}


def holed(name, row):
    stored = columns()
    stored[name][row] = np.nan
    return stored


def numbered(episodes, step):
    return {**without("proprio"), "episode_idx": np.array(episodes), "step_idx": np.array(step)}


STEPS = columns()["step_idx"]
ERRORS = {
    "no action": (without("action"), {}, "has no column 'action'; it has: ep_len, ep_offset, goal, pixels, proprio, reward, step_idx"),
    "no such state": (columns(), {"state": "qpos"}, "has no column 'qpos'; it has: action"),
    "no such camera": (columns(), {"camera": "side"}, "has no column 'side'; it has: action"),
    "no pictures": ({"action": np.zeros((ROWS, 2))}, {}, "has no column of pictures; it has: action, ep_len, ep_offset"),
    "cameras": ({"a": columns()["pixels"], "b": columns()["pixels"]}, {}, "has several cameras: a, b; choose one by data.camera"),
    "floats": (changed("pixels", lambda p: p / np.float32(255)), {}, "'pixels' must be uint8 .*, got float32"),
    "grey": (changed("pixels", lambda p: p[..., 0]), {}, r"'pixels' must be uint8 .*, got uint8 \[34, 8, 12\]"),
    "cube": (changed("action", lambda a: a[:, None]), {}, r"'action' must hold numbers \[T,d\], got float32 \[34, 1, 2\]"),
    "words": (changed("action", lambda a: np.full(ROWS, b"left")), {}, "'action' must hold numbers"),
    "rows": (changed("action", lambda a: a[:-1]), {}, "column 'action' has 33 rows, column 'pixels' has 34 pictures"),
    "action hole": (holed("action", 12), {}, r"'action' is NaN or infinite at row 12 \(episode 1, step 3\)"),
    "state hole": (holed("proprio", 25), {}, r"'proprio' is NaN or infinite at row 25 \(episode 2, step 2\)"),
    "no action known": (changed("action", lambda a: a * np.nan), {}, "has no transition: 3 episodes"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_a_column_that_is_wrong_is_named(path, name):
    stored, settings, message = ERRORS[name]
    fails(write(path, stored), message, **settings)


def fails(path, message, **settings):
    with pytest.raises(TrainError, match=message) as error:
        datasets.load(path, Data(**settings))
    assert "\n" not in str(error.value) and str(path) in str(error.value)


@pytest.mark.parametrize("stored, lengths, message", [
    (columns(), (9, 14, 10), "ep_len sums to 33, but there are 34 pictures"),
    (columns(), (9, 35, -10), "ep_offset does not fit ep_len"),
    (columns() | {"ep_len": np.array([9., 14, 11])}, None, "'ep_len' must hold integers, got float64"),
    (columns() | {"ep_len": np.array([9, 14, 11]), "ep_offset": np.array([0, 9])}, None, r"'ep_offset' must hold 3 integers, got int64 \[2\]"),
    (columns() | {"ep_len": np.array([9, 14, 11]), "ep_offset": np.array([0, 9, 20])}, None, "episodes overlap or leave gaps"),
    (without("step_idx"), None, "has no column 'ep_len'; it has: action"),
    (numbered(np.repeat([0, 1, 0], LENGTHS), STEPS), None, "'episode_idx' comes back to 0 at row 23"),
    (numbered(np.repeat([0, 1, 2], LENGTHS), np.where(np.arange(ROWS) > 12, STEPS + 1, STEPS)), None, "'step_idx' goes from 3 to 5 at row 13"),
    ({key: values[:0] for key, values in columns().items()}, (), "has no transition: 0 episodes"),
])
def test_episodes_that_do_not_fit_are_refused(path, stored, lengths, message):
    fails(write(path, stored, lengths), message)


@pytest.mark.parametrize("attribute", ["{", "[]", '{"task": "walk"}', '{"cameras": [{"name": "top"}]}'])
def test_an_attribute_that_cannot_be_read_is_named(path, attribute):
    fails(write(path, columns(), attribute=attribute), "root attribute 'jepilot' must be JSON with 'cameras'")


def test_columns_that_cannot_be_unpacked_say_what_may_help(path):
    write(path, without("pixels"))
    with h5py.File(path, "a") as out:
        out.create_dataset("pixels", data=columns()["pixels"], chunks=(1, HEIGHT, WIDTH, 3), compression="gzip")
        size, offset = (lambda c: (c.size, c.byte_offset))(out["pixels"].id.get_chunk_info(5))
    whole = bytearray(path.read_bytes())
    whole[offset : offset + size] = bytes(size)
    path.write_bytes(whole)
    fails(path, "cannot read .*; if a compression filter is what it lacks, install hdf5plugin")


@pytest.mark.parametrize("override, message", [
    ("data.size=[64]", r"'data.size' needs \[height, width\], got \[64\]"),
    ("data.size=[64, 0]", r"got \[64, 0\]"),
    ("data.episodes=-1", "'data.episodes' is -1; 0 is all"),
])
def test_sizes_and_limits_are_checked_before_anything_is_read(tiny, override, message):
    with pytest.raises(TrainError, match=message):
        tiny(override)
