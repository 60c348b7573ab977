"""Pictures of LeRobot data: episodes cut out of shared video files, or files embedded in a table."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np

from ..errors import TrainError


def of_video(path: Path, times: np.ndarray, fps: float) -> Iterator[np.ndarray]:
    """The frames shown at `times` (seconds in the video, ascending), each within half a frame: uint8 [1,H,W,3]."""
    half, found = 0.5 / fps, 0
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            container.seek(max(0, int((times[0] - 2 * half) / stream.time_base)), stream=stream)  # to the key frame before
            for frame in container.decode(stream):
                if frame.time is None or frame.time < times[found] - half:
                    continue
                if frame.time > times[found] + half:
                    break
                yield frame.to_ndarray(format="rgb24")[None]
                found += 1
                if found == len(times):
                    return
    except FileNotFoundError:
        raise TrainError(f"no video file {path}") from None
    except (av.error.FFmpegError, IndexError) as error:
        raise TrainError(f"{path} is not a whole video: {error}") from None
    raise TrainError(f"{path} has no frame at {times[found]:.3f} s: {found} of the {len(times)} frames from {times[0]:.3f} s on are there")


def of_bytes(cell: Any, path: Path) -> np.ndarray:
    """A PNG or JPEG file in a table, as it is or as `bytes` beside a path: uint8 [1,H,W,3]."""
    data = cell.get("bytes") if isinstance(cell, dict) else cell
    if not isinstance(data, bytes):
        raise TrainError(f"{path}: its pictures are not embedded, but named; embed them, or encode them as video")
    try:
        with av.open(io.BytesIO(data)) as container:
            return next(container.decode(video=0)).to_ndarray(format="rgb24")[None]
    except (av.error.FFmpegError, IndexError, StopIteration) as error:
        raise TrainError(f"{path}: a picture in it cannot be read: {error}") from None
