"""One CEM iteration of a LeWM model in PyTorch, eager and compiled, and on the same weights in JEPilot, in one run.

    python scripts/bench/pytorch.py --checkpoint lewm_object.ckpt --model models/lewm [--threads 2] [--samples 300] [--horizon 5]

The model folder is what `python -m jepilot_train.lewm` made of the checkpoint; --random takes the weights that its --random
takes. PyTorch runs `get_cost` of the unmodified stable_worldmodel on a full window of latents. Turns alternate, so that a
machine whose speed drifts is as unkind to both. Prints JSON: milliseconds, GFLOP/s of products in both, ratios of minima.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import torch

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts" / "train"))
from jepilot_train.lewm import checkpoint  # noqa: E402


def arguments() -> argparse.Namespace:
    p = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    source = p.add_mutually_exclusive_group(required=True)
    source.add_argument("--checkpoint", type=Path)
    source.add_argument("--random", action="store_true")
    p.add_argument("--model", type=Path, required=True, help="the folder made of these weights")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--samples", type=int, default=300)
    p.add_argument("--horizon", type=int, default=5)
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--compile", action=argparse.BooleanOptionalAction, default=True)
    return p.parse_args()


def plans(model, samples: int, horizon: int):
    """What `get_cost` takes: a full window of latents, a goal's, and actions for window and horizon."""
    window, width, action = model.predictor.num_frames, model.predictor.input_dim, model.action_encoder.input_dim
    latents = torch.randn(1, 1, window, width).expand(1, samples, window, width)
    goal = torch.randn(1, 1, 1, width).expand(1, samples, 1, width)
    actions = torch.randn(1, samples, window + horizon - 1, action)
    pixels = torch.zeros(1, samples, window, 1)  # encoded already; only its shape is looked at
    return lambda: model.get_cost({"pixels": pixels, "emb": latents, "goal": pixels, "goal_emb": goal}, actions)


def clocked(task) -> float:
    begin = time.perf_counter()
    task()
    return 1000 * (time.perf_counter() - begin)


def gemm() -> float:
    """GFLOP/s of float32 matrix products in PyTorch."""
    a, b = torch.randn(1024, 512), torch.randn(512, 512)
    return 2e-9 * 1024 * 512**2 / min(clocked(lambda: a @ b) / 1000 for _ in range(20))


def jepilot(options: argparse.Namespace) -> dict:
    """One turn of the runtime, in a process of its own: each precision's fastest iteration and its GFLOP/s."""
    command = ["node", str(ROOT / "scripts" / "bench" / "iteration.mjs"), str(options.model), str(options.threads),
               str(options.samples), str(options.horizon)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measure(options: argparse.Namespace) -> dict:
    torch.set_num_threads(options.threads)
    model = checkpoint.load(options.checkpoint) if options.checkpoint else checkpoint.untrained(10, 0)
    cost = plans(model, options.samples, options.horizon)
    runs = {"pytorchEager": cost}
    with torch.inference_mode():
        if options.compile:
            compiled = torch.compile(model.predict)
            eager = model.predict
            def fast():
                model.predict = compiled
                cost()
                model.predict = eager
            fast()
            runs["pytorchCompiled"] = fast
        turns: list[dict] = []
        for _ in range(options.rounds):
            turn = {name: min(clocked(task) for _ in range(2)) for name, task in runs.items()}
            turns.append(turn | {"gemmPytorch": gemm()} | jepilot(options))
    best = {name: (max if name.startswith("gemm") else min)(turn[name] for turn in turns) for name in turns[0]}
    eager = best["pytorchEager"]
    ratios = {name: round(eager / ms, 2) for name, ms in best.items() if name in ("pytorchCompiled", "fp32", "int8")}
    return {"threads": options.threads, "samples": options.samples, "horizon": options.horizon,
            "milliseconds": {name: round(value, 1) for name, value in best.items() if not name.startswith("gemm")},
            "gemmGflops": {name: round(value) for name, value in best.items() if name.startswith("gemm")},
            "timesFasterThanEager": ratios, "turns": turns}


if __name__ == "__main__":
    print(json.dumps(measure(arguments()), indent=2))
