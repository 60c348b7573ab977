"""`jepilot-train CONFIG.toml --data PATH --out FOLDER`: a data set in, a model folder out."""

import argparse
import sys
from pathlib import Path

import torch

from . import config, datasets
from .errors import TrainError
from .loop import Interrupted
from .run import choose_device, prepare
from .stages import STAGES, run_stages


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="jepilot-train", description=__doc__.partition(": ")[2])
    p.add_argument("config", type=Path, help="TOML configuration")
    p.add_argument("--data", type=Path, required=True, help="data set: an HDF5 file or a LeRobot v3.0 folder")
    p.add_argument("--task", help="task of the data and the model (default: the configuration's)")
    p.add_argument("--out", type=Path, required=True, help="model folder to write")
    p.add_argument("--work", type=Path, help="folder for checkpoints (default: runs/<config name>-<seed>)")
    p.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--threads", type=int, default=0, help="CPU threads (default: train.threads, or else all)")
    p.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="override a configuration value")
    p.add_argument("--stage", choices=STAGES, default="all", help="the last stage to run; earlier ones load if they are done")
    return p


def run(arguments: list[str]) -> None:
    """Parse, load, run; raises TrainError or Interrupted."""
    options = parser().parse_args(arguments)
    settings = config.load(options.config, options.set + ([f"task={options.task!r}"] if options.task else []))
    if (threads := options.threads or settings.train.threads) > 0:
        torch.set_num_threads(threads)
    device = choose_device(options.device)
    work = options.work or Path("runs") / f"{options.config.stem}-{options.seed}"
    data = datasets.load(options.data, settings.data, settings.task)
    run_stages(prepare(settings, data, options.seed, device, work), options.stage, options.out, arguments)


def main() -> None:
    """Exit status: 0 done, 1 an error in one line, 130 interrupted with the work saved."""
    try:
        run(sys.argv[1:])
    except TrainError as error:
        sys.exit(f"jepilot-train: {error}")
    except Interrupted as stopped:
        print(f"jepilot-train: {stopped}", file=sys.stderr)
        sys.exit(130)
    except KeyboardInterrupt:
        print("jepilot-train: interrupted", file=sys.stderr)
        sys.exit(130)
    except MemoryError as error:
        sys.exit(f"jepilot-train: out of memory: {error}")
