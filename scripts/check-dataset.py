"""Opens a collected data set with the unmodified loader of stable-worldmodel and checks the clips that it yields.

    pip install stable-worldmodel==0.1.1 h5py hdf5plugin
    python scripts/check-dataset.py data/two-room.h5
"""

import json
import sys

import h5py
from stable_worldmodel.data import HDF5Dataset


def main(path: str, clip: int = 4, skip: int = 5) -> None:
    """Frames every `skip` control steps, the actions between them stacked: what a trainer asks for."""
    with h5py.File(path, "r") as file:
        about = json.loads(file.attrs["jepilot"])
        episodes, steps = len(file["ep_len"]), int(file["ep_len"][0])
        dim = file["action"].shape[1]
    camera = about["cameras"][0]
    data = HDF5Dataset(path=path, frameskip=skip, num_steps=clip)
    expected = episodes * (steps - clip * skip + 1)
    assert len(data) == expected, f"{len(data)} clips; expected {expected}"
    for index in (0, len(data) // 2, len(data) - 1):
        item = data[index]
        assert tuple(item["pixels"].shape) == (clip, 3, camera["height"], camera["width"]), item["pixels"].shape
        assert tuple(item["action"].shape) == (clip, skip * dim), item["action"].shape
        assert tuple(item["state"].shape) == (clip, len(about["stateNames"])), item["state"].shape
        assert 0 < float(item["pixels"].float().mean()) < 255
    print(f"{path}: {episodes} episodes, {len(data)} clips of {clip} frames, pixels {tuple(item['pixels'].shape)}, "
          f"action {tuple(item['action'].shape)}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python scripts/check-dataset.py FILE.h5")
    main(sys.argv[1])
