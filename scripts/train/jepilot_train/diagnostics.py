"""Diagnostics on held-out episodes, each a number with a one-line meaning, some with a gate."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import rankdata
from torch import Tensor
from torch.nn import functional as F

from .calibration import surprises
from .export import Trained
from .heldout import HeldOut
from .objective import latent_distance
from .plan_cost import PlanCost
from .prior import HindsightSampler, surprisal
from .sigreg import sigreg

CLIPS, ORDERED = 1024, 256


@dataclass(frozen=True)
class Gate:
    """A bound that a good model keeps; missing it warns, it does not stop."""

    holds: Callable[[float], bool]
    text: str


MEANINGS = {
    "sigreg": "SIGReg statistic of latents (1.05: perfectly Gaussian; 0.4 x batch: collapsed)",
    "effectiveRank": "effective number of latent dimensions, exp of the entropy of the covariance's spectrum",
    "oneStepMse": "squared prediction error per dimension after one model step (variance of z is about 1)",
    "openLoopMse5": "the same after 5 model steps without looking",
    "openLoopMse10": "the same after 10 model steps without looking",
    "persistenceMse5": "error after 5 model steps of predicting no change",
    "shuffledMse5": "error after 5 model steps with the actions of other clips",
    "actionRatio": "shuffledMse5 / openLoopMse5: how much actions matter to the prediction",
    "persistenceRatio10": "openLoopMse10 / error of predicting no change",
    "linearProbeR2": "variance of the simulator's state that a linear map of z explains, mean over dimensions",
    "probeR2": "the same for the exported probe, mean over dimensions",
    "latentSpearman": "rank correlation of latent distance to a goal up to 40 model steps ahead with the steps left, along the true way there",
    "metricSpearman": "the same for the metric head",
    "metricSpearmanPredicted": "rank correlation of the head with the steps left, along predicted latents",
    "metricPredictedPositive": "share of starts where that correlation is above zero",
    "trueActionRank": "where the true actions rank among 256 true sequences of other clips, under the planning objective (0: best)",
    "priorNll": "how badly the prior expects the next action towards a later frame, nats a dimension (0.5: it knows nothing)",
    "disagreementSpearman": "rank correlation of the ensemble's disagreement with the predictor's error after one model step",
    "surpriseTeleport": "share of model steps called surprising when the picture after them is another one of the episode",
    "costVariation": "standard deviation / mean of the objective over random plans: whether there is anything to choose",
    "parityDifference": "largest difference between PyTorch and ONNX",
    "parityWindow": "largest difference between the predictor taken apart by position and as it was trained",
    "parityKendall": "Kendall's tau between the rankings of 256 plans by PyTorch and ONNX",
}

GATES = {
    "sigreg": Gate(lambda v: 0.9 <= v <= 1.6, "in [0.9, 1.6]"),
    "effectiveRank": Gate(lambda v: v >= 8, "at least 8"),
    "actionRatio": Gate(lambda v: v >= 3, "at least 3"),
    "persistenceRatio10": Gate(lambda v: v <= 0.5, "at most 0.5"),
    "metricSpearman": Gate(lambda v: v >= 0.7, "at least 0.7"),
    "trueActionRank": Gate(lambda v: v <= 0.1, "at most 0.1"),
    "costVariation": Gate(lambda v: v >= 0.3, "at least 0.3"),
}


def meaning(name: str) -> str:
    """One line for a diagnostic; `linearProbeR2.x` is that of one dimension, x."""
    group, _, part = name.partition(".")
    return f"the same for {part} alone" if part else MEANINGS[group]


def effective_rank(z: Tensor) -> float:
    """exp of the entropy of the normalised eigenvalues of cov(z), z [n,D]."""
    share = torch.linalg.eigvalsh(torch.cov(z.T.double())).clamp(min=1e-12)
    share = share / share.sum()
    return (-(share * share.log()).sum()).exp().item()


def spearman(values: np.ndarray) -> np.ndarray:
    """Each row's rank correlation with the column number, values [n,m] -> [n]."""
    ranks = rankdata(values, axis=1) - (values.shape[1] + 1) / 2
    columns = np.arange(values.shape[1]) - (values.shape[1] - 1) / 2
    scale = np.sqrt((ranks**2).sum(1) * (columns**2).sum())
    return (ranks @ columns) / np.maximum(scale, 1e-12)


def explained(wanted: np.ndarray, got: np.ndarray) -> np.ndarray:
    """R^2 of each column, [n,s] -> [s]; NaN for one that does not vary."""
    variance = wanted.var(0)
    return 1 - ((wanted - got) ** 2).mean(0) / np.where(variance > 1e-10, variance, np.nan)


