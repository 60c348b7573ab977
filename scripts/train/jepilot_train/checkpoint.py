"""Checkpoints: one file, replaced atomically, that belongs to exactly one configuration and data set."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import torch

from .errors import TrainError


def fingerprint(content: Any) -> str:
    """A short hash of plain data."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


class Checkpoint:
    """A file of training state; `load` refuses one that another configuration or data set wrote."""

    def __init__(self, path: Path, mark: str):
        self.path, self.mark = path, mark

    def save(self, state: dict[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".partial")
        torch.save({"mark": self.mark, **state}, partial)
        os.replace(partial, self.path)

    def load(self) -> dict[str, Any] | None:
        """The saved state, or None where there is none yet."""
        if not self.path.exists():
            return None
        state = torch.load(self.path, map_location="cpu", weights_only=False)
        if state["mark"] != self.mark:
            raise TrainError(f"{self.path.parent} holds a run of another configuration or data set: choose another --work")
        return state
