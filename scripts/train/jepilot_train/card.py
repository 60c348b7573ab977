"""The model card: what the model is, where it comes from, how good, and what it is not for."""

import re
from pathlib import Path

from .diagnostics import GATES, meaning, missed

RESULTS = re.compile(r"<!-- results -->.*?<!-- /results -->", re.DOTALL)
EMPTY = "<!-- results -->\nNot evaluated in closed loop yet.\n<!-- /results -->"

CALIBRATED = {
    "surprise.threshold": "mean squared difference between a latent and its prediction",
    "disagreement.threshold": "variance over the ensemble's members, mean over dimensions",
    "reached.threshold": "time to go, in control steps",
    "falseAlarmRate": "share of ordinary model steps above it",
    "teleportDetection": "share above it when the picture after is another one of the episode, 20 control steps away or more",
    "dwell": "control steps for which the time to go must stay below the threshold",
    "falseStopRate": "share of frames away from the goal where it did",
    "hitRate": "share of frames at the goal that are below the threshold",
}


def _table(values: dict[str, float]) -> str:
    gate = {name: GATES[name].text if name in GATES else "" for name in values}
    rows = [f"| {name} | {value:.4g} | {gate[name]} | {meaning(name)} |" for name, value in values.items()]
    return "\n".join(["| diagnostic | value | gate | meaning |", "| --- | --- | --- | --- |", *rows])


def _limits(manifest: dict) -> str:
    lines = [f"- Trained on task `{manifest['task']}` alone, for what `coverage` in manifest.json states; nothing is known outside it.",
             "- Diagnostics are on held-out episodes of the same data set; only closed-loop success says whether it plans."]
    if manifest["metric"] is None:
        lines.append("- No metric head: planning uses latent distance, which says little about far goals.")
    elif not manifest["metric"]["directed"]:
        lines.append("- The metric is symmetric: it takes going there and coming back as equally long.")
    metric = manifest["provenance"]["config"]["metric"]
    if manifest["metric"] is not None and (metric["target"] == "steps" or metric["shuffle"]):
        how = "permuted times" if metric["shuffle"] else "the steps to later frames, without TD"
        lines.append(f"- **A control, not for use:** the metric head was trained on {how}.")
    return "\n".join(lines + [f"- Gate missed: {line}." for line in missed(manifest["diagnostics"])])


def _calibration(sections: dict[str, dict[str, float]]) -> str:
    """What the runtime is told to watch for, where the data could tell."""
    if not sections:
        return ""
    rows = [f"| {name}.{key} | {value:.4g} | {CALIBRATED.get(f'{name}.{key}') or CALIBRATED[key]} |"
            for name, values in sections.items() for key, value in values.items()]
    return "\n".join(["## Calibration", "", "Thresholds from one half of the held-out episodes, rates from the other.", "",
                      "| quantity | value | meaning |", "| --- | --- | --- |", *rows, "", ""])


def card(manifest: dict, kept: str = EMPTY) -> str:
    """Markdown for README.md."""
    origin, data = manifest["provenance"], manifest["provenance"]["data"]
    history, action = manifest["history"], manifest["action"]
    return f"""# {manifest["name"]}

{manifest["description"] or f"A JEPA world model for the task {manifest['task']}."}

Latent of {manifest["latentDim"]} numbers from {history["frames"]} frame(s); one model step is {action["repeat"]} actions of {action["dim"]} number(s).

## How it was made

```
{origin["command"]}
```

- Data: {data["episodes"]} episodes, {data["steps"]} frames, SHA-256 `{data["sha256"]}`, from `{data["command"]}`
- Revision: `{origin["revision"]}`, PyTorch {origin["torch"]}, {origin["date"]}
- Time: {origin["seconds"] / 60:.0f} minutes of training on {origin["device"]} ({origin["machine"]})

## Diagnostics on held-out episodes

{_table(manifest["diagnostics"])}

{_calibration(manifest.get("calibration", {}))}## Results

{kept}

## Limits

{_limits(manifest)}
"""


def write(manifest: dict, path: Path) -> None:
    """Write README.md, keeping the results that an earlier card holds between its marks."""
    found = RESULTS.search(path.read_text()) if path.exists() else None
    path.write_text(card(manifest, found.group() if found else EMPTY))
