"""An ensemble of small predictors on frozen latents: where they disagree, the data says little (cf. PETS, arXiv 1805.12114)."""

import numpy as np
import torch
from torch import Tensor, nn

from .checkpoint import Checkpoint
from .clips import blocks, starts
from .errors import TrainError
from .loop import Schedule, Trainer
from .metric import mlp


class Ensemble(nn.Module):
    """M residual MLPs z' = z + P_m([z, a]), alike but for their first weights and the data they saw."""

    def __init__(self, config, latent: int, action: int):
        super().__init__()
        # No LayerNorm: it would hide how far from the data an input lies, which is what members are to disagree about.
        self.members = nn.ModuleList(mlp(latent + action, config.hidden, latent, norm=False) for _ in range(config.members))

    def predictions(self, latent: Tensor, action: Tensor) -> Tensor:
        """latent [N,D], normalised action block [N,A] -> what each member expects next, [M,N,D]."""
        inputs = torch.cat([latent, action], -1)
        return latent + torch.stack([member(inputs) for member in self.members])

    def forward(self, latent: Tensor, action: Tensor) -> Tensor:
        """latent [N,D], action [N,A] -> disagreement [N]: variance over members, mean over dimensions."""
        return self.predictions(latent, action).var(0, correction=0).mean(-1)


def train_ensemble(run, z: np.ndarray, mark: str) -> tuple[Ensemble, float]:
    """One model step on frozen latents z [T,D], a batch of its own for each member; returns it frozen, with the seconds it took."""
    config, repeat = run.config.ensemble, run.config.data.action_repeat
    torch.manual_seed(run.seed)
    ensemble = Ensemble(config, z.shape[1], run.action_dim).to(run.device)
    rng, possible = np.random.default_rng([run.seed, 5]), starts(run.data, run.training, repeat)
    if not len(possible):
        raise TrainError("data: no training episode is as long as one model step")
    zs = torch.from_numpy(z).to(run.device)

    def loss():
        value = zs.new_zeros(())
        for member in ensemble.members:
            at = rng.choice(possible, config.batch)
            action = torch.from_numpy(blocks(run.actions, at, 1, repeat)[:, 0]).to(run.device)
            now, then = (zs[torch.from_numpy(i).to(run.device)] for i in (at, at + repeat))
            value = value + (now + member(torch.cat([now, action], -1)) - then).square().mean()
        return value, {"mse": value.detach() / len(ensemble.members)}

    schedule = Schedule(config.steps, config.learning_rate, 1e-3, checkpoint_every=2000)
    seconds = Trainer("ensemble", ensemble, schedule, Checkpoint(run.work / f"ensemble-{mark}.pt", mark), rng).run(loss)
    return ensemble.eval().requires_grad_(False), seconds
