"""`runbooks serve` over a data folder of its own, as a person starts it."""

from __future__ import annotations

__all__ = ["DIST", "PEOPLE", "ROOT", "Service", "imported", "serving", "without_console"]

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[3]
DIST = ROOT / "apps" / "web" / "dist"
# Who they are in the shipped policies.
PEOPLE = {"operator": "analyst", "ombuds": "ombuds-1", "second ombuds": "ombuds-2", "auditor": "auditor-1"}
_RUNBOOKS = str(Path(sys.executable).parent / "runbooks")
_START_SECONDS = 60
_RUN_SECONDS = 120


@dataclass
class Service:
    """A service that answers at `url`; `home` is its data folder."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    # By person.
    tokens: Mapping[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, runbook_id: str, **parameters: object) -> str:
        """Start a runbook as who may; its execution's id once it has come as far as it goes."""
        headers = {"Authorization": f"Bearer {self.tokens[PEOPLE['operator']]}"}
        with httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=60) as http:
            body = {"runbookId": runbook_id, "parameters": parameters}
            answer = http.post("/runbooks/execute", json=body).raise_for_status()
            name: str = answer.json()["executionId"]
            until = time.monotonic() + _RUN_SECONDS
            while http.get(f"/runbooks/{name}").raise_for_status().json()["outcome"] == "running":
                if time.monotonic() > until:
                    raise RuntimeError(f"{name} goes on for more than {_RUN_SECONDS} s")
                time.sleep(0.1)
        return name

    def link(self, person: str) -> str:
        """Where that person is signed in, once."""
        return command(self.home, "sign-in", "--as", person).strip().splitlines()[-1]


def without_console() -> str | None:
    """Why the service would have no console to show, or None."""
    return None if (DIST / "index.html").exists() else "it is not built; run `make web`"


def imported(home: Path) -> Path:
    """A data folder with the demo graph and the keys of who decides."""
    command(home, "import-demo")
    for role in ("ombuds", "second ombuds"):
        command(home, "keys", "--add", PEOPLE[role])
    return home


@contextmanager
def serving(origin: Path, home: Path, *, settings: Mapping[str, str] | None = None) -> Iterator[Service]:
    """A service over a copy of the data folder `origin`, with `settings` before its own; it ends with the block."""
    shutil.copytree(origin, home)
    path = home / "settings.json"
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    path.write_text(json.dumps({**known, **(settings or {})}), "utf-8")
    tokens = {person: command(home, "tokens", "--add", person).strip() for person in PEOPLE.values()}
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen([_RUNBOOKS, "serve", "--home", str(home), "--port", str(port)])
    try:
        _wait(process, port)
        yield Service(home, port, process, tokens)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(_START_SECONDS)


def command(home: Path, *arguments: str) -> str:
    """What a command printed; raises when it fails."""
    ended = subprocess.run(
        [_RUNBOOKS, *arguments, "--home", str(home)], capture_output=True, text=True, check=False, timeout=240
    )
    if ended.returncode:
        raise RuntimeError(f"runbooks {' '.join(arguments)}: exit code {ended.returncode}\n{ended.stderr}")
    return ended.stdout


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _START_SECONDS
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False)
        except httpx.TransportError as error:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the service did not start; its messages are above") from error
            time.sleep(0.05)
        else:
            return
