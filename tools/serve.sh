#!/usr/bin/env bash
# The console over the demo, to look at. The first start imports the demo, runs R1, and R1-country, which then waits for a
# review; later starts go on with what is there. Data are in .serve/; PORT=… takes another port. Ctrl-C ends all.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"
port=${PORT:-8741}
ombuds=ombuds-1

# Before anything is made: another service there would answer in the place of this one.
if ! python -c "import socket; socket.create_server(('127.0.0.1', $port)).close()" 2> /dev/null; then
  echo "port $port is in use, perhaps by a console that still runs; end that, or take another: PORT=8742 make serve" >&2
  exit 1
fi

make_demo() {
  local folder=$1
  rm -rf "$folder"
  runbooks import-demo --home "$folder"
  # Without a key nobody's decision can be signed.
  runbooks keys --add "$ombuds" --home "$folder" > /dev/null
  runbooks run R1 --home "$folder"
  # Blocked, as it should be.
  runbooks run R1-country --home "$folder" || [ $? -eq 3 ]
}

if [ ! -d .serve ]; then
  # Under another name until it is whole: an interrupted first start is begun again.
  make_demo .serve.new
  mv .serve.new .serve
fi

# Job control gives the service a group of its own: Ctrl-C meets it once, through the trap.
set -m
runbooks serve --home .serve --port "$port" &
service=$!
set +m
trap 'kill -INT "$service" 2> /dev/null && wait "$service" || true' EXIT
trap 'exit 130' INT TERM
until python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$port/health', timeout=1)" 2> /dev/null; do
  kill -0 "$service" 2> /dev/null || exit 1
  sleep 0.2
done
printf '\nWho asks for a run may not decide about it. As %s, who may:\n' "$ombuds"
runbooks sign-in --as "$ombuds" --home .serve
printf '\nEach link signs in once; open them in two browsers, or one in a private window. Ctrl-C ends the service.\n'
wait "$service"
