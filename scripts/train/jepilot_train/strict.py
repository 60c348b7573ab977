"""Strict reading of tables into frozen dataclasses."""

import tomllib
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_origin

from .errors import TrainError


def _value(kind: Any, value: Any, path: str) -> Any:
    if is_dataclass(kind):
        return parse(kind, value, path)
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(_value(get_args(kind)[0], item, path) for item in value)
    expected = get_origin(kind) or kind
    if expected is float and type(value) is int:
        return float(value)
    if type(value) is not expected:
        raise TrainError(f"config key '{path}' needs {expected.__name__}, got {value!r}")
    return value


def parse(kind: Any, table: Any, path: str = "") -> Any:
    """A dataclass from a table; a key that it does not have is an error that names it."""
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


def override(table: dict[str, Any], assignment: str) -> None:
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
