"""Log lines of a real `runbooks serve`: each one object, about somebody and something, and never a value or a token."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from runbooks.canonical import dumps
from runbooks.telemetry.identity import trace_id_of

from services.runbooks.tests.simulator import runbook, step

RUNBOOKS = str(Path(sys.executable).parent / "runbooks")
SECRET = "canary-4711"
PURE = runbook(
    step("s", "transform", dependsOn=[], inputs="parameters", expression="$"),
    runbookId="pure",
    parameters={"type": "object", "properties": {"secret": {"type": "string"}}},
)
MANY = 60

pytestmark = pytest.mark.real


def prepared(home: Path, **settings: Any) -> dict[str, dict[str, str]]:
    """A data folder with one pure runbook; the headers of its people."""
    (home / "templates").mkdir(parents=True)
    (home / "templates" / "pure.json").write_bytes(dumps(PURE))
    (home / "settings.json").write_bytes(dumps({"templates": "templates", **settings}))
    found = {}
    for name in ("analyst", "agent-456", "prometheus"):
        command = [RUNBOOKS, "tokens", "--add", name, "--home", str(home)]
        token = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        found[name] = {"Authorization": f"Bearer {token}"}
    return found


class Server:
    """`runbooks serve` in a process; its stderr goes to `log`."""

    def __init__(self, home: Path, *options: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        self.log, self.url = home / "serve.log", f"http://127.0.0.1:{port}"
        command = [RUNBOOKS, "serve", "--home", str(home), "--port", str(port), *options]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stderr=log, env={**os.environ})
        until = time.monotonic() + 60
        while time.monotonic() < until and self._process.poll() is None:
            try:
                httpx.get(f"{self.url}/health", trust_env=False)
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def end(self, how: int = signal.SIGINT) -> None:
        self._process.send_signal(how)
        self._process.wait(60)


def test_lines_are_objects_about_somebody_and_something_and_hold_no_value(tmp_path: Path) -> None:
    headers = prepared(tmp_path)
    server = Server(tmp_path, "--log-format", "json")
    try:
        with httpx.Client(base_url=server.url, trust_env=False, headers=headers["analyst"]) as client:
            body = {"runbookId": "pure", "parameters": {"secret": SECRET}}
            started = client.post("/runbooks/execute", json=body)
            assert started.status_code == 202, started.text
            name = started.json()["executionId"]
            client.get(f"/api/runbooks/{name}", params={"q": SECRET})
            client.get(f"/{SECRET}")
            number = client.get(f"/runbooks/{name}").headers["x-request-id"]
    finally:
        server.end()
    text = server.log.read_text()
    lines = [json.loads(line) for line in text.splitlines() if not line.startswith("error: interrupted")]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    assert "uvicorn.error" in {line["logger"] for line in lines}
    access = [line for line in lines if line["logger"] == "runbooks.access" and line["route"] != "/health"]
    assert [(line["method"], line["route"], line["status"]) for line in access] == [
        ("POST", "/runbooks/execute", 202),
        ("GET", "/runbooks/{execution_id}", 422),
        ("GET", "(none)", 404),
        ("GET", "/runbooks/{execution_id}", 200),
    ]
    assert [line.get("subject") for line in access] == ["analyst", "analyst", None, "analyst"]
    assert (access[3]["requestId"], access[3]["executionId"]) == (number, name)
    assert access[3]["traceId"] == trace_id_of(name)
    assert all(line["ms"] >= 0 for line in access)
    token = headers["analyst"]["Authorization"].partition(" ")[2]
    assert SECRET not in text
    assert token not in text


def test_many_at_once_all_end_in_turns_through_a_kill(tmp_path: Path) -> None:
    limits = {"rate": 10_000, "burst": 10_000}
    headers = prepared(tmp_path, limits=limits, executions_at_once=4)
    people = ("analyst", "agent-456")
    server = Server(tmp_path)
    names: dict[str, str] = {}
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        for number in range(MANY):
            person = people[number % 2]
            answer = client.post("/runbooks/execute", json={"runbookId": "pure"}, headers=headers[person])
            assert answer.status_code == 202, answer.text
            names[answer.json()["executionId"]] = person
            assert client.get(answer.headers["location"], headers=headers[person]).status_code == 200
    server.end(signal.SIGKILL)
    server = Server(tmp_path)
    try:
        with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
            until, open_ones = time.monotonic() + 120, set(names)
            while open_ones and time.monotonic() < until:
                for name in sorted(open_ones):
                    status = client.get(f"/runbooks/{name}", headers=headers["analyst"]).json()
                    if status["merkleRoot"] is not None:
                        assert status["outcome"] == "completed"
                        open_ones.discard(name)
            assert not open_ones
            figures = client.get("/metrics", headers=headers["prometheus"])
            assert 'runbooks_executions_under_way{state="queued"} 0.0' in figures.text
            assert client.get("/executions", headers=headers["prometheus"]).status_code == 403
    finally:
        server.end()