def latent_shape(held: HeldOut) -> dict[str, float]:
    rng = held.rng(21)
    z = held.latents(rng.permutation(held.run.data.frames_of(held.run.held_out))[:4096])
    batch = min(128, len(z))
    return {"sigreg": sigreg(z[: len(z) // batch * batch].view(-1, batch, z.shape[1]), 1024).item(), "effectiveRank": effective_rank(z)}


def prediction(trained: Trained, held: HeldOut) -> dict[str, float]:
    """Open-loop errors beside persistence and shuffled actions."""
    steps = held.longest(10)
    near = min(5, steps)
    at = held.trajectories(CLIPS, steps, held.rng(22))
    z, actions = held.latents(at), held.actions(at[:, 0], steps)
    rollout = trained.world.predictor.rollout
    error = (rollout(z[:, 0], actions) - z[:, 1:]).square().mean((0, 2))
    shuffled = F.mse_loss(rollout(z[:, 0], actions.roll(1, 0)[:, :near])[:, -1], z[:, near]).item()
    still = [F.mse_loss(z[:, 0], z[:, n]).item() for n in (near, steps)]
    values = {"oneStepMse": error[0].item(), "openLoopMse5": error[near - 1].item(), "openLoopMse10": error[-1].item(),
              "persistenceMse5": still[0], "shuffledMse5": shuffled}
    return values | {"actionRatio": shuffled / max(values["openLoopMse5"], 1e-9),
                     "persistenceRatio10": values["openLoopMse10"] / max(still[1], 1e-9)}


def state_probes(trained: Trained, held: HeldOut) -> dict[str, float]:
    run, rng = held.run, held.rng(23)
    if run.data.state is None:
        return {}
    fit, test = (rng.permutation(run.data.frames_of(e))[:20000] for e in (run.training, run.held_out))
    design = lambda at: np.c_[held.z[at], np.ones(len(at))].astype(np.float64)  # noqa: E731
    weights = np.linalg.lstsq(design(fit), run.data.state[fit].astype(np.float64), rcond=None)[0]
    linear = explained(run.data.state[test], design(test) @ weights)
    names = run.data.info.get("stateNames") or [str(i) for i in range(len(linear))]
    varying = {f"linearProbeR2.{name}": float(value) for name, value in zip(names, linear) if np.isfinite(value)}
    values = {"linearProbeR2": float(np.mean(list(varying.values()))), **varying}
    if trained.probe is not None:
        values["probeR2"] = float(np.nanmean(explained(run.data.state[test], trained.probe(held.latents(test)).numpy())))
    return values


def distances(trained: Trained, held: HeldOut) -> dict[str, float]:
    """Does distance fall along the way to a goal, the true one and an imagined one?"""
    ahead = held.longest(40)
    at = held.trajectories(ORDERED, ahead, held.rng(24), arriving=True)
    pairs = held.latents(at[:, :-1]).flatten(0, 1), held.goal_latents(at[:, -1:].repeat(ahead, 1)).flatten(0, 1)
    table = lambda metric, z, g: metric(z, g).view(len(at), -1).numpy()  # noqa: E731
    values = {"latentSpearman": -spearman(table(latent_distance, *pairs)).mean()}
    if trained.metric is None:
        return values
    steps = min(10, ahead)
    values["metricSpearman"] = -spearman(table(trained.metric, *pairs)).mean()
    at = held.trajectories(ORDERED, steps, held.rng(24), arriving=True)
    predicted = trained.world.predictor.rollout(held.latents(at[:, 0]), held.actions(at[:, 0], steps))
    goal = held.goal_latents(at[:, steps : steps + 1].repeat(steps, 1)).flatten(0, 1)
    along = -spearman(table(trained.metric, predicted.flatten(0, 1), goal))
    return values | {"metricSpearmanPredicted": along.mean(), "metricPredictedPositive": (along > 0).mean()}


def heads(trained: Trained, held: HeldOut) -> dict[str, float]:
    """Does the prior know the way, and does the ensemble know where the predictor errs?"""
    run, rng, values = held.run, held.rng(26), {}
    if trained.prior is not None:
        at, goal = HindsightSampler(run.data, run.held_out, run.config.prior, run.config.data.action_repeat, rng).sample(4 * CLIPS)
        gaussian = trained.prior(held.latents(at), held.goal_latents(goal))
        values["priorNll"] = surprisal(*gaussian, held.actions(at, 1)[:, 0]).mean().item()
    if trained.ensemble is not None:
        at = held.trajectories(4 * CLIPS, 1, rng)[:, 0]
        disagreement = trained.ensemble(held.latents(at), held.actions(at, 1)[:, 0])
        values["disagreementSpearman"] = float(np.corrcoef(rankdata(disagreement), rankdata(surprises(trained, held, at)))[0, 1])
    return values


def choices(trained: Trained, held: HeldOut, cases: int = 64) -> dict[str, float]:
    """Would the planner's objective pick the true actions out of many?"""
    rng, horizon, costs = held.rng(25), held.longest(held.run.config.planning.horizon), PlanCost.of(trained, held.run)
    at = held.trajectories(257, horizon, rng, arriving=True)
    actions, ranks, variation = held.actions(at[:, 0], horizon), [], []
    for i in range(min(cases, len(at))):
        task = held.latents(at[i, :1]), held.goal_latents(at[i, -1:])
        true = costs(*task, actions)
        ranks.append((true < true[i]).float().sum().item() / max(1, len(at) - 1))
        random = costs(*task, held.random_actions(256, horizon, rng))
        variation.append((random.std() / random.mean()).item())
    return {"trueActionRank": float(np.mean(ranks)), "costVariation": float(np.mean(variation))}


@torch.no_grad()
def diagnose(trained: Trained, held: HeldOut, calibration: dict) -> dict[str, float]:
    """All diagnostics of a frozen model on the CPU; what the data cannot tell (NaN) is left out."""
    torch.manual_seed(held.run.seed)
    values = (latent_shape(held) | prediction(trained, held) | state_probes(trained, held)
              | distances(trained, held) | choices(trained, held) | heads(trained, held))
    if "surprise" in calibration:
        values["surpriseTeleport"] = calibration["surprise"]["teleportDetection"]
    return {name: float(value) for name, value in values.items() if np.isfinite(value)}


def missed(values: dict[str, float]) -> list[str]:
    """The gates that do not hold, one line each."""
    return [f"{name} is {values[name]:.4g}, should be {gate.text}" for name, gate in GATES.items()
            if name in values and not gate.holds(values[name])]
