"""A folder in LeRobot's format v3.0: numbers in Parquet, pictures in MP4 files that episodes share, or embedded in the Parquet."""

import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..config import Data
from ..data import Episodes, file_sha256
from ..errors import TrainError
from . import parquet, pictures
from .columns import choose_state, missing, only_camera, short
from .lerobot_info import Info
from .table import Camera, Column, Table, collect


def load(folder: Path, settings: Data, task: str) -> Episodes:
    """Read a whole folder, `data.episodes` of it if that is set."""
    info = Info.read(folder)
    camera = settings.camera or only_camera(info.cameras, info.path, info.features)
    if camera not in info.cameras:
        raise missing(camera, info.path, info.cameras)
    reader, key = _Reader(info, camera, settings.episodes), choose_state(settings.state, info.features)
    action, state = reader.column(settings.action), reader.column(key) if key else None
    columns = ", ".join([camera, action.name] + ([state.name] if state else []))
    said: dict[str, Any] = {"source": f"LeRobot v3.0 folder {folder.resolve().name}: {columns}"}
    if state:
        said["stateNames"] = info.names(state.name, state.width)
    first = np.cumsum([0] + [len(at) for _, at in reader.rows])[:-1]
    stored = Camera(short(camera), *info.size(camera))
    return collect(Table(folder, folder_sha256(folder), said, stored, action, state, first, reader.pictures), settings, task)


def folder_sha256(folder: Path) -> str:
    """SHA-256 over the lines `<sha256>  ./<path>` of all files that are not hidden, sorted by path."""
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    shown = sorted(name for name in names if not any(part.startswith(".") for part in name.split("/")))
    lines = [f"{file_sha256(names[name])}  ./{name}\n" for name in shown]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


class _Reader:
    """The rows of each episode, `(file, row numbers in it)`, and what stands in them. One file is held at a time."""

    def __init__(self, info: Info, camera: str, limit: int):
        self.info, self.camera = info, camera
        self.episodes = info.episodes(camera)[: limit or None]
        self.video = info.features[camera]["dtype"] == "video"
        self.times = functools.lru_cache(1)(lambda path: parquet.vectors(parquet.read(path, ["timestamp"]), "timestamp", path)[:, 0])
        self.embedded = functools.lru_cache(1)(lambda path: parquet.read(path, [camera])[camera])
        index = functools.lru_cache(1)(_index)
        self.rows = [_rows(episode, path, *index(path)) for episode in self.episodes for path in [info.data_file(episode)]]

    def column(self, name: str) -> Column:
        """The numbers of a column."""
        if name not in self.info.features:
            raise missing(name, self.info.path, self.info.features)
        values = functools.lru_cache(1)(lambda path: parquet.vectors(parquet.read(path, [name]), name, path))
        return Column(name, [values(path)[at] for path, at in self.rows])

    def pictures(self, episode: int, count: int) -> Iterator[np.ndarray]:
        """The first `count` pictures of an episode, uint8 [1,H,W,3] each, of the declared size."""
        path, at = self.rows[episode]
        if self.video:
            source = self.episodes[episode]
            times = source[f"videos/{self.camera}/from_timestamp"] + self.times(path)[at[:count]].astype(np.float64)
            path = self.info.video_file(source, self.camera)
            found = pictures.of_video(path, times, self.info.fps)
        else:
            found = (pictures.of_bytes(self.embedded(path)[int(row)].as_py(), path) for row in at[:count])
        declared = self.info.size(self.camera)
        for picture in found:
            if picture.shape[1:3] != declared:
                raise TrainError(f"{path}: pictures of camera '{self.camera}' are {picture.shape[2]}x{picture.shape[1]}, "
                                 f"meta/info.json says {declared[1]}x{declared[0]}")
            yield picture


def _index(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Episode and frame of each row, int64 [T]."""
    table = parquet.read(path, ["episode_index", "frame_index"])
    return parquet.integers(table, "episode_index", path), parquet.integers(table, "frame_index", path)


def _rows(episode: dict[str, Any], path: Path, index: np.ndarray, frame: np.ndarray) -> tuple[Path, np.ndarray]:
    """An episode's rows in a file, in the order of its frames; none may lack."""
    name, length = episode["episode_index"], episode["length"]
    at = np.flatnonzero(index == name)
    at = at[np.argsort(frame[at], kind="stable")]
    if len(at) != length:
        raise TrainError(f"{path}: episode {name} has {len(at)} rows, meta/episodes says {length}")
    wrong = np.flatnonzero(frame[at] != np.arange(length))
    if len(wrong):
        raise TrainError(f"{path}: column 'frame_index' of episode {name} is {frame[at[wrong[0]]]} where {wrong[0]} is due")
    return path, at
