"""`runbooks serve` as a person starts it: a real process, a real port, a token, an answer, an end."""

from __future__ import annotations

import json
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
from runbooks.cli_serve import open_listener
from runbooks.settings import load_settings

RUNBOOKS = str(Path(sys.executable).parent / "runbooks")

pytestmark = pytest.mark.real


def command(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([RUNBOOKS, *arguments, "--home", str(home)], capture_output=True, text=True, check=False)


@contextmanager
def served(home: Path, *options: str) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    arguments = [RUNBOOKS, "serve", "--home", str(home), "--port", str(port), *options]
    with (home / "printed").open("w") as printed:
        process = subprocess.Popen(arguments, env={**os.environ}, stdout=printed)
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


@contextmanager
def signed_in(address: str, link: str) -> Iterator[httpx.Client]:
    """What a browser does with a link: the code is behind the #, and a page sends it."""
    page, _, code = link.strip().partition("#code=")
    assert page == f"{address}/console/sign-in"
    with httpx.Client(base_url=address, trust_env=False, headers={"Origin": address}) as client:
        assert client.post("/api/session", json={"code": code}).status_code == 200
        yield client


def test_the_printed_link_signs_in_and_another_person_decides(tmp_path: Path) -> None:
    unborn = command(tmp_path, "sign-in")
    assert (unborn.returncode, "start `runbooks serve" in unborn.stderr) == (1, True)
    with served(tmp_path) as address, signed_in(address, (tmp_path / "printed").read_text()) as analyst:
        assert analyst.get("/api/me").json()["roles"] == ["operator"]
        link = command(tmp_path, "sign-in", "--as", "ombuds-1").stdout
        with signed_in(address, link) as ombuds:
            found = ombuds.get("/api/me").json()
            assert (found["subject"], found["roles"], found["authentication"]) == ("ombuds-1", ["ombuds"], "session")
            with ombuds.stream("GET", "/api/events", params={"topics": "reviews"}) as events:
                assert events.status_code == 200
                assert next(events.iter_text()).startswith("id: ")
            ended = command(tmp_path, "sign-in", "--as", "ombuds-1", "--sign-out")
            assert ended.stdout == "1 sessions of ombuds-1 ended\n"
            assert ombuds.get("/api/me").status_code == 401
        assert analyst.get("/api/me").status_code == 200
        foreign = httpx.get(f"{address}/executions", headers={"Host": "evil.example"}, trust_env=False)
        assert (foreign.status_code, foreign.json()["code"]) == (421, "request.host")


def test_a_token_ends_by_its_time_or_by_revocation_while_the_service_runs(tmp_path: Path) -> None:
    with served(tmp_path) as address, httpx.Client(base_url=address, trust_env=False) as client:
        token = command(tmp_path, "tokens", "--add", "analyst", "--expires", "1").stdout.strip()
        known = {"Authorization": f"Bearer {token}"}
        assert client.get("/me", headers=known).json()["authentication"] == "token"
        assert client.get("/me", headers=known).json()["expiresAt"].endswith("Z")
        [line] = command(tmp_path, "tokens", "--list").stdout.splitlines()
        token_id, _, subject = line.split()
        assert (subject, token in line) == ("analyst", False)
        assert command(tmp_path, "tokens", "--revoke", token_id).stdout == f"revoked {token_id} of analyst\n"
        assert client.get("/me", headers=known).status_code == 401
        again = command(tmp_path, "tokens", "--revoke", token_id)
        assert (again.returncode, "[token.unknown]" in again.stderr) == (1, True)


def test_behind_a_proxy_no_code_is_printed_and_the_public_name_is_answered(tmp_path: Path) -> None:
    public = "https://runbooks.example.com"
    (tmp_path / "settings.json").write_text(json.dumps({"origins": [public]}))
    with served(tmp_path, "--behind-proxy") as address:
        printed = (tmp_path / "printed").read_text()
        assert (printed.startswith(f"{public}/console"), "code=" in printed) == (True, False)
        link = command(tmp_path, "sign-in").stdout.strip()
        assert link.startswith(f"{public}/console/sign-in#code=")
        headers = {"Host": "runbooks.example.com", "Origin": public}
        body = {"code": link.partition("#code=")[2]}
        answer = httpx.post(f"{address}/api/session", json=body, headers=headers, trust_env=False)
        assert answer.status_code == 200
        assert answer.headers["set-cookie"].startswith("__Host-runbooks=")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
def test_what_others_can_reach_needs_a_proxy_with_tls(host: str, tmp_path: Path) -> None:
    refused = command(tmp_path, "serve", "--host", host, "--port", "0")
    assert (refused.returncode, "[serve.exposed]" in refused.stderr) == (1, True)
    refused = command(tmp_path, "serve", "--host", host, "--port", "0", "--behind-proxy")
    assert (refused.returncode, "[serve.origins]" in refused.stderr) == (1, True)
    assert "https://runbooks.example.com" in refused.stderr


def test_an_address_that_is_taken_or_none_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = command(tmp_path, "serve", "--port", str(taken.getsockname()[1]))
    assert (refused.returncode, "choose another --port" in refused.stderr) == (1, True)
    assert command(tmp_path, "serve", "--host", "no such host", "--port", "0").returncode == 1


def test_the_body_of_an_answer_does_not_wait_behind_its_head(tmp_path: Path) -> None:
    with (
        open_listener(load_settings(tmp_path), "127.0.0.1", 0, behind_proxy=False) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as connection,
    ):
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
