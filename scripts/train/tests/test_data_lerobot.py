import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from jepilot_train import cli, datasets
from jepilot_train.config import Data
from jepilot_train.errors import TrainError

pytest.importorskip("pyarrow", reason="the extra 'lerobot' is not installed")
pytest.importorskip("av", reason="the extra 'lerobot' is not installed")

import pyarrow as pa  # noqa: E402
from lerobot_folder import CAMERA, Recorded, encode, write  # noqa: E402
from pyarrow import parquet  # noqa: E402

LENGTHS, HEIGHT, WIDTH = (5, 9, 4, 8, 6), 16, 24
VIDEO, DATA, EPISODES = f"videos/{CAMERA}/chunk-000/file-000.mp4", "data/chunk-000/file-000.parquet", "meta/episodes/chunk-000/file-000.parquet"
ROWS = sum(LENGTHS)


def recorded() -> list[Recorded]:
    """Frame number i of all shows a grey of 6 + 7 i, on which a video's losses are far below the difference of two frames."""
    rng, first = np.random.default_rng(0), np.cumsum(LENGTHS) - LENGTHS
    grey = lambda i: np.full((HEIGHT, WIDTH, 3), 6 + 7 * i, np.uint8)  # noqa: E731
    return [Recorded(np.stack([grey(i) for i in range(at, at + n)]), rng.uniform(-1, 1, (n, 3)).astype(np.float32),
                     rng.normal(size=(n, 2)).astype(np.float32)) for at, n in zip(first, LENGTHS)]


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """A folder by kind, never to be changed."""
    base = tmp_path_factory.mktemp("lerobot")
    return {kind: write(base / kind, recorded(), kind) for kind in ("video", "image")}


@pytest.fixture
def copy(whole, tmp_path):
    """A folder to be broken."""
    return lambda kind="video": shutil.copytree(whole[kind], tmp_path / kind)


def frame_numbers(pixels):
    return np.round((pixels.astype(float).mean((1, 2, 3)) - 6) / 7).astype(int).tolist()


@pytest.mark.parametrize("kind", ["video", "image"])
def test_a_folder_comes_out_as_it_was_recorded(whole, kind):
    data = datasets.load(whole[kind], Data(), "push")
    assert data.length.tolist() == list(LENGTHS) and data.pixels.shape == (ROWS, HEIGHT, WIDTH, 3)
    assert frame_numbers(data.pixels) == list(range(ROWS))
    assert (data.action == np.concatenate([e.action for e in recorded()])).all()
    assert (data.state == np.concatenate([e.state for e in recorded()])).all()
    used = np.concatenate([e.action[:-1] for e in recorded()])
    assert data.info["actionMinimum"] == used.min(0).tolist() and data.info["actionMaximum"] == used.max(0).tolist()
    assert data.info["cameras"] == [{"name": "top", "height": HEIGHT, "width": WIDTH}]
    assert data.info["stateNames"] == ["x.pos", "y.pos"] and data.info["task"] == "push"
    assert data.info["source"] == f"LeRobot v3.0 folder {kind}: {CAMERA}, action, observation.state"


def test_embedded_pictures_lose_nothing(whole):
    data = datasets.load(whole["image"], Data(size=(4, 8)))
    assert (data.pixels[:, 0, 0, 0] == 6 + 7 * np.arange(ROWS)).all() and data.pixels.shape[1:] == (4, 8, 3)


def test_a_part_of_a_folder_needs_no_more_of_its_files(copy):
    folder = copy()
    (folder / "data/chunk-000/file-002.parquet").unlink()
    (folder / f"videos/{CAMERA}/chunk-000/file-001.mp4").unlink()
    data = datasets.load(folder, Data(episodes=3, size=(8, 8), camera=CAMERA, state="action", camera_name="wrist"))
    assert frame_numbers(data.pixels) == list(range(18)) and data.pixels.shape[1:] == (8, 8, 3)
    assert (data.state == data.action).all() and data.info["cameras"] == [{"name": "wrist", "height": 8, "width": 8}]
    assert data.info["stateNames"] == ["0", "1", "2"]


def test_lerobots_own_codec(tmp_path):
    pixels = (4 * np.arange(40, dtype=np.uint8))[:, None, None, None] * np.ones((1, 64, 64, 3), np.uint8)
    episodes = [Recorded(part, np.ones((20, 1), np.float32), np.ones((20, 1), np.float32)) for part in (pixels[:20], pixels[20:])]
    data = datasets.load(write(tmp_path / "av1", episodes, codec="libsvtav1"))
    assert np.round(data.pixels.mean((1, 2, 3)) / 4).tolist() == list(range(40))


