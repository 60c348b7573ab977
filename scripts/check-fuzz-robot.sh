#!/usr/bin/env bash
# All mutated frames of the robot side's decoders (JSON, base64, pictures); the suite plays every twentieth.
set -euo pipefail
cd "$(dirname "$0")/.."
JEPILOT_FUZZ=all npx vitest run tests/robot/rosbridge/fuzz.test.ts --testTimeout 300000
