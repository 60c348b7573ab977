"""Configuration: frozen dataclasses read strictly from TOML; an unknown key is an error that names it."""

import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from . import objective
from .errors import TrainError
from .strict import override, parse


@dataclass(frozen=True)
class History:
    """The window that one latent sees: `frames` pictures, `stride` control steps apart, the last one being now."""

    frames: int = 1
    stride: int = 1


@dataclass(frozen=True)
class Data:
    action_repeat: int = 5  # f: control steps in one model step
    held_out: float = 0.1  # share of episodes kept for diagnostics, never trained on
    brightness: float = 0.0  # one factor in [1 - b, 1 + b] per clip; 0 is off
    camera: str = ""  # column of pictures; "" is the only one (in HDF5: `pixels`, where there is that)
    camera_name: str = ""  # what the runtime calls it; "" is the last part of the column's name
    action: str = "action"  # column
    state: str = ""  # column; "" is state, observation.state or proprio, the first that is there
    size: tuple[int, ...] = ()  # [height, width] that pictures are resampled to; [] is as they are stored
    episodes: int = 0  # only the first so many; 0 is all


@dataclass(frozen=True)
class Encoder:
    channels: tuple[int, ...] = (16, 32, 64, 128)  # one strided convolution each
    hidden: int = 256
    latent: int = 32  # D
    coordinates: bool = True  # two extra input channels, x and y


@dataclass(frozen=True)
class Predictor:
    width: int = 128
    hidden: int = 256
    depth: int = 3
    action_code: int = 64
    dropout: float = 0.1


@dataclass(frozen=True)
class Loss:
    rollout: int = 4  # K: free-running prediction steps
    clip_frames: int = 0  # T: frames a clip; 0 means K + 1, more means a rollout from each possible start
    sigreg: float = 0.09  # keep sigreg x batch near 11.5
    sigreg_projections: int = 256
    action: float = 1.0
    straighten: float = 0.05
    smooth: float = 0.0


@dataclass(frozen=True)
class Train:
    steps: int = 3500
    batch: int = 128
    learning_rate: float = 1e-3
    weight_decay: float = 1e-3
    warmup: float = 0.05
    clip: float = 1.0
    ema: float = 0.0  # decay of an averaged copy, which is then the one exported; 0 is off
    bf16: str = "auto"  # auto | on | off: autocast in the convolutions
    checkpoint_every: int = 500
    threads: int = 0  # 0: all
    mirror: tuple[str, ...] = ()  # x, y: clips are seen in mirrors half of the time, with actions to match; for scenes that are symmetric
    augment_shift: int = 0  # pixels: one random shift a clip, at most this far along x and along y; 0 is off


@dataclass(frozen=True)
class Refine:
    """The predictor trained on over frozen latents, with rollouts of `loss.rollout` steps."""

    steps: int = 0  # 0 is off
    batch: int = 512
    learning_rate: float = 1e-3
    weight_decay: float = 1e-3


@dataclass(frozen=True)
class Metric:
    kind: str = "embedding"  # embedding | product | pair | none
    directed: bool = False  # embedding only: goals have their own network
    hidden: tuple[int, ...] = (256, 256)
    dim: int = 32
    gamma: float = 0.97
    expectile: float = 0.9  # towards the smaller cost
    ema: float = 0.005
    future: float = 0.5  # goal: later in the same episode
    itself: float = 0.05  # goal: the state itself; the rest: any state
    geometric: float = 0.12  # how far later, per block
    other: str = "any"  # any | episode: where the rest is drawn from; episode where each has a layout of its own
    still: float = 0.0  # goals are frames at rest: mean squared difference of latents, seen moving and standing, at most this; 0 is off
    goal_hidden: tuple[int, ...] = (512, 512, 512)  # product only: goals are embedded once per plan, so size is free
    target: str = "td"  # td | steps; a control: steps is plain regression on the steps to a later frame
    shuffle: bool = False  # a control: the times of the goals permuted within the batch, so that nothing can be learned
    steps: int = 6000
    batch: int = 1024
    learning_rate: float = 1e-3
    weight_decay: float = 1e-3


@dataclass(frozen=True)
class Probe:
    enabled: bool = True
    hidden: int = 256
    steps: int = 2000
    batch: int = 1024
    learning_rate: float = 1e-3


@dataclass(frozen=True)
class Prior:
    enabled: bool = False
    hidden: tuple[int, ...] = (256, 256)
    ahead: int = 20  # model steps to the furthest goal
    draw: str = "uniform"  # uniform | geometric (half of `ahead` on average)
    steps: int = 4000
    batch: int = 1024
    learning_rate: float = 1e-3


