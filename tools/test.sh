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

# OPA is built with Go, which fetches the Go that OPA wants; it can do that from 1.21 on, and Debian 12 has 1.19.
if ! command -v go > /dev/null && [ ! -x .cache/opa-1.22.2/opa ]; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null; then
    apt-get update -qq
    offered=$(apt-cache policy golang-go | sed -n 's/^ *Candidate: \([0-9]*:\)\{0,1\}\([0-9.]*\).*/\2/p')
    if [ -n "$offered" ] && dpkg --compare-versions "$offered" ge 1.21; then
      step "install Go"
      apt-get install -y -qq --no-install-recommends golang-go > /dev/null
    fi
  fi
fi

step "format, lint, layers, types"
ruff format --check --quiet services tools bench spec apps/web/tests apps/web/bench
ruff check --quiet services tools bench spec apps/web/tests apps/web/bench
lint-imports
mypy services/runbooks/src tools/pcq-verify/src

step "generated files are up to date"
python -m runbooks.schema | diff -u spec/schemas/runbook.schema.json -
python spec/vectors/make.py
git diff --exit-code --stat -- spec/vectors

step "pure tests"
pytest -q -n 2 -m "not real"

step "console"
make --no-print-directory web-test web

step "real products"
pytest -q -m real
