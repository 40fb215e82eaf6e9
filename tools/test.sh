#!/usr/bin/env bash
# All tests, from cheap to dear. Real products that cannot be had are named at the end; with CI=true that is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"

step() { printf '\n== %s\n' "$*"; }

# Neo4j comes from Maven and runs on Java; as root on a Debian machine both can be installed.
if ! { command -v mvn && command -v java; } > /dev/null; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null; then
    step "install Maven and Java"
    apt-get update -qq && apt-get install -y -qq --no-install-recommends maven openjdk-17-jdk-headless > /dev/null
  fi
fi

step "format, lint, layers, types"
ruff format --check --quiet services tools bench spec
ruff check --quiet services tools bench spec
lint-imports
mypy services/runbooks/src tools/pcq-verify/src

step "generated files are up to date"
python -m runbooks.schema | diff -u spec/schemas/runbook.schema.json -
python spec/vectors/make.py
git diff --exit-code --stat -- spec/vectors

step "pure tests"
pytest -q -n 2 -m "not real"

step "real products"
pytest -q -m real
