"""`python -m jepilot_train.lewm CONFIG.toml --checkpoint FILE --data PATH --out FOLDER`: a LeWM checkpoint in, a model folder out."""

import argparse
import dataclasses
import hashlib
import sys
from pathlib import Path

import torch

from .. import config, datasets, jepa
from ..errors import TrainError
from ..loop import Interrupted
from ..heldout import HeldOut
from ..manifest import cameras
from ..run import choose_device, prepare
from ..stages import check_task, train_heads
from . import checkpoint
from .deliver import check_action, deliver
from .world import World


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="python -m jepilot_train.lewm", description="Exports a LeWM checkpoint of stable_worldmodel, with heads trained on its frozen latents.")
    p.add_argument("config", type=Path, help="TOML configuration (configs/lewm.toml): heads, data, planning")
    source = p.add_mutually_exclusive_group(required=True)
    source.add_argument("--checkpoint", type=Path, help="*_object.ckpt, weights (*.pt) beside their config.json, or the folder of one")
    source.add_argument("--random", action="store_true", help="random weights of the published architecture: for tests and benchmarks")
    p.add_argument("--data", type=Path, required=True, help="data of the kind it was trained on: gives action statistics, held-out episodes, and trains heads")
    p.add_argument("--task", help="task of the data and the model (default: the configuration's)")
    p.add_argument("--out", type=Path, required=True, help="model folder to write")
    p.add_argument("--work", type=Path, help="folder for checkpoints of heads (default: runs/lewm-<hash>)")
    p.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--threads", type=int, default=0, help="CPU threads (default: all)")
    p.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="override a configuration value")
    return p


def run(arguments: list[str]) -> None:
    """Parse, load, train heads, export; raises TrainError or Interrupted."""
    options = parser().parse_args(arguments)
    settings = config.load(options.config, options.set + ([f"task={options.task!r}"] if options.task else []))
    if options.threads > 0:
        torch.set_num_threads(options.threads)
    data = datasets.load(options.data, settings.data, settings.task)
    block = settings.data.action_repeat * data.action.shape[1]
    model = checkpoint.untrained(block, options.seed) if options.random else checkpoint.load(options.checkpoint)
    weights = hashlib.sha256(b"".join(p.detach().numpy().tobytes() for p in model.parameters())).hexdigest()[:8]
    settings = dataclasses.replace(settings, encoder=dataclasses.replace(settings.encoder, latent=model.predictor.input_dim))
    job = prepare(settings, data, options.seed, choose_device(options.device), options.work or Path("runs") / f"lewm-{weights}")
    check_task(job)
    check_action(model, job)
    cameras(job)
    world = World(model, *data.pixels.shape[1:3]).to(job.device)
    z, g = jepa.encode_all(job, world)
    trained, seconds = train_heads(job, world, z, g)
    deliver(job, trained.on_cpu(), HeldOut(job, z, g), options.out, arguments, seconds)


def main() -> None:
    """Exit status: 0 done, 1 an error in one line, 130 interrupted with the work saved."""
    try:
        run(sys.argv[1:])
    except TrainError as error:
        sys.exit(f"jepilot-lewm: {error}")
    except (Interrupted, KeyboardInterrupt) as stopped:
        print(f"jepilot-lewm: {stopped or 'interrupted'}", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