def test_the_hash_is_that_of_the_files_and_of_nothing_hidden(copy):
    folder = copy()
    (folder / ".cache").mkdir()
    (folder / ".cache/lock").write_text("1")
    said = datasets.load(folder, Data(episodes=1)).sha256
    shell = "find . -type f -not -path '*/.*' | LC_ALL=C sort | xargs sha256sum | sha256sum"
    if shutil.which("sha256sum"):
        assert subprocess.run(shell, shell=True, cwd=folder, capture_output=True, text=True, check=True).stdout.split()[0] == said
    (folder / ".cache/lock").write_text("2")
    assert datasets.load(folder, Data(episodes=1)).sha256 == said
    (folder / "meta/tasks.parquet").write_text("push")
    assert datasets.load(folder, Data(episodes=1)).sha256 != said


def test_a_nan_tail_shortens_an_episode_of_video_too(copy):
    folder = copy()
    rows = parquet.read_table(folder / DATA)
    action = np.stack(rows["action"].to_pylist())
    action[2:5] = np.nan
    parquet.write_table(rows.set_column(1, "action", pa.array(action.tolist(), pa.list_(pa.float32()))), folder / DATA)
    data = datasets.load(folder)
    assert data.length.tolist() == [3, *LENGTHS[1:]] and frame_numbers(data.pixels) == [0, 1, 2, *range(5, ROWS)]


def edit_info(folder, change):
    path = folder / "meta/info.json"
    info = json.loads(path.read_text())
    change(info)
    path.write_text(json.dumps(info))


def edit_table(folder, name, change):
    """Replace columns of a Parquet file; `change` takes a dictionary of lists."""
    columns = parquet.read_table(folder / name).to_pydict()
    change(columns)
    parquet.write_table(pa.table(columns), folder / name)


def second_camera(info):
    info["features"]["observation.images.side"] = info["features"][CAMERA]
    info["features"]["observation.images.depth"] = info["features"][CAMERA] | {"info": {"is_depth_map": True}}


def hole(columns):
    columns["action"][6] = [0.0, float("nan"), 0.0]


def cut(folder):
    """A video that lacks the last frames of the third episode."""
    encode(folder / VIDEO, np.concatenate([e.pixels for e in recorded()[:3]])[:-2], "libx264")


