"""A real `runbooks serve` over the embedded demo graph, with tokens of as many subjects as asked for."""

from __future__ import annotations

__all__ = ["Served", "serving"]

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from runbooks.adapters.tokens import TokenFile
from runbooks.canonical import dumps
from runbooks.settings import load_settings

from bench.watch import peak
from services.runbooks.tests.graph.products import server_process

_RUNBOOKS = str(Path(sys.executable).with_name("runbooks"))
_START_SECONDS = 60.0


@dataclass(frozen=True)
class Served:
    """A running server; `tokens` are those of its subjects."""

    home: Path
    url: str
    tokens: list[str]
    process: subprocess.Popen[bytes]

    def cpu(self) -> float:
        """Seconds of CPU that the service has used, its children not counted."""
        members = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(members[11]) + int(members[12])) / os.sysconf("SC_CLK_TCK")

    def peaks(self) -> tuple[float, float]:
        """The peaks of the resident sets of the service and of its graph server, MB."""
        graph = 0.0
        with suppress(LookupError):
            graph = peak(server_process(self.home))
        return peak(self.process.pid), graph


@contextmanager
def serving(folder: Path, *, subjects: int, settings: Mapping[str, Any]) -> Iterator[Served]:
    """Inside the block it answers; `settings` go before those of the demo."""
    home, names = folder / "home", [f"load-{number}" for number in range(subjects)]
    subprocess.run([_RUNBOOKS, "import-demo", "--home", str(home)], check=True, stdout=subprocess.DEVNULL)
    _let_in(home, names, settings)
    tokens = TokenFile(home / "tokens.json")
    found = [tokens.add(name) for name in names]
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen([_RUNBOOKS, "serve", "--home", str(home), "--port", str(port)], env={**os.environ})
    try:
        url = f"http://127.0.0.1:{port}"
        _until_ready(url, process)
        yield Served(home, url, found, process)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _let_in(home: Path, names: list[str], settings: Mapping[str, Any]) -> None:
    """The shipped policies, with these people as analysts and operators."""
    shipped = load_settings(home).folder("policies")
    own = home / "policies"
    own.mkdir()
    for path in shipped.iterdir():
        (own / path.name).write_bytes(path.read_bytes())
    data = json.loads((own / "data.json").read_bytes())
    data["subjects"] |= {name: ["analyst"] for name in names}
    data["members"]["operator"] += names
    (own / "data.json").write_bytes(dumps(data))
    path = home / "settings.json"
    path.write_bytes(dumps({**json.loads(path.read_bytes()), "policies": "policies", **settings}))


def _until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(f"{url}/health", trust_env=False).status_code == 200:
                return
        time.sleep(0.05)
    raise SystemExit(f"the server did not answer within {_START_SECONDS:g} s")
