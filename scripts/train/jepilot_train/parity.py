"""The gate between training and the runtime: PyTorch and ONNX must agree in value and in which plan they prefer."""

import numpy as np
import torch
from torch import Tensor

from .errors import TrainError
from .export import Trained
from .gradient import with_gradient
from .graphs import Graphs
from .heldout import HeldOut
from .plan_cost import PlanCost

TOLERANCE = 1e-4
SEQUENCES, STEPS = 256, 10
ELITES = 0.1
AGREEMENT = 0.999


def same_values(what: str, expected: Tensor, got: Tensor) -> float:
    """The largest difference; refuses one above the tolerance, relative for values beyond 1."""
    difference = ((expected - got).abs() / expected.abs().clamp(min=1)).max().item()
    if not difference <= TOLERANCE:
        raise TrainError(f"parity: PyTorch and ONNX differ by {difference:.2g} in {what}, more than {TOLERANCE:g}; nothing was written")
    return difference


def same_ranking(expected: Tensor, got: Tensor) -> float:
    """Kendall's tau of two cost vectors [N], pairs closer than the tolerance left out; refuses other elites."""
    first, second = expected[:, None] - expected, got[:, None] - got
    clear = (first.abs() > TOLERANCE).triu(1)
    flipped = (clear & (first * second <= 0)).sum().item()
    tau = 1 - 2 * flipped / max(1, clear.sum().item())
    count = max(1, round(ELITES * len(expected)))
    edge = expected.sort().values[count - 1]
    elite, elite_got = (torch.zeros(len(c), dtype=torch.bool).index_fill(0, c.argsort()[:count], True) for c in (expected, got))
    moved = ((elite != elite_got) & ((expected - edge).abs() > TOLERANCE)).sum().item()
    if tau <= AGREEMENT or moved:
        raise TrainError(f"parity: PyTorch and ONNX rank plans differently (Kendall tau {tau:.4f}, {moved} elites moved); nothing was written")
    return tau


@torch.no_grad()
def check(trained: Trained, graphs: Graphs, held: HeldOut) -> dict[str, float]:
    """Compare all graphs over random action sequences from real held-out windows; returns what was measured."""
    run, rng = held.run, held.rng(11)
    horizon = run.config.planning.horizon
    at = rng.choice(run.data.frames_of(run.held_out), SEQUENCES)
    frames = held.windows(at)
    z = trained.world.encoder(frames)
    worst = [same_values("the encoder", z, graphs.encode(frames))]
    actions = held.random_actions(SEQUENCES, max(STEPS, horizon), rng)
    expected, got = trained.world.predictor.rollout(z, actions), graphs.rollout(z, actions)
    worst.append(same_values(f"a {STEPS}-step rollout", expected[:, :STEPS], got[:, :STEPS]))
    goals = held.goal_latents(np.roll(at, 1))
    if trained.metric is not None:
        worst.append(same_values("the metric", trained.metric(z, goals), graphs.distance(z, goals)))
    worst += _heads(trained, graphs, z, goals, actions[:, 0])
    if "gradient" in graphs.sessions:
        worst += _gradient(trained, graphs, held, z[:1], goals[:1], actions[:, :horizon])
    return {"parityDifference": max(worst), "parityKendall": _ranking(trained, graphs, held, z[:1], goals[:1], actions[:, :horizon])}


def _heads(trained: Trained, graphs: Graphs, z: Tensor, goals: Tensor, action: Tensor) -> list[float]:
    worst = []
    if trained.probe is not None:
        worst.append(same_values("the probe", trained.probe(z), graphs.run("probe", latent=z)))
    if trained.prior is not None:
        pairs = zip(("mean", "standard deviation"), trained.prior(z, goals), graphs.run_all("prior", latent=z, goal=goals))
        worst += [same_values(f"the prior's {name}", expected, got) for name, expected, got in pairs]
    if trained.ensemble is not None:
        worst.append(same_values("the ensemble", trained.ensemble(z, action), graphs.disagreement(z, action)))
    return worst


def _gradient(trained: Trained, graphs: Graphs, held: HeldOut, z: Tensor, goal: Tensor, actions: Tensor) -> list[float]:
    """Cost and gradient of all candidates, against PyTorch's own differentiation; gradients relative to the largest."""
    cost, slope = with_gradient(PlanCost.of(trained, held.run), z, goal, actions)
    cost_got, slope_got = graphs.run_all("gradient", latent=z, goal=goal, actions=actions)
    scale = slope.abs().max().clamp(min=1e-12)
    return [same_values("the objective", cost, cost_got), same_values("the objective's gradient", slope / scale, slope_got / scale)]


def _ranking(trained: Trained, graphs: Graphs, held: HeldOut, z: Tensor, goal: Tensor, actions: Tensor) -> float:
    """All candidates from one state to one goal, as a planner would rank them."""
    expected = PlanCost.of(trained, held.run)
    got = PlanCost(expected.objective, graphs, graphs.distance, graphs.disagreement, expected.action)
    return same_ranking(expected(z, goal, actions), got(z, goal, actions))
