#!/usr/bin/env bash
# Plays two-room episodes with the unmodified openpi-client (Python) against `jepilot serve`. A minute or so.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || kill -INT "$server" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT

npm run build --silent
python3 -m venv "$folder/python"
# openpi-client imports typing_extensions and does not say so.
"$folder/python/bin/pip" install --quiet --disable-pip-version-check openpi-client==0.1.2 typing_extensions

export JEPILOT_TOKEN=$(head -c 24 /dev/urandom | base64)
node dist/src/cli/main.js serve two-room --port 0 --engines 2 --json >"$folder/serving" 2>"$folder/log" &
server=$!
for _ in $(seq 300); do
  [ -s "$folder/serving" ] && break
  kill -0 "$server" 2>/dev/null || { cat "$folder/log"; exit 1; }
  sleep 0.2
done
port=$(node -e 'process.stdout.write(String(JSON.parse(require("fs").readFileSync(process.argv[1])).port))' "$folder/serving")
"$folder/python/bin/python" scripts/peers/openpi_peer.py --port "$port" --token "$JEPILOT_TOKEN" --episodes "${EPISODES:-20}"
kill -INT "$server"
wait "$server" && status=0 || status=$?
server=
[ "$status" = 130 ] || { tail -5 "$folder/log"; echo "the server ended with $status on Ctrl-C, not 130"; exit 1; }
echo "the server ended in good order"
