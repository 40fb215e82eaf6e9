#!/usr/bin/env bash
# The main job from end to end: import, run R1, R2 and R3, export, verify, replay, a run that is blocked, a proof that was
# tampered with, and the smallest runbook on a small graph. Every command is shown before it runs; all files stay in
# .demo/. With GRAPH=neo4j://… all but the last goes to that server, the password from $RUNBOOKS_GRAPH_PASSWORD.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"

rm -rf .demo
mkdir -p .demo
export RUNBOOKS_HOME=.demo/data

title() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() { printf '\033[2m$ %s\033[0m\n' "$*"; "$@"; }
# A refusal is what these steps are about: exactly the expected exit code lets the demo go on.
refused() {
  local expected=$1 code=0
  shift
  show "$@" || code=$?
  if [ "$code" -ne "$expected" ]; then
    echo "expected exit code $expected, got $code" >&2
    exit 1
  fi
}

title "1. Import the demo data: threat actors, software and documents of MISP Galaxy and ATT&CK"
show runbooks import-demo ${GRAPH:+--graph "$GRAPH"}

title "2. Run R1: fill what is missing in the software, prove every step"
show runbooks run R1
show runbooks manifest last --output .demo/R1.pcq
show runbooks keys --add ombuds-1 --trust .demo/trust.json

title "3. Verify the proof with a program that shares no code with the service"
show pcq-verify .demo/R1.pcq --trust .demo/trust.json

title "4. Replay the record three times: no effects, the same root"
show runbooks replay last --times 3

title "5. Run R2: infer which actor uses which software, by a pinned model, and write it down with its evidence"
show runbooks run R2
show runbooks manifest last --output .demo/R2.pcq
show pcq-verify .demo/R2.pcq --trust .demo/trust.json

title "6. Run R3: what was new in the first week of March 2021, every number with its source, as a PDF"
show runbooks run R3 --period 2021-W09
show runbooks manifest last --output .demo/R3.pcq
report=$(ls .demo/data/exports/R3-*/weekly-report.pdf)
show pcq-verify .demo/R3.pcq --trust .demo/trust.json --artifact "$report"
show runbooks replay last --times 3

title "7. The country of the actors: the sources cannot fill it, so the gate blocks the export"
refused 3 runbooks run R1-country
refused 3 runbooks manifest last --output .demo/R1-country.pcq

title "8. It waits for an ombuds review: who asked cannot decide, the ombuds finds that these sources cannot satisfy it"
show runbooks reviews list
refused 1 runbooks reviews approve last --as analyst --reason "I need it"
refused 3 runbooks reviews reject last --as ombuds-1 --reason "not satisfiable from these sources"
show runbooks manifest last --blocked --output .demo/R1-country.blocked.pcq
show pcq-verify .demo/R1-country.blocked.pcq --trust .demo/trust.json

title "9. Change one outcome in a copy of the first proof"
sed 's/"completeness":0\.9/"completeness":1.9/' .demo/R1.pcq > .demo/R1.tampered.pcq
refused 1 pcq-verify .demo/R1.tampered.pcq --trust .demo/trust.json

title "10. The smallest R1, on a graph of a few people"
export RUNBOOKS_HOME=.demo/sample
show runbooks import-demo --sample
show runbooks run services/runbooks/templates/seed/R1-entity-enrichment.json --as agent-456
show runbooks manifest last --output .demo/R1-sample.pcq
show runbooks keys --trust .demo/trust-sample.json
show pcq-verify .demo/R1-sample.pcq --trust .demo/trust-sample.json

title "Files"
ls -1 .demo/*.pcq .demo/*.json .demo/data/exports/*/*
