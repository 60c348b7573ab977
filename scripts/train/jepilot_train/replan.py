"""`jepilot-planning CONFIG.toml --model FOLDER`: gives a finished model the planning settings that its configuration has by now.

Nothing is trained. Horizon, samples and the like are the model's defaults, no part of what was learned; the objective is
what its diagnostics are about, so another one needs `jepilot-train --stage export`.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from . import card, config
from .errors import TrainError


def replan(source: Path, folder: Path) -> dict:
    """Rewrites `planning` in the manifest of `folder` and its card; returns the settings."""
    settings, path = config.load(source), folder / "manifest.json"
    try:
        content = json.loads(path.read_text())
    except OSError as error:
        raise TrainError(f"cannot read {path}: {error.strerror}") from None
    if content["name"] != settings.name:
        raise TrainError(f"{path} is of model '{content['name']}', {source} of '{settings.name}'")
    planning = settings.sections("planning")["planning"]
    if planning["objective"] != content["planning"]["objective"]:
        raise TrainError(f"{source}: another objective than the model's; its diagnostics are of that: use jepilot-train --stage export")
    content["planning"] = planning
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=2) + "\n")
    os.replace(partial, path)
    card.write(content, folder / "README.md")
    return planning


def main() -> None:
    p = argparse.ArgumentParser(prog="jepilot-planning", description=__doc__.partition(": ")[2].partition("\n")[0])
    p.add_argument("config", type=Path, help="TOML configuration")
    p.add_argument("--model", type=Path, required=True, help="model folder")
    options = p.parse_args()
    try:
        print(json.dumps(replan(options.config, options.model)))
    except TrainError as error:
        sys.exit(f"jepilot-planning: {error}")


if __name__ == "__main__":
    main()
