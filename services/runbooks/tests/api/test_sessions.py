"""The browser's session: a code that serves once, a cookie that no script reads, and no use from elsewhere."""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from runbooks.adapters.sessions import CODE_SECONDS, IDLE_SECONDS, LONGEST_SECONDS, SqliteSessions
from runbooks.api.origins import Origins, cookie_name
from runbooks.errors import SettingsError

from services.runbooks.tests.api.conftest import Api, client_of
from services.runbooks.tests.gates import ORIGIN

HERE = {"Origin": ORIGIN}
ENDS = """
import sys, pathlib
from runbooks.adapters.sessions import SqliteSessions
print(SqliteSessions(pathlib.Path(sys.argv[1]), lambda: 1000.0).end_all("ann"))
"""
BODY = {"runbookId": "R"}


def code_for(api: Api, person: str) -> str:
    return str(api.app.state.gate.sessions.offer(person))


@asynccontextmanager
async def browser(api: Api, person: str = "ann") -> AsyncIterator[httpx.AsyncClient]:
    """A client with the session of that person and no token."""
    async with client_of(api.app) as client:
        answer = await client.post("/api/session", json={"code": code_for(api, person)}, headers=HERE)
        assert answer.status_code == 200, answer.text
        yield client


async def test_a_code_begins_one_session_and_says_who_is_signed_in(api: Api) -> None:
    code = code_for(api, "ann")
    answer = await api.http.post("/session", json={"code": code}, headers=HERE)
    found = answer.json()
    assert (found["subject"], found["authentication"]) == ("ann", "session")
    assert found["roles"] == ["operator", "ombuds"]
    assert {"action": "execution.start", "resource": "runbook"} in found["rights"]
    assert found["expiresAt"] == "2026-03-02T12:00:00Z"
    assert (await api.http.get("/me")).json() == found
    again = await api.http.post("/session", json={"code": code}, headers=HERE)
    assert (again.status_code, again.json()["code"]) == (401, "request.sign_in")
    assert "set-cookie" not in again.headers


