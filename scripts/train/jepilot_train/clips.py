"""Random training clips: a few frames f control steps apart, and the actions that really lie between them."""

import numpy as np

from .data import Episodes
from .mirror import flip_pictures


def starts(data: Episodes, episodes: np.ndarray, steps: int) -> np.ndarray:
    """Frames with `steps` control steps still to come in the same episode: int64 [n]."""
    at = data.frames_of(episodes)
    return at[at + steps <= data.last[at]]


def blocks(action: np.ndarray, at: np.ndarray, count: int, repeat: int) -> np.ndarray:
    """`count` action blocks from frame `at` [B] on, each f raw actions flattened step-major: [B,count,f*a]."""
    index = at[:, None] + np.arange(count * repeat)
    return action[index].reshape(len(at), count, repeat * action.shape[1])


class ClipSampler:
    """Draws clips at any phase from the given episodes. `action` is already normalised, [T,a]."""

    def __init__(self, data: Episodes, action: np.ndarray, episodes: np.ndarray, config, rng: np.random.Generator,
                 mirrored: dict[tuple[str, ...], np.ndarray] | None = None):
        """`mirrored`: the actions for each combination of mirrors; without it nothing is mirrored."""
        self.data, self.action, self.rng = data, action, rng
        self.mirrored = list((mirrored or {}).items())
        self.history, self.repeat = config.history, config.data.action_repeat
        self.frames, self.brightness, self.shift = config.clip_frames, config.data.brightness, config.train.augment_shift
        self.starts = starts(data, episodes, (self.frames - 1) * self.repeat)

    def sample(self, batch: int) -> tuple[np.ndarray, np.ndarray]:
        """Frames uint8 [B,T,k,H,W,3] and normalised actions float32 [B,T-1,A]."""
        at = self.starts[self.rng.integers(len(self.starts), size=batch)]
        times = at[:, None] + np.arange(self.frames) * self.repeat
        frames = self.data.windows(times, self.history.frames, self.history.stride)
        if self.brightness:
            frames = self._brighten(frames)
        if self.shift:
            self._move(frames)
        actions = blocks(self.action, at, self.frames - 1, self.repeat)
        if self.mirrored:
            self._mirror(frames, actions, at)
        return frames, actions

    def _mirror(self, frames: np.ndarray, actions: np.ndarray, at: np.ndarray) -> None:
        """One combination of mirrors for each clip, in place."""
        for clip, choice in enumerate(self.rng.integers(len(self.mirrored), size=len(at))):
            names, action = self.mirrored[choice]
            frames[clip] = flip_pictures(frames[clip], names)
            actions[clip] = blocks(action, at[clip : clip + 1], self.frames - 1, self.repeat)[0]

    def _brighten(self, frames: np.ndarray) -> np.ndarray:
        """One factor per clip, the same for all its frames, through a table of 256 values."""
        factor = self.rng.uniform(1 - self.brightness, 1 + self.brightness, len(frames))
        table = np.clip(factor[:, None] * np.arange(256) + 0.5, 0, 255).astype(np.uint8)
        clip = np.arange(len(frames)).reshape(-1, *[1] * (frames.ndim - 1))
        return table[clip, frames]

    def _move(self, frames: np.ndarray) -> None:
        """One shift per clip, the same for all its frames, in place; what comes in at an edge repeats the edge."""
        height, width = frames.shape[-3:-1]
        padded = np.pad(frames, [(0, 0)] * 3 + [(self.shift, self.shift)] * 2 + [(0, 0)], mode="edge")
        for clip, (y, x) in enumerate(self.rng.integers(2 * self.shift + 1, size=(len(frames), 2))):
            frames[clip] = padded[clip, ..., y : y + height, x : x + width, :]
