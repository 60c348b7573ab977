"""A probe on frozen latents: reads the simulator's state, for display and for checking. Nothing plans with it."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .checkpoint import Checkpoint
from .loop import Schedule, Trainer


class Probe(nn.Module):
    """MLP, latent [N,D] -> state [N,s] in raw units."""

    def __init__(self, latent: int, hidden: int, mean: Tensor, std: Tensor):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(latent, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, len(mean)))
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    def forward(self, latent: Tensor) -> Tensor:
        return self.net(latent) * self.std + self.mean


def train_probe(run, z: np.ndarray, mark: str) -> Probe:
    """Regress the standardised state on training episodes; returns the probe frozen."""
    config, frames = run.config.probe, run.data.frames_of(run.training)
    state = run.data.state[frames]
    torch.manual_seed(run.seed)
    mean, std = torch.from_numpy(state.mean(0)), torch.from_numpy(np.maximum(state.std(0), 1e-6))
    probe = Probe(z.shape[1], config.hidden, mean, std).to(run.device)
    rng = np.random.default_rng([run.seed, 3])
    zs, wanted = torch.from_numpy(z[frames]).to(run.device), torch.from_numpy((state - state.mean(0)) / std.numpy()).to(run.device)

    def loss():
        i = torch.from_numpy(rng.integers(len(frames), size=config.batch)).to(run.device)
        value = F.mse_loss(probe.net(zs[i]), wanted[i])
        return value, {"mse": value.detach()}

    schedule = Schedule(config.steps, config.learning_rate, 1e-3, checkpoint_every=2000)
    Trainer("state probe", probe, schedule, Checkpoint(run.work / f"probe-{mark}.pt", mark), rng).run(loss)
    return probe.eval().requires_grad_(False)
