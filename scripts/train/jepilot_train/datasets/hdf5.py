"""HDF5 in the layout of stable-worldmodel: a data set per column, all episodes end to end."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ..config import Data
from ..data import Episodes, file_sha256
from ..errors import TrainError
from .boundaries import boundaries
from .columns import choose_state, missing, numbers, only_camera, short
from .table import Camera, Column, Table, collect

with contextlib.suppress(ImportError):
    import hdf5plugin  # noqa: F401  (where it is installed, its compression filters can be read)

PIECE = 64 << 20  # bytes of pictures a read: big enough to hide the cost of a call, small enough for a live progress bar


def load(path: Path, settings: Data, task: str) -> Episodes:
    """Read a whole file; one with the root attribute `jepilot` says itself what it is."""
    try:
        file = h5py.File(path, "r", rdcc_nbytes=PIECE)
    except OSError:
        raise TrainError(f"{path} is not a whole HDF5 file") from None
    with file:
        try:
            return collect(_table(file, path, settings), settings, task)
        except OSError as error:
            reason = str(error).partition("\n")[0]
            raise TrainError(f"cannot read {path}: {reason}; if a compression filter is what it lacks, install hdf5plugin") from None


def _table(file: h5py.File, path: Path, settings: Data) -> Table:
    there = [name for name, item in file.items() if isinstance(item, h5py.Dataset)]
    name, pictures = _camera(file, path, settings.camera, there)
    size = tuple(pictures.shape[1:3] if pictures.shape[-1] == 3 else pictures.shape[2:])
    length, offset = (values[: settings.episodes or None] for values in boundaries(file, path, len(pictures), there))

    def column(key: str) -> Column:
        if not isinstance(file.get(key), h5py.Dataset):
            raise missing(key, path, there)
        values = numbers(file[key][()], key, path)
        if len(values) != len(pictures):
            raise TrainError(f"{path}: column '{key}' has {len(values)} rows, column '{name}' has {len(pictures)} pictures")
        return Column(key, [values[at : at + count] for at, count in zip(offset, length)])

    action, key = column(settings.action), choose_state(settings.state, there)
    state = column(key) if key else None
    info = _own(file, path, size) if "jepilot" in file.attrs else _foreign(path, name, action, state)
    camera = Camera(info["cameras"][0]["name"], *size)
    return Table(path, file_sha256(path), info, camera, action, state, offset, lambda e, count: _pieces(pictures, offset[e], count))


def _pieces(source: h5py.Dataset, begin: int, count: int) -> Iterator[np.ndarray]:
    step = max(1, PIECE // int(np.prod(source.shape[1:])))
    for at in range(begin, begin + count, step):
        piece = source[at : min(at + step, begin + count)]
        yield piece if source.shape[-1] == 3 else piece.transpose(0, 2, 3, 1)


def _camera(file: h5py.File, path: Path, wanted: str, there: list[str]) -> tuple[str, h5py.Dataset]:
    """The column of pictures; `pixels` where no other is wanted, since beside it there may be pictures of goals."""
    pictures = lambda item: item.dtype == np.uint8 and item.ndim == 4 and 3 in (item.shape[1], item.shape[3])  # noqa: E731
    cameras = [key for key in there if pictures(file[key])]
    name = wanted or ("pixels" if "pixels" in there else only_camera(cameras, path, there))
    found = file.get(name)
    if not isinstance(found, h5py.Dataset):
        raise missing(name, path, there)
    if not pictures(found):
        raise TrainError(f"{path}: column '{name}' must be uint8 [T,H,W,3] or [T,3,H,W], got {found.dtype} {list(found.shape)}")
    return name, found


def _own(file: h5py.File, path: Path, size: tuple[int, int]) -> dict[str, Any]:
    """What the file's attribute says."""
    try:
        info = json.loads(file.attrs["jepilot"])
        listed = [(camera["name"], camera["height"], camera["width"]) for camera in info["cameras"]]
    except (ValueError, TypeError, KeyError):
        raise TrainError(f"{path}: root attribute 'jepilot' must be JSON with 'cameras', each of a name, height and width") from None
    if [camera[1:] for camera in listed] != [size]:
        raise TrainError(f"{path}: attribute 'jepilot' must list one camera of {size[1]}x{size[0]}, got {info['cameras']}")
    return {**info, "source": f"JEPilot HDF5 {path.name}"}


def _foreign(path: Path, name: str, action: Column, state: Column | None) -> dict[str, Any]:
    """What can be told of any other file."""
    columns = ", ".join([name, action.name] + ([state.name] if state else []))
    info = {"source": f"HDF5 {path.name}: {columns}", "cameras": [{"name": short(name)}]}
    return info | ({"stateNames": [str(i) for i in range(state.width)]} if state else {})
