#!/usr/bin/env bash
# Suites whose workers die and whose disk fills; the statistics against SciPy and statsmodels, where Python has them.
set -euo pipefail
cd "$(dirname "$0")/.."
npm run build --silent
JEPILOT_CHECK_EVALUATION=1 npx vitest run tests/cli/eval-suite.test.ts
if python3 -c 'import scipy, statsmodels' 2>/dev/null; then
  expected=$(mktemp)
  trap 'rm -f "$expected"' EXIT
  python3 scripts/statistics/expected.py >"$expected"
  node -e '
    const [now, kept] = process.argv.slice(1).map((file) => JSON.parse(require("fs").readFileSync(file, "utf8")));
    const near = (a, b) =>
      typeof a === "number" ? Math.abs(a - b) < 1e-9 : typeof a === "object" ? Object.keys(a).every((k) => near(a[k], b[k])) : true;
    if (!near(now, kept)) throw new Error("tests/evaluation/expected.json differs from what SciPy and statsmodels say");
  ' "$expected" tests/evaluation/expected.json
  echo "expected.json agrees with SciPy and statsmodels"
else
  echo "note: expected.json is not checked anew, for Python has no scipy and statsmodels"
fi
