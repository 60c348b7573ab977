#!/usr/bin/env bash
# Reads recordings and their exports with the other side's own readers, in an environment of its own: Python mcap,
# stable-worldmodel, lerobot, the trainer here. Also kills a run while it records. Needs a build (npm run build) and python3.
# PYTHON names an interpreter that has the packages already, in place of installing them.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
jepilot() { node dist/src/cli/main.js "$@"; }

if [ -z "${PYTHON:-}" ]; then
  python3 -m venv "$folder/python"
  PYTHON="$folder/python/bin/python"
  install() { "$PYTHON" -m pip install --quiet --disable-pip-version-check "$@"; }
  install mcap numpy h5py
  # The two readers draw in gigabytes; where they can't be had, the check says so and goes on.
  install lerobot stable-worldmodel hdf5plugin || echo "note: lerobot or stable-worldmodel can't be installed here"
fi

for seed in 1700001 1700002; do
  jepilot run two-room --fast --seed "$seed" --out "$folder/$seed" 2>/dev/null >/dev/null
done
jepilot export lerobot "$folder"/17*/run.mcap --out "$folder/set"
jepilot export hdf5 "$folder"/17*/run.mcap --out "$folder/set.h5"
"$PYTHON" scripts/check-recording.py "$folder/1700001/run.mcap" "$folder/set" "$folder/set.h5"

: >"$folder/killed.log"
node dist/src/cli/main.js run two-room --planner zero --rate 20 --out "$folder/killed" >/dev/null 2>"$folder/killed.log" &
run=$!
until grep -q 'step 41/' "$folder/killed.log"; do sleep 0.05; done
kill -9 "$run"
wait "$run" 2>/dev/null || true
jepilot repair "$folder/killed/run.mcap" --out "$folder/repaired.mcap" >/dev/null
jepilot inspect "$folder/repaired.mcap" --json >"$folder/repaired.json"
node -e '
  const { channels, condition } = require(process.argv[1]);
  const sent = channels.find(({ topic }) => topic === "/action/sent").messages;
  if (!condition.whole || sent < 41 - 20) throw new Error(`only ${sent} of 41 ticks survived the kill`);
  console.log(`killed at step 41 at 20 Hz: ${sent} ticks survived`);
' "$folder/repaired.json"
