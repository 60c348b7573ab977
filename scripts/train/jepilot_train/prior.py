"""A goal-conditioned action prior: what the data did next on its way to g (GC-IDM, arXiv 2605.08732). Search starts from it."""

import numpy as np
import torch
from torch import Tensor, nn

from .checkpoint import Checkpoint
from .clips import blocks, starts
from .data import Episodes
from .errors import TrainError
from .loop import Schedule, Trainer
from .metric import mlp

LOW, HIGH = -3.0, 0.5  # of the logarithm of a standard deviation, in normalised actions: 0.05 to 1.65


class Prior(nn.Module):
    """MLP [z, g] -> a Gaussian of the next normalised action block, independent in its A numbers."""

    def __init__(self, config, latent: int, action: int):
        super().__init__()
        self.net = mlp(2 * latent, config.hidden, 2 * action)

    def forward(self, latent: Tensor, goal: Tensor) -> tuple[Tensor, Tensor]:
        """latent [N,D], goal [N,D] -> mean [N,A], standard deviation [N,A]."""
        mean, spread = self.net(torch.cat([latent, goal], -1)).chunk(2, -1)
        # Squashed, not cut off: past a hard limit there would be no gradient back.
        return mean, (LOW + (HIGH - LOW) * spread.sigmoid()).exp()


def surprisal(mean: Tensor, std: Tensor, action: Tensor) -> Tensor:
    """Negative log-likelihood per dimension [N,A], without its constant; 1/2 on average for a standard normal that knows nothing."""
    return 0.5 * ((action - mean) / std).square() + std.log()


class HindsightSampler:
    """Frames with a whole action block after them, and goals that their episode reached later."""

    def __init__(self, data: Episodes, episodes: np.ndarray, config, repeat: int, rng: np.random.Generator):
        self.starts, self.last, self.rng = starts(data, episodes, repeat), data.last, rng
        self.most, self.draw = config.ahead * repeat, config.draw

    def sample(self, batch: int) -> tuple[np.ndarray, np.ndarray]:
        """Flat frame indices `at` and `goal` [B], the goal 1 to `ahead` model steps' worth of control steps later."""
        at = self.rng.choice(self.starts, batch)
        limit = np.minimum(self.last[at] - at, self.most)
        if self.draw == "geometric":
            return at, at + np.minimum(self.rng.geometric(min(1, 2 / self.most), batch), limit)
        return at, at + self.rng.integers(1, limit + 1)


def train_prior(run, z: np.ndarray, g: np.ndarray, mark: str) -> tuple[Prior, float]:
    """Maximum likelihood on frozen latents z [T,D] and goal latents g [T,D]; returns the prior frozen, with the seconds it took."""
    config, repeat = run.config.prior, run.config.data.action_repeat
    torch.manual_seed(run.seed)
    prior = Prior(config, z.shape[1], run.action_dim).to(run.device)
    rng = np.random.default_rng([run.seed, 4])
    sampler = HindsightSampler(run.data, run.training, config, repeat, rng)
    if not len(sampler.starts):
        raise TrainError("data: no training episode is as long as one model step")
    zs, gs = (torch.from_numpy(x).to(run.device) for x in (z, g))

    def loss():
        at, goal = sampler.sample(config.batch)
        action = torch.from_numpy(blocks(run.actions, at, 1, repeat)[:, 0]).to(run.device)
        mean, std = prior(zs[torch.from_numpy(at).to(run.device)], gs[torch.from_numpy(goal).to(run.device)])
        value = surprisal(mean, std, action).mean()
        return value, {"nll": value.detach(), "std": std.detach().mean()}

    schedule = Schedule(config.steps, config.learning_rate, 1e-3, checkpoint_every=2000)
    seconds = Trainer("action prior", prior, schedule, Checkpoint(run.work / f"prior-{mark}.pt", mark), rng).run(loss)
    return prior.eval().requires_grad_(False), seconds
