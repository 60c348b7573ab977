"""Stage 2b: train the predictor on, over frozen latents. Without pictures a step costs a tenth, so contact gets the steps that it wants."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .checkpoint import Checkpoint, fingerprint
from .clips import blocks, starts
from .errors import TrainError
from .jepa import ENCODE, mark
from .loop import Schedule, Trainer
from .mirror import flip_actions, flip_pictures, mirrors
from .model import WorldModel


class Rollouts:
    """Where rollouts of `steps` may begin: latents [n,D], K model steps each `stride` rows apart, and the actions between them."""

    def __init__(self, z: np.ndarray, at: np.ndarray, stride: int, frames: np.ndarray, actions: np.ndarray):
        """`at`: rows of z to begin at; `frames`: for each row of z the frame of the data set that it is of."""
        self.z, self.at, self.stride, self.frames, self.actions = torch.from_numpy(z), at, stride, frames, actions

    def sample(self, count: int, steps: int, repeat: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Latents [B,K+1,D] and normalised action blocks [B,K,A]."""
        at = self.at[rng.integers(len(self.at), size=count)]
        true = self.z[torch.from_numpy(at[:, None] + np.arange(steps + 1) * self.stride)]
        return true, torch.from_numpy(blocks(self.actions, self.frames[at], steps, repeat))


def refine(run, world: WorldModel, z: np.ndarray) -> float:
    """Free rollouts of K steps from true latents z [T,D], in place; returns the seconds it took. Does nothing for 0 steps."""
    config, repeat, steps = run.config.refine, run.config.data.action_repeat, run.config.loss.rollout
    if not config.steps:
        return 0.0
    torch.manual_seed(run.seed)
    rng = np.random.default_rng([run.seed, 6])
    sources = [_seen(run, z, steps), *_mirrored(run, world, steps)]
    predictor = world.predictor.requires_grad_(True).train()

    def loss():
        parts = rng.multinomial(config.batch, [1 / len(sources)] * len(sources))
        drawn = [source.sample(count, steps, repeat, rng) for source, count in zip(sources, parts)]
        true, actions = (torch.cat(part).to(run.device) for part in zip(*drawn))
        value = F.mse_loss(predictor.rollout(true[:, 0], actions), true[:, 1:])
        return value, {"pred": value.detach()}

    name = fingerprint([mark(run), run.config.chosen("refine")])
    schedule = Schedule(config.steps, config.learning_rate, config.weight_decay, 0.02, checkpoint_every=2000)
    seconds = Trainer("predictor", predictor, schedule, Checkpoint(run.work / f"predictor-{name}.pt", name), rng).run(loss)
    predictor.eval().requires_grad_(False)
    return seconds


def _seen(run, z: np.ndarray, steps: int) -> Rollouts:
    repeat = run.config.data.action_repeat
    at = starts(run.data, run.training, steps * repeat)
    if not len(at):
        raise TrainError(f"data: no training episode is as long as a rollout of {steps} model steps")
    return Rollouts(z, at, repeat, np.arange(len(z)), run.actions)


def _mirrored(run, world: WorldModel, steps: int) -> list[Rollouts]:
    """The training episodes in each mirror, encoded at one phase of each episode: a fifth of the frames tells as much."""
    repeat, history = run.config.data.action_repeat, run.config.history
    sources, rng = [], np.random.default_rng([run.seed, 7])
    for names in mirrors(run.config.train.mirror)[1:]:
        phases = rng.integers(repeat, size=len(run.training))
        chains = [np.arange(run.data.offset[e] + phase, run.data.offset[e] + run.data.length[e], repeat)
                  for e, phase in zip(run.training, phases)]
        frames = np.concatenate(chains)
        left = np.concatenate([np.arange(len(chain))[::-1] for chain in chains])
        z = np.concatenate([_encode(run, world, run.data.windows(part, history.frames, history.stride), names)
                            for part in np.split(frames, range(ENCODE, len(frames), ENCODE))])
        sources.append(Rollouts(z, np.flatnonzero(left >= steps), 1, frames, flip_actions(run, names)))
    return sources


@torch.no_grad()
def _encode(run, world: WorldModel, windows: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    pictures = np.ascontiguousarray(flip_pictures(windows, names))
    return world.encoder(torch.from_numpy(pictures).to(run.device)).cpu().numpy()
