"""Stage 2b: goal-conditioned TD without actions teaches a head the steps to go (cf. TD-JEPA; IQL's expectile, arXiv 2110.06169)."""

import copy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .checkpoint import Checkpoint
from .clips import starts
from .data import Episodes
from .errors import TrainError
from .loop import Schedule, Trainer
from .metric import create
from .model import follow


@dataclass(frozen=True)
class Pairs:
    """A batch of flat frame indices [B]: from `at`, one model step on to `next`, with a `goal`; `ahead` in control steps, -1 if unknown."""

    at: np.ndarray
    next: np.ndarray
    goal: np.ndarray
    ahead: np.ndarray


class PairSampler:
    """Goals: later in the same episode (geometric), the state itself, or another state: any, or any of the same episode.

    Where `target` is steps, all goals but the states themselves are later ones: nothing else has a known time.
    With `still`, frames at rest [T], only those are goals: a picture shows no motion, and who passes through at speed is not there.
    """

    def __init__(self, data: Episodes, episodes: np.ndarray, config, repeat: int, rng: np.random.Generator, still: np.ndarray | None = None):
        self.config, self.repeat, self.rng, self.first, self.last = config, repeat, rng, data.first, data.last
        self.starts, self.any = starts(data, episodes, repeat), data.frames_of(episodes)
        # The same mean distance as `geometric` per block, but at the resolution of control steps.
        self.chance = 1 - (1 - config.geometric) ** (1 / repeat)
        self.future = 1 - config.itself if config.target == "steps" else config.future
        self.rest = np.ones(len(data.action), bool) if still is None else still
        self.next_rest, self.last_rest = next_true(self.rest, self.last), last_true(self.rest, self.first)
        self.rest_starts, self.any = self.starts[self.rest[self.starts]], self.any[self.rest[self.any]]

    def sample(self, batch: int) -> Pairs:
        kind = self.rng.random(batch)
        itself = kind >= 1 - self.config.itself
        at = np.where(itself, self.rng.choice(self.rest_starts, batch), self.rng.choice(self.starts, batch))
        goal, ahead = self._other(at)
        later = self.next_rest[np.minimum(at + self.rng.geometric(self.chance, batch), self.last[at])]
        future = (kind < self.future) & (later >= 0)
        goal[future], ahead[future] = later[future], (later - at)[future]
        goal[itself] = at[itself]
        ahead[goal == at] = 0
        if self.config.shuffle:
            ahead = self.rng.permutation(ahead)
        return Pairs(at, at + self.repeat, goal, ahead)

    def _other(self, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Goals [B] that need not lie ahead, and how far ahead they are known to lie."""
        if self.config.other == "any":
            return self.rng.choice(self.any, len(at)), np.full(len(at), -1)
        drawn = self.rng.integers(self.first[at], self.last[at] + 1)
        goal = np.where(self.next_rest[drawn] >= 0, self.next_rest[drawn], self.last_rest[drawn])
        goal = np.where(goal >= 0, goal, self.rng.choice(self.any, len(at)))  # an episode without rest
        return goal, np.where((goal >= at) & (goal <= self.last[at]), goal - at, -1)


def next_true(flags: np.ndarray, last: np.ndarray) -> np.ndarray:
    """For each frame [T] the first one from it on, in its episode, that is flagged; -1 where none is."""
    at = np.where(flags, np.arange(len(flags)), len(flags))
    following = np.minimum.accumulate(at[::-1])[::-1]
    return np.where(following <= last, following, -1)


def last_true(flags: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The same backwards: the last one up to it."""
    preceding = np.maximum.accumulate(np.where(flags, np.arange(len(flags)), -1))
    return np.where(preceding >= first, preceding, -1)


def at_rest(z: np.ndarray, g: np.ndarray, limit: float) -> np.ndarray | None:
    """Frames [T] whose latent is nearly that of the same picture standing still; None, for all of them, without a limit."""
    if not limit:
        return None
    still = np.square(z - g).mean(1) <= limit
    if not still.any():
        raise TrainError(f"metric.still is {limit}: no frame of the data is so nearly at rest")
    return still


def target(after: Tensor, ahead: Tensor, repeat: int, gamma: float) -> Tensor:
    """Steps to go [B]: 1 + gamma d(z', g); known exactly where the goal lies at most one model step ahead (0 = it is the goal)."""
    return torch.where((ahead >= 0) & (ahead <= repeat), ahead.float() / repeat, 1 + gamma * after)


def expectile_loss(estimate: Tensor, goal: Tensor, tau: float) -> Tensor:
    """Squared error that leans towards the smaller cost: an estimate that is too long weighs tau, too short 1 - tau."""
    error = estimate - goal
    return (torch.where(error > 0, tau, 1 - tau) * error.square()).mean()


def train_metric(run, z: np.ndarray, g: np.ndarray, mark: str) -> tuple[nn.Module, float]:
    """Train the head on latents z [T,D] and goal latents g [T,D]; returns it frozen, with the seconds it took."""
    config = run.config.metric
    torch.manual_seed(run.seed)
    online = create(config, z.shape[1]).to(run.device)
    parts = nn.ModuleDict({"online": online, "target": copy.deepcopy(online).requires_grad_(False)})
    rng = np.random.default_rng([run.seed, 2])
    sampler = PairSampler(run.data, run.training, config, run.config.data.action_repeat, rng, at_rest(z, g, config.still))
    if not len(sampler.rest_starts):
        raise TrainError("data: no training episode is as long as one model step")
    schedule = Schedule(config.steps, config.learning_rate, config.weight_decay, checkpoint_every=2000)
    trainer = Trainer("metric head", parts, schedule, Checkpoint(run.work / f"metric-{mark}.pt", mark), rng)
    seconds = trainer.run(_loss(parts, sampler, run, z, g), lambda: follow(parts["target"], online, config.ema))
    return online.eval().requires_grad_(False), seconds


def _loss(parts: nn.ModuleDict, sampler: PairSampler, run, z: np.ndarray, g: np.ndarray):
    config = run.config.metric
    zs, gs = (torch.from_numpy(x).to(run.device) for x in (z, g))

    def loss():
        pairs = sampler.sample(config.batch)
        at, after, goal, ahead = (torch.from_numpy(x).to(run.device) for x in (pairs.at, pairs.next, pairs.goal, pairs.ahead))
        estimate = parts["online"](zs[at], gs[goal])
        if config.target == "steps":
            value = F.mse_loss(estimate, ahead.float() / sampler.repeat)
        else:
            with torch.no_grad():
                wanted = target(parts["target"](zs[after], gs[goal]), ahead, sampler.repeat, config.gamma)
            value = expectile_loss(estimate, wanted, config.expectile)
        return value, {config.target: value.detach(), "mean": estimate.detach().mean()}

    return loss
