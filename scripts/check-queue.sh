#!/usr/bin/env bash
# Suites through a real Redis: workers that die, a Redis that goes and comes back, a worker of another version.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v redis-server >/dev/null; then
  echo "note: the queue's tests are skipped, for there is no redis-server"
  exit 0
fi
npm run build --silent
JEPILOT_CHECK_QUEUE=1 npx vitest run tests/cli/queue.test.ts
