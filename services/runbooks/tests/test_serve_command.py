"""`runbooks serve` as a person starts it: a real process, a real port, a token, an answer, an end."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

RUNBOOKS = str(Path(sys.executable).parent / "runbooks")

pytestmark = pytest.mark.real


def command(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([RUNBOOKS, *arguments, "--home", str(home)], capture_output=True, text=True, check=False)


@contextmanager
def served(home: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen([RUNBOOKS, "serve", "--home", str(home), "--port", str(port)], env={**os.environ})
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until and process.poll() is None:
            try:
                httpx.get(f"http://127.0.0.1:{port}/reviews", trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def test_it_answers_who_has_a_token_and_owns_the_data_folder(tmp_path: Path) -> None:
    token = command(tmp_path, "tokens", "--add", "analyst").stdout.strip()
    assert (tmp_path / "tokens.json").stat().st_mode & 0o077 == 0
    assert token not in (tmp_path / "tokens.json").read_text()
    with served(tmp_path) as address:
        assert httpx.get(f"{address}/reviews", trust_env=False).status_code == 401
        known = {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{address}/api/reviews", headers=known, trust_env=False).json() == []
        unknown = {"runbookId": "../../etc/hostname"}
        answer = httpx.post(f"{address}/runbooks/execute", json=unknown, headers=known, trust_env=False)
        assert (answer.status_code, answer.json()["code"]) == (404, "runbook.unknown")
        refused = command(tmp_path, "run", "R1")
        assert refused.returncode == 1
        assert "in use by another process" in refused.stderr
    assert command(tmp_path, "fsck").returncode == 0


def test_roles_decide_and_the_trail_tells_and_is_verified(tmp_path: Path) -> None:
    known = {
        name: {"Authorization": f"Bearer {command(tmp_path, 'tokens', '--add', name).stdout.strip()}"}
        for name in ("analyst", "auditor-1", "nobody-1")
    }
    with served(tmp_path) as address, httpx.Client(base_url=address, trust_env=False) as client:
        assert client.get("/ready").json() == {"ready": True, "faults": []}
        body = {"runbookId": "none"}
        found = {
            name: client.post("/runbooks/execute", json=body, headers=headers).json()["code"]
            for name, headers in known.items()
        }
        assert found == {
            "analyst": "runbook.unknown",
            "auditor-1": "request.forbidden",
            "nobody-1": "request.forbidden",
        }
        trail = client.get("/audit", headers=known["auditor-1"]).json()["items"]
        assert [(item["who"], item["status"]) for item in trail] == [
            ("nobody-1", 403),
            ("auditor-1", 403),
            ("analyst", 404),
        ]
        assert client.get("/audit", headers=known["analyst"]).status_code == 403
        trust = client.get("/trust", headers=known["auditor-1"]).json()
        assert [key["roles"] for key in trust["keys"]] == [["step"], ["manifest"]]
    checked = command(tmp_path, "fsck")
    assert checked.stdout.splitlines() == ["ledger intact: 0 entries", "audit trail intact: 3 records"]
    with closing(sqlite3.connect(tmp_path / "audit.sqlite")) as connection:
        connection.execute("DROP TRIGGER no_delete")
        connection.execute("DELETE FROM entries WHERE seq = 2")
        connection.commit()
    checked = command(tmp_path, "fsck")
    assert (checked.returncode, "audit trail: ledger entry 2 is missing" in checked.stderr) == (1, True)
