#!/usr/bin/env bash
# The Python environment of the oracles that judge us, in .venv.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -f Tests/requirements.txt ] || exit 0
if [ ! -x .venv/bin/python3 ] || ! cmp -s Tests/requirements.txt .venv/requirements.txt; then
    rm -rf .venv
    python3 -m venv .venv
    .venv/bin/pip --disable-pip-version-check install -q -r Tests/requirements.txt
    cp Tests/requirements.txt .venv/requirements.txt
fi