async def test_the_cookie_is_for_this_service_alone_and_for_no_script(api: Api) -> None:
    answer = await api.http.post("/session", json={"code": code_for(api, "ann")}, headers=HERE)
    name, _, rest = answer.headers["set-cookie"].partition("=")
    secret, *attributes = rest.split("; ")
    assert (name, len(secret)) == ("runbooks", 43)
    assert set(attributes) == {"HttpOnly", "Path=/", "SameSite=strict"}
    object.__setattr__(api.app.state.gate.origins, "allowed", frozenset({"https://runbooks"}))
    headers = {"Origin": "https://runbooks"}
    secure = await api.http.post("/session", json={"code": code_for(api, "ann")}, headers=headers)
    assert secure.headers["set-cookie"].startswith("__Host-runbooks=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= set(secure.headers["set-cookie"].split("; "))
    assert "domain" not in secure.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("http://127.0.0.1:8741", "runbooks-8741"),
        ("http://[::1]:8741", "runbooks-8741"),
        ("https://runbooks.example.com", "__Host-runbooks"),
        ("https://runbooks.example.com:8443", "__Host-runbooks-8443"),
    ],
)
def test_two_services_on_one_machine_have_cookies_of_their_own(origin: str, name: str) -> None:
    assert cookie_name(origin) == name


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (HERE, 202),
        ({"Sec-Fetch-Site": "same-origin"}, 202),
        ({**HERE, "Sec-Fetch-Site": "same-origin"}, 202),
        ({}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "https://runbooks"}, 403),
        ({"Origin": "http://runbooks:8741"}, 403),
        ({"Origin": "http://runbooks.evil.example"}, 403),
        ({"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}, 403),
        ({**HERE, "Sec-Fetch-Site": "cross-site"}, 403),
        ({**HERE, "Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
    ],
    ids=str,
)
async def test_a_change_by_cookie_comes_from_a_page_of_this_service(
    headers: dict[str, str], status: int, api: Api
) -> None:
    async with browser(api) as client:
        answer = await client.post("/runbooks/execute", json=BODY, headers=headers)
        assert answer.status_code == status, answer.text
        if status == 403:
            assert answer.json()["code"] == "request.cross_origin"
            assert api.runner.executions() == []
            ended = await client.delete("/session", headers=headers)
            assert (ended.status_code, (await client.get("/me")).status_code) == (403, 200)
        # A token is sent by nobody but who has it.
        assert (await client.post("/runbooks/execute", json=BODY, headers={**headers, **api.of("bob")})).is_success


async def test_another_site_reads_nothing_by_cookie_and_signs_nobody_in(api: Api) -> None:
    async with browser(api) as client:
        assert (await client.get("/me", headers={"Sec-Fetch-Site": "none"})).status_code == 200
        for site in ("cross-site", "same-site"):
            answer = await client.get("/runbooks/x/manifest.pcq", headers={"Sec-Fetch-Site": site})
            assert (answer.status_code, answer.json()["code"]) == (403, "request.cross_origin")
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        code = code_for(api, "ann")
        refused = await api.http.post("/session", json={"code": code}, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "request.cross_origin")
        spent = await api.http.post("/session", json={"code": code}, headers=HERE)
        assert spent.status_code == 200, "no other site spends a code"


async def test_a_request_with_a_token_has_no_session(api: Api) -> None:
    async with browser(api) as client:
        assert (await client.get("/me", headers=api.of("vic"))).json()["subject"] == "vic"
        for header in ("Bearer nobody", "Basic YTpi", "Bearer", ""):
            answer = await client.get("/me", headers={"Authorization": header})
            assert (answer.status_code, answer.json()["code"]) == (401, "request.not_signed_in"), header


async def test_signing_out_ends_the_session_and_not_only_the_cookie(api: Api) -> None:
    async with browser(api) as client:
        [kept] = list(client.cookies.items())
        answer = await client.delete("/session", headers=HERE)
        assert (answer.status_code, answer.content) == (204, b"")
        assert not client.cookies
        for _ in range(2):
            again = await api.http.get("/me", headers={"Cookie": "=".join(kept)})
            assert (again.status_code, again.json()["code"]) == (401, "request.not_signed_in")
        assert (await client.delete("/session")).status_code == 204


async def test_sign_in_and_sign_out_are_in_the_audit_trail_without_a_code(api: Api) -> None:
    code = code_for(api, "ann")
    async with browser(api) as client:
        await client.post("/session", json={"code": "x" * 43}, headers=HERE)
        await client.post("/session", json={"code": code, "as": "adm"}, headers=HERE)
        await client.delete("/session", headers=HERE)
    found = (await api.get("/audit", "aud")).json()["items"][::-1]
    assert [(item["who"], item["action"], item["status"], item["code"]) for item in found] == [
        ("ann", "session.start", 200, None),
        (None, "session.start", 401, "request.sign_in"),
        (None, "session.start", 422, "request.invalid"),
        ("ann", "session.end", 204, None),
    ]
    assert code not in str(found)


async def test_who_has_no_role_is_not_signed_in(api: Api) -> None:
    answer = await api.http.post("/session", json={"code": code_for(api, "mal")}, headers=HERE)
    assert (answer.status_code, answer.json()["code"]) == (403, "request.forbidden")
    assert "set-cookie" not in answer.headers


async def test_a_session_ends_idle_after_eight_hours_and_in_any_case_after_a_day(api: Api) -> None:
    async with browser(api) as client:
        for _ in range(3):
            await api.world.clock.sleep(IDLE_SECONDS - 60)
            last = await client.get("/me")
        assert last.status_code == 200
        await api.world.clock.sleep(LONGEST_SECONDS - 3 * (IDLE_SECONDS - 60))
        assert (await client.get("/me")).status_code == 401
    async with browser(api) as client:
        await api.world.clock.sleep(IDLE_SECONDS)
        assert (await client.get("/me")).status_code == 401


async def test_an_old_code_opens_nothing(api: Api) -> None:
    code = code_for(api, "ann")
    await api.world.clock.sleep(CODE_SECONDS)
    assert (await api.http.post("/session", json={"code": code})).status_code == 401


async def test_events_come_by_cookie(api: Api) -> None:
    async with browser(api) as client:
        refused = await client.get("/events", params={"topics": "executions"}, headers={"Sec-Fetch-Site": "cross-site"})
        assert refused.status_code == 403
        asked = await client.get("/events", params={"topics": "none"})
        assert (asked.status_code, asked.json()["code"]) == (422, "parameter.invalid"), "behind the gate"


async def test_events_end_with_the_session(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runbooks.api.live._LOOK_SECONDS", 0.0)
    sessions, looked = api.app.state.gate.sessions, asyncio.Semaphore(0)
    find = sessions.find

    def counted(secret: str) -> Any:
        looked.release()
        return find(secret)

    monkeypatch.setattr(sessions, "find", counted)
    async with browser(api) as client:
        stream = asyncio.create_task(client.get("/events", params={"topics": "executions"}))
        for _ in range(2):  # at the gate, and before the first piece
            await looked.acquire()
        assert sessions.end_all("ann") == 1
        await api.run("R", "bob")
        async with asyncio.timeout(10):
            answer = await stream
        assert answer.status_code == 200
        assert ("event: ready" in answer.text, "ExecutionStarted" in answer.text) == (True, False)
        assert (await client.get("/events", params={"topics": "executions"})).status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "runbooks.evil.example", "127.0.0.1:8741", "runbooks:1", "", "x@runbooks"]
)
async def test_a_name_that_leads_here_by_another_s_doing_is_not_answered(host: str, api: Api) -> None:
    for path in ("/executions", "/api/me", "/openapi.json", "/none"):
        answer = await api.http.get(path, headers={"Host": host, **api.of("ann")})
        assert (answer.status_code, answer.json()["code"]) == (421, "request.host"), path
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await api.http.get("/health", headers={"Host": host})).status_code == 200


