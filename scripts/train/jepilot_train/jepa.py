"""Stage 1: train the world model on clips; stage 2a: encode every frame once with the frozen encoder."""

import copy
import os
from pathlib import Path

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from .checkpoint import Checkpoint, fingerprint
from .clips import ClipSampler
from .errors import TrainError
from .loop import Schedule, Trainer
from .losses import world_model_loss
from .model import WorldModel, calibrate, follow, use_bf16
from .mirror import flip_actions, mirrors
from .run import Run

CALIBRATION = 40  # batches
ENCODE = 256  # windows a call


def mark(run: Run) -> str:
    """What the trained weights depend on."""
    return fingerprint([run.config.chosen("history", "data", "encoder", "predictor", "loss", "train"), run.data.sha256, run.seed])


def train(run: Run) -> tuple[WorldModel, float]:
    """Train (or resume, or just load) the world model; returns it frozen, with the seconds it took."""
    config = run.config
    torch.manual_seed(run.seed)
    model = WorldModel(config, *run.data.pixels.shape[1:3], run.action_dim).to(run.device)
    parts = nn.ModuleDict({"online": model})
    if config.train.ema:
        parts["average"] = copy.deepcopy(model).requires_grad_(False)
    rng = np.random.default_rng(run.seed)
    mirrored = {names: flip_actions(run, names) for names in mirrors(config.train.mirror)} if config.train.mirror else None
    sampler = ClipSampler(run.data, run.actions, run.training, config, rng, mirrored)
    if not len(sampler.starts):
        raise TrainError(f"data: no episode is longer than {(sampler.frames - 1) * sampler.repeat} control steps, the length of a clip")
    t = config.train
    schedule = Schedule(t.steps, t.learning_rate, t.weight_decay, t.warmup, t.clip, t.checkpoint_every)
    trainer = Trainer("world model", parts, schedule, Checkpoint(run.work / "jepa.pt", mark(run)), rng)
    seconds = trainer.run(_loss(model, sampler, run), _averaging(parts, config.train.ema))
    return _freeze(parts["average"] if t.ema else model, sampler, run), seconds


def _loss(model: WorldModel, sampler: ClipSampler, run: Run):
    model.train()
    model.encoder.bf16 = use_bf16(run.config.train.bf16, run.device)

    def loss():
        frames, actions = (torch.from_numpy(x).to(run.device) for x in sampler.sample(run.config.train.batch))
        return world_model_loss(model, frames, actions, run.config.loss)

    return loss


def _averaging(parts: nn.ModuleDict, decay: float):
    if not decay:
        return lambda: None
    return lambda: follow(parts["average"], parts["online"], 1 - decay)


def _freeze(model: WorldModel, sampler: ClipSampler, run: Run) -> WorldModel:
    """Evaluation mode, with statistics from a fixed set of training clips so that a resumed run gets the same ones."""
    sampler.rng = np.random.default_rng([run.seed, 1])
    batch = max(2, run.config.train.batch)
    clips = (sampler.sample(batch)[0] for _ in range(CALIBRATION))
    calibrate(model.encoder, (torch.from_numpy(c).flatten(0, 1).to(run.device) for c in clips))
    return model.eval().requires_grad_(False)


@torch.no_grad()
def encode_all(run: Run, model: WorldModel) -> tuple[np.ndarray, np.ndarray]:
    """Latents of every true window and of every frame as a goal: float32 [T,D] each, the same array when k = 1."""
    path, key = run.work / "latents.npz", mark(run)
    if path.exists():
        with np.load(path) as saved:
            if str(saved["mark"]) == key:
                return saved["z"], saved["g"] if "g" in saved else saved["z"]
    history, at = run.config.history, np.arange(len(run.data.pixels))
    z = _encode(run, model, at, lambda part: run.data.windows(part, history.frames, history.stride), "encode")
    arrays = {"mark": np.array(key), "z": z}
    if history.frames > 1:
        arrays["g"] = _encode(run, model, at, lambda part: run.data.goals(part, history.frames), "encode goals")
    _save(path, arrays)
    return z, arrays.get("g", z)


def _encode(run: Run, model: WorldModel, at: np.ndarray, pictures, label: str) -> np.ndarray:
    out = np.empty((len(at), run.config.encoder.latent), np.float32)
    for begin in tqdm(range(0, len(at), ENCODE), desc=label, unit="batch", dynamic_ncols=True):
        part = at[begin : begin + ENCODE]
        out[begin : begin + len(part)] = model.encoder(torch.from_numpy(pictures(part)).to(run.device)).cpu().numpy()
    return out


def _save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    partial = path.with_name("latents.partial.npz")
    np.savez(partial, **arrays)
    os.replace(partial, path)
