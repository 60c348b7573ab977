"""Reads a recording and the data sets made of it with the packages that others read them with.

    python scripts/check-recording.py run.mcap lerobot-folder set.h5

What is not installed is skipped, and said.
"""

import json
import subprocess
import sys
from pathlib import Path


def torchvision_without_operators() -> None:
    """A torchvision that does not fit its torch can't be imported for want of two operators that nothing here calls."""
    imported = subprocess.run([sys.executable, "-c", "import torchvision"], capture_output=True)
    if imported.returncode == 0:
        return
    try:
        import torch

        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
                     "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"):
            library.define(name)
        globals()["_kept"] = library
    except (ImportError, RuntimeError):
        pass


def check_mcap(path: str) -> None:
    from mcap.reader import make_reader

    with open(path, "rb") as file:
        reader = make_reader(file, validate_crcs=True)
        summary = reader.get_summary()
        names = {record.name for record in reader.iter_metadata()}
        assert names == {"run", "result"}, names
        counts, last = {}, 0
        for schema, channel, message in reader.iter_messages():
            body = json.loads(message.data)
            missing = set(json.loads(schema.data)["required"]) - set(body)
            assert not missing and message.log_time >= last, (channel.topic, missing)
            counts[channel.topic] = counts.get(channel.topic, 0) + 1
            last = message.log_time
        assert sum(counts.values()) == summary.statistics.message_count
        steps = counts["/action/sent"]
        assert counts["/obs/state"] == counts["/obs/image/top"] == steps + 1, counts
    print(f"mcap: {sum(counts.values())} messages on {len(counts)} channels, {steps} steps")


def check_lerobot(folder: str) -> None:
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    data = LeRobotDataset("local/set", root=folder)
    item = data[len(data) - 1]
    info = json.loads((Path(folder) / "meta/info.json").read_text())
    assert len(data) == info["total_frames"] and data.meta.total_episodes == info["total_episodes"]
    assert tuple(item["observation.images.top"].shape) == (3, 64, 64) and item["task"] == "two-room"
    assert item["action"].shape == (2,) and item["observation.state"].shape == (4,)
    print(f"lerobot: {data.meta.total_episodes} episodes, {len(data)} frames")


def check_stable_worldmodel(path: str) -> None:
    import h5py
    from stable_worldmodel.data import HDF5Dataset

    with h5py.File(path, "r") as file:
        lengths = file["ep_len"][:]
        assert file["pixels"].shape[0] == lengths.sum() and len(set(lengths)) > 1, lengths
    data = HDF5Dataset(path=path, frameskip=2, num_steps=3)
    item = data[len(data) - 1]
    assert tuple(item["pixels"].shape) == (3, 3, 64, 64) and tuple(item["action"].shape) == (3, 4)
    print(f"stable_worldmodel: {len(lengths)} episodes, {len(data)} clips")


def check_trainer(path: str) -> None:
    sys.path.insert(0, str(Path(__file__).parent / "train"))
    from jepilot_train.config import Data
    from jepilot_train.datasets import lerobot

    episodes = lerobot.load(Path(path), Data(action_repeat=2), "two-room")
    print(f"jepilot_train: {type(episodes).__name__} of {path.rsplit('/', 1)[-1]}")


def main(recording: str, folder: str, hdf5: str) -> None:
    torchvision_without_operators()
    check_mcap(recording)
    for check, path in ((check_lerobot, folder), (check_stable_worldmodel, hdf5), (check_trainer, folder)):
        try:
            check(path)
        except ImportError as error:
            print(f"note: {check.__name__} is skipped: {error}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: python scripts/check-recording.py RECORDING.mcap LEROBOT_FOLDER SET.h5")
    main(*sys.argv[1:])
