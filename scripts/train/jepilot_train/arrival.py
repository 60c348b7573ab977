"""When a goal counts as reached: a threshold on the metric head's time to go, without the task's own rule of success.

Along a held-out trajectory a frame is at the goal if it lies at most `within` control steps from the goal's frame in time, and away
from it if it lies more than two model steps away or in another episode. A frame far in time may still show the same place. Where
the simulator's state is recorded, pairs of frames whose states differ by less than what frames two model steps apart typically do
(their median; root mean square over standardised dimensions) are therefore not taken for being away; without a state they are,
and the false-stop rate is an upper bound.
"""

import numpy as np
import torch
from torch import Tensor

from .clips import starts
from .heldout import HeldOut

SHARE = 0.95  # of the frames at the goal that the threshold should take in
GOALS = 256
FAR = 2  # model steps


def reached(metric, held: HeldOut, fit: np.ndarray, test: np.ndarray) -> dict[str, float]:
    """Threshold in control steps, fixed on episodes `fit`; dwell; on episodes `test` the share of frames at the goal below it
    (`hitRate`) and of frames away from it where it has held for `dwell` control steps (`falseStopRate`).

    The threshold is at most half a model step, or `within` where that is more: a head that is vague near the goal should
    miss arrivals rather than stop short of them. Empty where no frame of `test` is away.
    """
    config, repeat = held.run.config.calibration, held.run.config.data.action_repeat
    near = np.concatenate([times[apart <= config.within] for times, apart, _ in _approaches(metric, held, fit, 37)])
    threshold = min(float(np.quantile(near, SHARE)), max(0.5, config.within / repeat))
    hits, stops = [], []
    for times, apart, away in _approaches(metric, held, test, 38):
        below = times <= threshold
        hits.append(below[apart <= config.within])
        stops.append(held_for(below, config.dwell)[away])
    if not sum(map(len, stops)):
        return {}
    return {"threshold": threshold * repeat, "dwell": config.dwell,
            "falseStopRate": float(np.concatenate(stops).mean()), "hitRate": float(np.concatenate(hits).mean())}


def held_for(below: np.ndarray, dwell: int) -> np.ndarray:
    """Where a sequence [n] has been true for `dwell` steps: there and at each of the `dwell` places before."""
    count = np.cumsum(np.concatenate([np.zeros(dwell + 1, int), below]))
    return count[dwell + 1 :] - count[: -dwell - 1] == dwell + 1


def _approaches(metric, held: HeldOut, episodes: np.ndarray, purpose: int):
    """For each of some goals the goal's own episode, then another: time to go [n] in model steps, control steps apart [n], away [n]."""
    data, rng, config = held.run.data, held.rng(purpose), held.run.config
    same = _same_place(held)
    frames = data.frames_of(episodes)
    for goal in rng.permutation(frames[held.rest[frames]])[:GOALS]:
        own = np.arange(data.first[goal], data.last[goal] + 1)
        apart = np.abs(own - goal)
        yield _times(metric, held, own, goal), apart, (apart > FAR * config.data.action_repeat) & ~same(own, goal)
        # Goals of another layout never arise where layouts differ by episode.
        others = episodes[data.offset[episodes] != data.first[goal]]
        if config.metric.other == "any" and len(others):
            start = data.offset[rng.choice(others)]
            frames = np.arange(start, data.last[start] + 1)
            yield _times(metric, held, frames, goal), np.full(len(frames), np.iinfo(np.int64).max), ~same(frames, goal)


def _times(metric, held: HeldOut, frames: np.ndarray, goal: int) -> np.ndarray:
    goals: Tensor = held.goal_latents(np.full(len(frames), goal))
    with torch.no_grad():
        return metric(held.latents(frames), goals).numpy()


def _same_place(held: HeldOut):
    """A test of frames [n] against a goal's frame by recorded state; always false where there is none."""
    run = held.run
    if run.data.state is None:
        return lambda frames, goal: np.zeros(len(frames), bool)
    known = run.data.state[run.data.frames_of(run.training)]
    scale = np.maximum(known.std(0), 1e-6)
    differ = lambda a, b: np.sqrt((((run.data.state[a] - run.data.state[b]) / scale) ** 2).mean(-1))  # noqa: E731
    steps = FAR * run.config.data.action_repeat
    at = starts(run.data, run.training, steps)[:20000]
    limit = np.median(differ(at, at + steps)) if len(at) else 0.0
    return lambda frames, goal: differ(frames, goal) < limit