@dataclass(frozen=True)
class Ensemble:
    members: int = 0  # 0 is off, 4 is usual
    hidden: tuple[int, ...] = (128, 128)
    steps: int = 4000
    batch: int = 256  # of each member's own
    learning_rate: float = 1e-3


@dataclass(frozen=True)
class Gradient:
    enabled: bool = False  # export the planning objective and its gradient as one graph


@dataclass(frozen=True)
class Calibration:
    within: int = 1  # control steps: a frame so near in time to the goal's is at the goal
    dwell: int = 3  # control steps that the time to go must stay below the threshold


@dataclass(frozen=True)
class Planning:
    """Copied to the manifest as it stands, hence its spelling."""

    planner: str = "cem"
    horizon: int = 5
    samples: int = 64
    iterations: int = 3
    elites: int = 8
    replanInterval: int = 5  # control steps
    priorProposals: int = 0  # plans drawn from the action prior that each search begins with
    objective: dict[str, Any] = field(default_factory=lambda: {"kind": "metric", "over": "sum"})


@dataclass(frozen=True)
class Config:
    name: str
    task: str
    description: str = ""
    history: History = field(default_factory=History)
    data: Data = field(default_factory=Data)
    encoder: Encoder = field(default_factory=Encoder)
    predictor: Predictor = field(default_factory=Predictor)
    loss: Loss = field(default_factory=Loss)
    train: Train = field(default_factory=Train)
    refine: Refine = field(default_factory=Refine)
    metric: Metric = field(default_factory=Metric)
    probe: Probe = field(default_factory=Probe)
    prior: Prior = field(default_factory=Prior)
    ensemble: Ensemble = field(default_factory=Ensemble)
    gradient: Gradient = field(default_factory=Gradient)
    calibration: Calibration = field(default_factory=Calibration)
    planning: Planning = field(default_factory=Planning)

    @property
    def clip_frames(self) -> int:
        return self.loss.clip_frames or self.loss.rollout + 1

    def chosen(self, *names: str) -> dict[str, Any]:
        """What the named sections say that the defaults do not: for fingerprints, which a new key then leaves alone."""
        plain, standard = asdict(self), asdict(Config(name="", task=""))
        return {name: {k: v for k, v in plain[name].items() if v != standard[name][k]} for name in names}

    def sections(self, *names: str) -> dict[str, Any]:
        """The named sections as plain data, for the manifest."""
        plain = asdict(self)
        return {name: plain[name] for name in names} if names else plain


def _check(config: Config) -> Config:
    choices = [("metric.kind", config.metric.kind, ("embedding", "product", "pair", "none")),
               ("metric.other", config.metric.other, ("any", "episode")),
               ("metric.target", config.metric.target, ("td", "steps")),
               ("prior.draw", config.prior.draw, ("uniform", "geometric")),
               ("train.bf16", config.train.bf16, ("auto", "on", "off"))]
    for path, value, allowed in choices:
        if value not in allowed:
            raise TrainError(f"config key '{path}' is one of {', '.join(allowed)}, got '{value}'")
    for name in config.train.mirror:
        if name not in ("x", "y"):
            raise TrainError(f"config key 'train.mirror' takes x and y, got '{name}'")
    if config.clip_frames < config.loss.rollout + 1:
        raise TrainError(f"loss.clip_frames is {config.clip_frames}; a rollout of {config.loss.rollout} needs one more than that")
    if config.ensemble.members == 1:
        raise TrainError("ensemble.members is 1; one member disagrees with nobody: give 0 (off) or at least 2")
    if config.data.size and (len(config.data.size) != 2 or min(config.data.size) < 1):
        raise TrainError(f"config key 'data.size' needs [height, width], got {list(config.data.size)}")
    if config.data.episodes < 0:
        raise TrainError(f"config key 'data.episodes' is {config.data.episodes}; 0 is all")
    objective.check(config.planning.objective, config.metric.kind != "none", config.ensemble.members > 0)
    return config


def load(path: Path, overrides: list[str] = ()) -> Config:
    """Read a TOML file, apply `--set` overrides, check everything."""
    try:
        table = tomllib.loads(path.read_text())
    except OSError as error:
        raise TrainError(f"cannot read config {path}: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise TrainError(f"config {path} is not TOML: {error}") from None
    for assignment in overrides:
        override(table, assignment)
    return _check(parse(Config, table))