def test_origins_are_those_of_the_settings_and_loopback() -> None:
    origins = Origins.of(["https://Runbooks.example.com"], 8741)
    assert origins.origin("runbooks.example.com") == "https://runbooks.example.com"
    assert origins.origin("localhost:8741") == "http://localhost:8741"
    assert origins.origin("[::1]:8741") == "http://[::1]:8741"
    assert (origins.origin("localhost"), origins.origin("localhost:1")) == (None, None)
    for wrong in (
        "runbooks.example.com",
        "https://",
        "https://a/",
        "ftp://a",
        "https://*",
        "https://u@a",
        "https://a#",
    ):
        with pytest.raises(SettingsError, match="origins: expected"):
            Origins.of([wrong], 1)


def test_sessions_outlive_a_restart_and_lie_as_hashes_in_a_private_file(tmp_path: Path) -> None:
    path, now = tmp_path / "sessions.sqlite", 1000.0
    with closing(SqliteSessions(path, lambda: now)) as sessions:
        code = sessions.offer("ann")
        # Another process may have made it.
        with closing(SqliteSessions(path, lambda: now)) as other:
            secret, _ = other.redeem(code) or ("", None)
        assert sessions.redeem(code) is None
        modes = {file.name: file.stat().st_mode & 0o077 for file in tmp_path.iterdir()}
        assert modes == dict.fromkeys(modes, 0)
    data = path.read_bytes()
    assert hashlib.sha256(secret.encode()).hexdigest().encode() in data
    assert not [word for word in (code, secret) if word.encode() in data]
    with closing(SqliteSessions(path, lambda: now)) as sessions:
        found: Any = sessions.find(secret)
        assert (found.subject, found.authentication) == ("ann", "session")
        # Opened twice by one process: another one still sees what the first connection wrote.
        with closing(SqliteSessions(path, lambda: now)):
            pass
        ended = subprocess.run([sys.executable, "-c", ENDS, str(path)], capture_output=True, text=True, check=True)
        assert ended.stdout == "1\n"
        assert sessions.find(secret) is None
