"""Scenes seen from straight above look the same in a mirror: more episodes for nothing, where pictures and actions are flipped together."""

import numpy as np

#: Axis of pictures [...,H,W,3] that is flipped, and the number of the action that changes its sign.
AXES = {"x": (-2, 0), "y": (-3, 1)}


def mirrors(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """All combinations of the named mirrors, none first."""
    found: list[tuple[str, ...]] = [()]
    for name in names:
        found += [(*others, name) for others in found]
    return found


def flip_pictures(pictures: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """A view of [...,H,W,3]."""
    return np.flip(pictures, [AXES[name][0] for name in names]) if names else pictures


def flip_actions(run, names: tuple[str, ...]) -> np.ndarray:
    """Normalised actions [T,a] of the mirrored data: raw ones with other signs, by the same mean and deviation."""
    raw = run.actions * run.action_std + run.action_mean
    for name in names:
        raw[:, AXES[name][1]] *= -1
    return ((raw - run.action_mean) / run.action_std).astype(np.float32)
