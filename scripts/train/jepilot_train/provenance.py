"""Where a model comes from: revision, command, machine, date."""

import os
import platform
import shlex
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import torch


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=Path(__file__).parent, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def revision() -> str:
    """The commit this code is at, `-dirty` with changes on top, `unknown` outside a repository."""
    commit = _git("rev-parse", "HEAD")
    return "unknown" if commit is None else commit + ("-dirty" if _git("status", "--porcelain") else "")


def command(arguments: list[str], program: str) -> str:
    """The command as typed, absolute paths made relative: a folder name of one machine says nothing on another."""
    shown = [os.path.relpath(a) if os.path.isabs(a) else a for a in arguments]
    return shlex.join([*program.split(), *shown])


def machine() -> str:
    """CPU model and cores."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        named = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        model = named[0] if named else model
    return f"{model}, {os.cpu_count()} cores"


def provenance(run, arguments: list[str], seconds: float, program: str = "jepilot-train") -> dict:
    """The manifest's record of a run."""
    device = torch.cuda.get_device_name() if run.device.type == "cuda" else "cpu"
    data, info = run.data, run.data.info
    return {
        "revision": revision(), "command": command(arguments, program), "config": run.config.sections(),
        "data": {"sha256": data.sha256, "episodes": len(data.length), "steps": len(data.pixels),
                 "seed": info.get("seed", 0), "command": info.get("command") or info.get("source", "unknown")},
        "seconds": round(seconds, 1), "device": device, "machine": machine(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"), "torch": torch.__version__,
    }