BROKEN = {
    "empty folder": (lambda f: shutil.rmtree(f / "meta"), "has no meta/info.json: data is an HDF5 file or a LeRobot v3.0 folder"),
    "no json": (lambda f: (f / "meta/info.json").write_text("{"), "info.json must be JSON with codebase_version"),
    "old version": (lambda f: edit_info(f, lambda i: i.update(codebase_version="v2.1")), "is of version v2.1, v3.0 is needed"),
    "no fps": (lambda f: edit_info(f, lambda i: i.pop("fps")), "info.json must be JSON with codebase_version, fps"),
    "template": (lambda f: edit_info(f, lambda i: i.update(data_path="data/{episode}.parquet")), "path template 'data/{episode}.parquet'"),
    "cameras": (lambda f: edit_info(f, second_camera), f"several cameras: {CAMERA}, observation.images.side; choose one by data.camera"),
    "no camera": (lambda f: edit_info(f, lambda i: i["features"].pop(CAMERA)), "has no column of pictures; it has: observation.state"),
    "no action": (lambda f: edit_info(f, lambda i: i["features"].pop("action")), "info.json has no column 'action'; it has: obs"),
    "size": (lambda f: edit_info(f, lambda i: i["features"][CAMERA].update(shape=[3, 16, 16], names=None)),
             r"file-000.mp4: pictures of camera '.*' are 24x16, meta/info.json says 16x16"),
    "grey": (lambda f: edit_info(f, lambda i: i["features"][CAMERA].update(shape=[16, 24, 1])), r"must have a shape .*, got \[16, 24, 1\]"),
    "no episodes": (lambda f: (f / EPISODES).unlink(), "meta/episodes lists no episode"),
    "length": (lambda f: edit_table(f, EPISODES, lambda c: c["length"].__setitem__(1, 8)), "episode 1 has 9 rows, meta/episodes says 8"),
    "place": (lambda f: edit_table(f, EPISODES, lambda c: c["data/file_index"].__setitem__(1, None)), "episode 1 lacks data/file_index"),
    "stretch": (lambda f: edit_table(f, EPISODES, lambda c: c.pop(f"videos/{CAMERA}/from_timestamp")), "has no column 'videos/.*from_timestamp'"),
    "data file": (lambda f: (f / DATA).unlink(), "no data file .*file-000.parquet"),
    "cut data": (lambda f: (f / DATA).write_bytes((f / DATA).read_bytes()[:200]), "file-000.parquet is not a whole Parquet file"),
    "data column": (lambda f: edit_table(f, DATA, lambda c: c.pop("action")), "file-000.parquet has no column 'action'; it has: observation.state"),
    "ragged": (lambda f: edit_table(f, DATA, lambda c: c["action"].__setitem__(0, [1.0])), "'action' must hold equally many numbers"),
    "words": (lambda f: edit_table(f, DATA, lambda c: c.update(action=["left"] * 14)), "'action' must hold numbers"),
    "hole": (lambda f: edit_table(f, DATA, hole), r"column 'action' is NaN or infinite at row 6 \(episode 1, step 1\)"),
    "frame": (lambda f: edit_table(f, DATA, lambda c: c["frame_index"].__setitem__(3, 9)), "'frame_index' of episode 0 is 4 where 3 is due"),
    "video file": (lambda f: (f / VIDEO).unlink(), "no video file .*file-000.mp4"),
    "cut video": (lambda f: (f / VIDEO).write_bytes((f / VIDEO).read_bytes()[:300]), "file-000.mp4 is not a whole video"),
    "short video": (cut, "file-000.mp4 has no frame at 1.600 s: 2 of the 4 frames from 1.400 s on are there"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_folder_is_refused_in_one_line(copy, name):
    change, message = BROKEN[name]
    folder = copy()
    change(folder)
    fails(folder, message)


@pytest.mark.parametrize("settings, message", [
    ({"camera": "top"}, f"info.json has no column 'top'; it has: {CAMERA}"),
    ({"state": "qpos"}, "info.json has no column 'qpos'; it has: observation.images.top, observation.state, action"),
])
def test_a_column_that_is_not_there_is_named(whole, settings, message):
    fails(whole["video"], message, **settings)


@pytest.mark.parametrize("cell, message", [
    ({"bytes": None, "path": "images/0.png"}, "its pictures are not embedded"),
    ({"bytes": b"no picture", "path": ""}, "a picture in it cannot be read"),
])
def test_pictures_that_are_not_there_are_refused(copy, cell, message):
    folder = copy("image")
    edit_table(folder, DATA, lambda c: c[CAMERA].__setitem__(3, cell))
    fails(folder, message)


def fails(folder, message, **settings):
    with pytest.raises(TrainError, match=message) as error:
        datasets.load(folder, Data(**settings))
    assert "\n" not in str(error.value) and str(folder) in str(error.value)


def test_without_the_libraries_the_extra_is_named(whole, monkeypatch):
    for name in ("lerobot", "pictures"):
        monkeypatch.delitem(sys.modules, f"jepilot_train.datasets.{name}", raising=False)
        monkeypatch.delattr(datasets, name, raising=False)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(TrainError, match="needs av: install the extra 'lerobot', as `uv run --extra lerobot"):
        datasets.load(whole["video"])


def test_a_model_of_a_lerobot_folder(episodes, tiny, tmp_path, monkeypatch):
    spans = [slice(at, at + n) for at, n in zip(episodes.offset, episodes.length)]
    write(tmp_path / "dots", [Recorded(episodes.pixels[s], episodes.action[s], episodes.state[s]) for s in spans], per_data=5, per_video=7)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["jepilot-train", "dot.toml", "--data", "dots", "--out", "model", "--task", "push", "--set", "data.size=[8, 12]"])
    cli.main()
    manifest = json.loads((tmp_path / "model/manifest.json").read_text())
    assert manifest["task"] == "push" and manifest["cameras"] == [{"name": "top", "width": 12, "height": 8}]
    made = manifest["provenance"]["data"]
    assert made["command"] == f"LeRobot v3.0 folder dots: {CAMERA}, action, observation.state" and made["steps"] == len(episodes.pixels)
    assert manifest["action"]["minimum"] == pytest.approx([-1, -1], abs=0.05) and "linearProbeR2.x.pos" in manifest["diagnostics"]
