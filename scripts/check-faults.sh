#!/usr/bin/env bash
# Real processes with a faulty link between them: holds and stops within their limits, on the robot's own clock; and more
# mutated frames than the default suite decodes. About three minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
npm run build --silent
FUZZ_FRAMES=${FUZZ_FRAMES:-60000} npx vitest run tests/wire/robot-frame.test.ts
npx vitest run --config scripts/faults/vitest.config.ts faults
