#!/usr/bin/env bash
# The controls that a sceptic asks for: copies of two models with one part made useless, played beside the originals.
#   bash scripts/controls.sh [eval's options]      about half an hour on two cores; goes on where it was stopped
# PYTHON names an interpreter with the training code's packages (scripts/train); by default `uv run` is asked for one.
set -euo pipefail
cd "$(dirname "$0")/.."
read -ra python <<<"${PYTHON:-uv run --project scripts/train python}"
for model in two-room push-t; do
  for control in identity shuffled-actions untrained-metric; do
    out=runs/controls/$model-$control
    [ "$out/manifest.json" -nt "models/$model/manifest.json" ] ||
      PYTHONPATH=scripts/train "${python[@]}" -m jepilot_train.controls "models/$model" --control "$control" --out "$out"
  done
done
node dist/src/cli/main.js eval suites/controls.yaml "$@"
