#!/usr/bin/env bash
# Installs the training code into an environment of its own and runs its tests: tiny models on made-up data, a minute or two.
set -euo pipefail
cd "$(dirname "$0")/train"
environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --disable-pip-version-check -e . pytest
"$environment/bin/python" -m pytest -q
