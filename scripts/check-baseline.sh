#!/usr/bin/env bash
# The committed models against their committed baseline, on a small paired subset: under a minute on two free cores.
set -euo pipefail
cd "$(dirname "$0")/.."
npm run build --silent
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
node dist/src/cli/main.js eval suites/baseline.yaml --out "$folder" --baseline suites/baseline.json --junit "$folder/junit.xml"
