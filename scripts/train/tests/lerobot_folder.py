"""Writes a LeRobot v3.0 folder as LeRobot does: several episodes in each Parquet and MP4 file, found through meta/episodes."""

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pyarrow as pa
from pyarrow import parquet

CAMERA, FPS = "observation.images.top", 10


@dataclass
class Recorded:
    """One episode: pictures uint8 [n,H,W,3], numbers float32 [n,d]."""

    pixels: np.ndarray
    action: np.ndarray
    state: np.ndarray


def encode(path: Path, pixels: np.ndarray, codec: str) -> None:
    """An MP4 with few key frames, so that episodes begin between them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, FPS, options={"g": "7", "crf": "10"})
        stream.height, stream.width, stream.pix_fmt = *pixels.shape[1:3], "yuv420p"
        for number, picture in enumerate(pixels):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def png(picture: np.ndarray) -> bytes:
    codec = av.codec.CodecContext.create("png", "w")
    codec.height, codec.width, codec.pix_fmt, codec.time_base = *picture.shape[:2], "rgb24", Fraction(1, FPS)
    return b"".join(bytes(p) for p in codec.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")) + codec.encode(None))


def vectors(values: np.ndarray) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel(), pa.float32()), values.shape[1])


def table(episodes: list[Recorded], first: int, index: int, kind: str) -> pa.Table:
    """The rows of episodes number `first` and on, whose first row is number `index` of all."""
    length = [len(e.action) for e in episodes]
    frame = np.concatenate([np.arange(n) for n in length])
    columns = {
        "observation.state": vectors(np.concatenate([e.state for e in episodes])),
        "action": vectors(np.concatenate([e.action for e in episodes])),
        "timestamp": pa.array(frame / FPS, pa.float32()), "frame_index": pa.array(frame, pa.int64()),
        "episode_index": pa.array(np.repeat(first + np.arange(len(length)), length), pa.int64()),
        "index": pa.array(index + np.arange(sum(length)), pa.int64()), "task_index": pa.array(np.zeros(sum(length)), pa.int64()),
    }
    if kind == "image":
        columns[CAMERA] = pa.array([{"bytes": png(p), "path": None} for e in episodes for p in e.pixels],
                                   pa.struct([("bytes", pa.binary()), ("path", pa.string())]))
    return pa.table(columns)


def features(episode: Recorded, kind: str) -> dict:
    one = lambda dtype: {"dtype": dtype, "shape": [1], "names": None}  # noqa: E731
    return {
        CAMERA: {"dtype": kind, "shape": list(episode.pixels.shape[1:]), "names": ["height", "width", "channels"]},
        "observation.state": {"dtype": "float32", "shape": [episode.state.shape[1]], "names": {"motors": ["x.pos", "y.pos"]}},
        "action": {"dtype": "float32", "shape": [episode.action.shape[1]], "names": None},
        "timestamp": one("float32"), **{key: one("int64") for key in ("frame_index", "episode_index", "index", "task_index")},
    }


def write(root: Path, episodes: list[Recorded], kind: str = "video", codec: str = "libx264", per_data: int = 2, per_video: int = 3) -> Path:
    """`per_data` and `per_video` episodes share a file."""
    length = [len(e.action) for e in episodes]
    rows, names = [], {"chunk_index": 0, "file_index": 0}
    for e, count in enumerate(length):
        rows.append({"episode_index": e, "tasks": ["push"], "length": count, "dataset_from_index": sum(length[:e]),
                     "dataset_to_index": sum(length[: e + 1]), "data/chunk_index": 0, "data/file_index": e // per_data})
        if kind == "video":
            before = sum(length[e // per_video * per_video : e]) / FPS
            rows[-1] |= {f"videos/{CAMERA}/{k}": v for k, v in {**names, "file_index": e // per_video, "from_timestamp": before,
                                                               "to_timestamp": before + count / FPS}.items()}
    for folder in ("meta/episodes/chunk-000", "data/chunk-000"):
        (root / folder).mkdir(parents=True)
    parquet.write_table(pa.Table.from_pylist(rows), root / "meta/episodes/chunk-000/file-000.parquet")
    for e in range(0, len(episodes), per_data):
        rows = table(episodes[e : e + per_data], e, sum(length[:e]), kind)
        parquet.write_table(rows, root / f"data/chunk-000/file-{e // per_data:03d}.parquet")
    for e in range(0, len(episodes), per_video) if kind == "video" else ():
        pixels = np.concatenate([r.pixels for r in episodes[e : e + per_video]])
        encode(root / f"videos/{CAMERA}/chunk-000/file-{e // per_video:03d}.mp4", pixels, codec)
    info = {"codebase_version": "v3.0", "robot_type": None, "total_episodes": len(length), "total_frames": sum(length), "total_tasks": 1,
            "chunks_size": 1000, "fps": FPS, "splits": {"train": f"0:{len(length)}"},
            "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
            "video_path": "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4", "features": features(episodes[0], kind)}
    (root / "meta/info.json").write_text(json.dumps(info))
    return root
