#!/usr/bin/env bash
# Packs the project, installs the tarball into an empty folder, and plays an episode with it, as a user would.
set -euo pipefail
cd "$(dirname "$0")/.."
npm run build --silent
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tarball=$(npm pack --silent --pack-destination "$folder")
cd "$folder"
npm init -y >/dev/null
ONNXRUNTIME_NODE_INSTALL=skip npm install --silent --no-audit --no-fund "./$tarball"
npx jepilot run two-room --fast --out run
test -s run/report.html
node -e 'if (!require("./run/result.json").success) { console.error("the packed jepilot did not reach the goal"); process.exit(1); }'
echo "the packed jepilot ran from an empty folder"
