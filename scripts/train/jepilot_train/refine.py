"""Stage 2b: train the predictor on, over frozen latents. Without pictures a step costs a tenth, so contact gets the steps that it wants."""

import numpy as np
import torch
from torch.nn import functional as F

from .checkpoint import Checkpoint, fingerprint
from .clips import blocks, starts
from .errors import TrainError
from .jepa import mark
from .loop import Schedule, Trainer
from .model import WorldModel


def refine(run, world: WorldModel, z: np.ndarray) -> float:
    """Free rollouts of K steps from true latents z [T,D], in place; returns the seconds it took. Does nothing for 0 steps."""
    config, repeat, steps = run.config.refine, run.config.data.action_repeat, run.config.loss.rollout
    if not config.steps:
        return 0.0
    torch.manual_seed(run.seed)
    predictor = world.predictor.requires_grad_(True).train()
    rng, possible = np.random.default_rng([run.seed, 6]), starts(run.data, run.training, steps * repeat)
    if not len(possible):
        raise TrainError(f"data: no training episode is as long as a rollout of {steps} model steps")
    zs = torch.from_numpy(z)

    def loss():
        at = possible[rng.integers(len(possible), size=config.batch)]
        actions = torch.from_numpy(blocks(run.actions, at, steps, repeat)).to(run.device)
        true = zs[torch.from_numpy(at[:, None] + np.arange(steps + 1) * repeat)].to(run.device)
        value = F.mse_loss(predictor.rollout(true[:, 0], actions), true[:, 1:])
        return value, {"pred": value.detach()}

    name = fingerprint([mark(run), run.config.chosen("refine")])
    schedule = Schedule(config.steps, config.learning_rate, config.weight_decay, 0.02, checkpoint_every=2000)
    seconds = Trainer("predictor", predictor, schedule, Checkpoint(run.work / f"predictor-{name}.pt", name), rng).run(loss)
    predictor.eval().requires_grad_(False)
    return seconds
