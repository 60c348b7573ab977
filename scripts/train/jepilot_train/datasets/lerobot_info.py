"""The metadata of a LeRobot v3.0 folder: `meta/info.json` and the table of episodes."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import TrainError
from . import parquet

DATA_PATH = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEO_PATH = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"


@dataclass(frozen=True)
class Info:
    """`features` by name, each with `dtype`, `shape` and perhaps `names`; `fps` frames a second."""

    folder: Path
    features: dict[str, dict[str, Any]]
    fps: float
    data_path: str
    video_path: str

    @classmethod
    def read(cls, folder: Path) -> "Info":
        path = folder / "meta/info.json"
        try:
            content = json.loads(path.read_text())
            version = content["codebase_version"]
            if not version.startswith("v3."):
                raise TrainError(f"{path} is of version {version}, v3.0 is needed; lerobot's convert_dataset_v21_to_v30 makes it of v2.1")
            features = {name: {**feature, "dtype": feature["dtype"], "shape": list(feature["shape"])}
                        for name, feature in content["features"].items()}
            if not (fps := float(content["fps"])) > 0:
                raise ValueError
            return cls(folder, features, fps, content.get("data_path") or DATA_PATH, content.get("video_path") or VIDEO_PATH)
        except OSError:
            raise TrainError(f"{folder} has no meta/info.json: data is an HDF5 file or a LeRobot v3.0 folder") from None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise TrainError(f"{path} must be JSON with codebase_version, fps and features of a dtype and a shape") from None

    @property
    def path(self) -> Path:
        return self.folder / "meta/info.json"

    @property
    def cameras(self) -> list[str]:
        """Features that are colour pictures."""
        return [name for name, feature in self.features.items() if feature["dtype"] in ("image", "video") and not _is_depth(feature)]

    def size(self, camera: str) -> tuple[int, int]:
        """Height and width that the pictures are declared to have."""
        shape, names = self.features[camera]["shape"], self.features[camera].get("names")
        if len(shape) != 3 or 3 not in (shape[0], shape[2]):
            raise TrainError(f"{self.path}: camera '{camera}' must have a shape [height, width, 3] or [3, height, width], got {shape}")
        channels_first = str(names[0]).startswith("c") if isinstance(names, list) and names else shape[2] != 3
        return tuple(shape[1:] if channels_first else shape[:2])

    def names(self, column: str, count: int) -> list[str]:
        """What the numbers of a column are called, or else 0, 1, ..."""
        said = self.features[column].get("names") or []
        if isinstance(said, dict):
            lists = [value for value in said.values() if isinstance(value, list)]
            said = sum(lists, []) if lists else list(said)
        said = [str(name) for name in said]
        return said if len(set(said)) == len(said) == count else [str(i) for i in range(count)]

    def episodes(self, camera: str) -> list[dict[str, Any]]:
        """A row an episode, in order: where its numbers are, and its stretch of a video file."""
        names = ["episode_index", "length", "data/chunk_index", "data/file_index"]
        if self.features[camera]["dtype"] == "video":
            names += [f"videos/{camera}/{key}" for key in ("chunk_index", "file_index", "from_timestamp", "to_timestamp")]
        rows = []
        for path in sorted((self.folder / "meta/episodes").rglob("*.parquet")):
            for row in parquet.read(path, names).to_pylist():
                if None in row.values():
                    raise TrainError(f"{path}: episode {row['episode_index']} lacks {[name for name in names if row[name] is None][0]}")
                rows.append(row)
        if not rows:
            raise TrainError(f"{self.folder}/meta/episodes lists no episode")
        return sorted(rows, key=lambda row: row["episode_index"])

    def data_file(self, episode: dict[str, Any]) -> Path:
        return self._file(self.data_path, episode, "data")

    def video_file(self, episode: dict[str, Any], camera: str) -> Path:
        return self._file(self.video_path, episode, f"videos/{camera}", video_key=camera)

    def _file(self, template: str, episode: dict[str, Any], prefix: str, **more: str) -> Path:
        place = {key: episode[f"{prefix}/{key}"] for key in ("chunk_index", "file_index")}
        try:
            return self.folder / template.format(**place, **more)
        except (KeyError, ValueError, IndexError):
            raise TrainError(f"{self.path}: path template '{template}' must be made of chunk_index, file_index and video_key") from None


def _is_depth(feature: dict[str, Any]) -> bool:
    marks = {**(feature.get("video_info") or {}), **(feature.get("info") or {})}
    return bool(marks.get("is_depth_map") or marks.get("video.is_depth_map"))
