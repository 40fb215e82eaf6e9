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

# The console is tested in the browser of the machine.
if ! command -v chromium > /dev/null && ! command -v google-chrome > /dev/null; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null; then
    step "install Chromium"
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core > /dev/null
  fi
fi

step "format, lint, layers, types"
ruff format --check --quiet services tools bench spec apps/web/tests apps/web/bench apps/web/journeys
ruff check --quiet services tools bench spec apps/web/tests apps/web/bench apps/web/journeys
lint-imports
mypy services/runbooks/src tools/pcq-verify/src

step "generated files are up to date"
python -m runbooks.schema | diff -u spec/schemas/runbook.schema.json -
python -m services.runbooks.tests.api.document | diff -u spec/openapi.json -
python spec/vectors/make.py
git diff --exit-code --stat -- spec/vectors

step "pure tests, and the console's beside them"
console_log=$(mktemp)
make --no-print-directory web-test web > "$console_log" 2>&1 &
console=$!
trap 'kill "$console" 2> /dev/null || true; rm -f "$console_log"' EXIT
pytest -q -n 2 -m "not real"
# What the console said is shown when it went wrong, and its last lines otherwise.
wait "$console" || { cat "$console_log"; exit 1; }
tail -n 25 "$console_log"

step "real products"
pytest -q -n 2 --dist loadfile --no-loadscope-reorder -m real

step "journeys through the console in a browser"
pytest -q apps/web/journeys
