"""Configuration: frozen dataclasses read strictly from TOML; an unknown key is an error that names it."""

import tomllib
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from . import objective
from .errors import TrainError


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


@dataclass(frozen=True)
class Metric:
    kind: str = "embedding"  # embedding | pair | none
    directed: bool = False  # embedding only: goals have their own network
    hidden: tuple[int, ...] = (256, 256)
    dim: int = 32
    gamma: float = 0.97
    expectile: float = 0.9  # towards the smaller cost
    ema: float = 0.005
    future: float = 0.5  # goal: later in the same episode
    itself: float = 0.05  # goal: the state itself; the rest: any state
    geometric: float = 0.12  # how far later, per block
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
class Planning:
    """Copied to the manifest as it stands, hence its spelling."""

    planner: str = "cem"
    horizon: int = 5
    samples: int = 64
    iterations: int = 3
    elites: int = 8
    replanInterval: int = 5  # control steps
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
    metric: Metric = field(default_factory=Metric)
    probe: Probe = field(default_factory=Probe)
    planning: Planning = field(default_factory=Planning)

    @property
    def clip_frames(self) -> int:
        return self.loss.clip_frames or self.loss.rollout + 1

    def sections(self, *names: str) -> dict[str, Any]:
        """The named sections as plain data, for fingerprints and the manifest."""
        plain = asdict(self)
        return {name: plain[name] for name in names} if names else plain


def _value(kind: Any, value: Any, path: str) -> Any:
    if is_dataclass(kind):
        return _parse(kind, value, path)
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(_value(get_args(kind)[0], item, path) for item in value)
    expected = get_origin(kind) or kind
    if expected is float and type(value) is int:
        return float(value)
    if type(value) is not expected:
        raise TrainError(f"config key '{path}' needs {expected.__name__}, got {value!r}")
    return value


def _parse(kind: Any, table: Any, path: str = "") -> Any:
    if not isinstance(table, dict):
        raise TrainError(f"config key '{path}' needs a table, got {table!r}")
    known = {f.name: f for f in fields(kind)}
    dotted = {key: f"{path}.{key}" if path else key for key in table}
    for key in table:
        if key not in known:
            raise TrainError(f"unknown config key '{dotted[key]}'; known here: {', '.join(known)}")
    try:
        return kind(**{key: _value(known[key].type, table[key], dotted[key]) for key in table})
    except TypeError:
        missing = [k for k in ("name", "task") if k not in table]
        raise TrainError(f"config lacks '{missing[0]}'") from None


def _override(table: dict[str, Any], assignment: str) -> None:
    """Apply one `section.key=value`; the value is TOML, or else a plain string."""
    path, separator, text = assignment.partition("=")
    if not separator:
        raise TrainError(f"--set needs section.key=value, got '{assignment}'")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    *sections, key = path.strip().split(".")
    for section in sections:
        table = table.setdefault(section, {})
        if not isinstance(table, dict):
            raise TrainError(f"--set {path}: '{section}' is not a section")
    table[key] = value


def _check(config: Config) -> Config:
    choices = [("metric.kind", config.metric.kind, ("embedding", "pair", "none")),
               ("train.bf16", config.train.bf16, ("auto", "on", "off"))]
    for path, value, allowed in choices:
        if value not in allowed:
            raise TrainError(f"config key '{path}' is one of {', '.join(allowed)}, got '{value}'")
    if config.clip_frames < config.loss.rollout + 1:
        raise TrainError(f"loss.clip_frames is {config.clip_frames}; a rollout of {config.loss.rollout} needs one more than that")
    objective.check(config.planning.objective, config.metric.kind != "none")
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
        _override(table, assignment)
    return _check(_parse(Config, table))
