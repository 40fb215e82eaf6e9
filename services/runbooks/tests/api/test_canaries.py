"""No secret is anywhere but where it is used: not in a log, an answer, a record, or a file of the data folder.

A whole installation in one process, served over a socket, everything logged at DEBUG, every secret a text of its own.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from runbooks.adapters.tokens import hash_secret
from runbooks.api.app import create_app
from runbooks.api.live import Hub
from runbooks.api.origins import Origins
from runbooks.service import add_approvers, open_runner
from runbooks.serving import open_backend, open_sessions, open_tokens
from runbooks.settings import Settings

from services.runbooks.tests.api.conformance import Conformance
from services.runbooks.tests.api.conftest import GATED
from services.runbooks.tests.issuer import AUDIENCE, NOW, Issuer, issuing
from services.runbooks.tests.receivers import MailSink, Webhook, smtp_server, webhook_server
from services.runbooks.tests.simulator import define, step
from services.runbooks.tests.vault import vault_serving

pytestmark = pytest.mark.real

VAULT, MAIL, GRAPH = "hvs.canary-of-the-vault", "canary+of/the mail", "canary-of-the-graph"
HOOK = "T0/B0/canary-of-the-hook"
PLANTED = "what is recorded on purpose"
LATER = NOW * 2  # of the wall clock, in seconds since 1970
ASKING = define(
    step("q", "query", dependsOn=[], cypher="MATCH (n) RETURN n", retry={"maxAttempts": 1}), runbookId="asking"
)


class Heard(logging.Handler):
    """Every record of every logger, as it would be written, with what was raised."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(message)s %(args)r"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        # No logs of the service: the cookie that the test's client was given, and what the test's mail server got.
        if record.name != "mail.log" and not ("receive_response_headers" in line and "b'uvicorn'" in line):
            self.lines.append(line)


@asynccontextmanager
async def everything_logged() -> AsyncIterator[Heard]:
    root, heard = logging.getLogger(), Heard()
    before = root.level
    root.addHandler(heard)
    root.setLevel(logging.DEBUG)
    try:
        yield heard
    finally:
        root.setLevel(before)
        root.removeHandler(heard)


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[tuple[str, FastAPI]]:
    """Its address and the application; the server is the one that `runbooks serve` starts, with its access log."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        origins, hub = Origins.of([], port), Hub()
        async with (
            open_runner(settings, progress=hub.take) as runner,
            open_backend(settings, runner, hub, origins) as backend,
        ):
            app = create_app(backend)
            server = uvicorn.Server(uvicorn.Config(app, log_config=None, log_level="debug"))
            task = asyncio.create_task(server.serve(sockets=[listener]))
            while not server.started:  # noqa: ASYNC110 (it has no event)
                await asyncio.sleep(0.01)
            try:
                yield f"http://127.0.0.1:{port}", app
            finally:
                server.should_exit = True
                await task


class Visitor:
    """Asks, and keeps all that it was told."""

    def __init__(self, address: str, app: FastAPI) -> None:
        hooks = {"response": [Conformance(app).check]}
        self.client = httpx.AsyncClient(base_url=address, trust_env=False, event_hooks=hooks)
        self.address = address
        self.told: list[str] = []
        self.statuses: set[int] = set()

    async def ask(self, method: str, path: str, **named: Any) -> httpx.Response:
        answer = await self.client.request(method, path, **named)
        headers = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
        self.told.append(f"{answer.status_code} {headers} {answer.text}")
        self.statuses.add(answer.status_code)
        return answer

    async def run(self, runbook_id: str, headers: dict[str, str]) -> str:
        body = {"runbookId": runbook_id, "purpose": PLANTED}
        started = await self.ask("POST", "/runbooks/execute", json=body, headers=headers)
        assert started.status_code == 202, started.text
        name = str(started.json()["executionId"])
        async with asyncio.timeout(60):
            while (await self.client.get(f"/runbooks/{name}", headers=headers)).json()[  # noqa: ASYNC110
                "outcome"
            ] == "running":
                await asyncio.sleep(0.02)
        return name


def forms(secret: str) -> list[bytes]:
    """A secret as it might lie somewhere: as it is, as a part of JSON or an address, in base64 at each alignment."""
    plain = secret.encode()
    encoded = [base64.b64encode(b"\0" * shift + plain)[(shift + 2) // 3 * 4 : -4] for shift in range(3)]
    return [
        plain,
        httpx.QueryParams({"a": secret}).__str__()[2:].encode(),
        *(item for item in encoded if len(item) > 8),
    ]


def found_in(data: bytes, secrets: dict[str, str]) -> list[str]:
    return [name for name, secret in secrets.items() if any(form in data for form in forms(secret))]


def installation(home: Path, hook: str, mail_port: int, issuer: Issuer) -> Settings:
    templates = home / "templates"
    templates.mkdir(parents=True)
    for definition in (GATED, ASKING):
        (templates / f"{definition.runbook_id}.json").write_bytes(definition.raw)
    (home.parent / "hook").write_text(hook)
    (home.parent / "graph").write_text(GRAPH)
    settings = Settings(
        home,
        templates="templates",
        graph="bolt://127.0.0.1:1",
        graph_password=f"file:{home.parent / 'graph'}",
        mail=f"smtp://127.0.0.1:{mail_port}",
        mail_user="runbooks",
        mail_password="vault:secret/mail#password",
        mail_sender="r@example.com",
        mail_recipients=["o@example.com"],
        slack=f"file:{home.parent / 'hook'}",
        oidc={"issuer": issuer.url, "audience": AUDIENCE},
    )
    add_approvers(settings, ["ombuds-1"])
    return settings


async def visits(visitor: Visitor, secrets: dict[str, str]) -> None:
    """All that a person, an agent and an enemy do."""
    here, bearer = {"Origin": visitor.address}, {"Authorization": f"Bearer {secrets['token']}"}
    oidc = {"Authorization": f"Bearer {secrets['oidc']}"}
    signed = await visitor.ask("POST", "/api/session", json={"code": secrets["code"]}, headers=here)
    [secrets["session"]] = [value for _, value in visitor.client.cookies.items()]
    assert signed.json()["subject"] == "analyst"
    names = [
        await visitor.run("gated", here),
        await visitor.run("gated", {**bearer, "Idempotency-Key": "one"}),
        await visitor.run("gated", oidc),
        await visitor.run("asking", bearer),
    ]
    ombuds = {"Authorization": f"Bearer {secrets['ombuds']}"}
    [review, *_] = (await visitor.ask("GET", "/reviews", headers=ombuds)).json()
    said = {"decision": "rejected", "reason": "there are no rows"}
    where = f"/reviews/{review['reviewId']}/decisions"
    assert (await visitor.ask("POST", where, json=said, headers={**ombuds, "If-Match": '"1"'})).status_code == 200
    for path in ("/me", "/executions", "/reviews", "/templates", "/trust", "/policies", "/licences", "/ready", "/none"):
        await visitor.ask("GET", path, headers=oidc if path == "/me" else bearer)
    for name in names:
        for part in ("", "/replay", "/manifest.pcq", "/manifest.pcq?blocked=true", "/steps/s", "/values/outputs/s"):
            await visitor.ask("GET", f"/runbooks/{name}{part}", headers=bearer)
    await visitor.ask("GET", "/audit", headers={"Authorization": f"Bearer {secrets['auditor']}"})
    await wrong(visitor, secrets)
    assert (await visitor.ask("DELETE", "/session", headers=here)).status_code == 204


async def wrong(visitor: Visitor, secrets: dict[str, str]) -> None:
    """What is refused with a secret in hand."""
    here, header = {"Origin": visitor.address}, "Authorization"
    for code in (secrets["code"], f"{secrets['code']}x" * 5):
        await visitor.ask("POST", "/session", json={"code": code}, headers=here)
    await visitor.ask("POST", "/session", json={"code": secrets["code"], "and": 1}, headers=here)
    await visitor.ask("POST", "/session", content=f"{{{secrets['code']}", headers=here)
    for token in (f"{secrets['token']}x", secrets["expired"], f"{secrets['oidc']}x", f"{secrets['token']} x"):
        await visitor.ask("GET", "/me", headers={header: f"Bearer {token}"})
    await visitor.ask("GET", "/me", headers={header: f"Basic {secrets['token']}"})
    await visitor.ask(
        "POST", "/runbooks/execute", json={"runbookId": "gated"}, headers={"Origin": "http://evil.example"}
    )
    await visitor.ask("GET", "/me", headers={"Host": "evil.example", header: f"Bearer {secrets['token']}"})
    await visitor.ask("POST", "/runbooks/execute", content=b"{", headers={header: f"Bearer {secrets['token']}"})


async def test_no_secret_is_where_it_should_not_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    sink, hook = MailSink(accounts={"runbooks": "another"}, echoes=True), Webhook(replies=((500, b"no"), (200, b"ok")))
    async with smtp_server(sink) as mail_port, webhook_server(hook, secret=HOOK):
        with vault_serving(VAULT) as vault, issuing() as issuer:
            monkeypatch.setenv("VAULT_ADDR", vault.url)
            monkeypatch.setenv("VAULT_TOKEN", VAULT)
            vault.secrets["secret/mail"] = {"password": MAIL}
            async with everything_logged() as heard:
                settings = await asyncio.to_thread(installation, tmp_path / "home", hook.address, mail_port, issuer)
                tokens = open_tokens(settings)
                with open_sessions(settings) as sessions:
                    code = sessions.offer("analyst")
                secrets = {
                    "vault": VAULT,
                    "mail": MAIL,
                    "graph": GRAPH,
                    "hook": HOOK,
                    "code": code,
                    "token": tokens.add("analyst"),
                    "ombuds": tokens.add("ombuds-1"),
                    "auditor": tokens.add("auditor-1"),
                    "oidc": issuer.token(sub="analyst", nbf=1, iat=1, exp=LATER),
                    "expired": issuer.token(sub="analyst", exp=1),
                }
                async with served(settings) as (address, app):
                    visitor = Visitor(address, app)
                    await visits(visitor, secrets)
                    await visitor.client.aclose()
    assert {200, 202, 204, 401, 403, 404, 421, 422} <= visitor.statuses
    assert vault.asked
    assert hook.lines
    printed = capfd.readouterr()
    places = {
        "a log": "\n".join(heard.lines).encode(),
        "what was printed": (printed.out + printed.err).encode(),
        "an answer": "\n".join(visitor.told).encode(),
        **{str(path): path.read_bytes() for path in settings.home.rglob("*") if path.is_file()},
    }
    assert {place: found for place, data in places.items() if (found := found_in(data, secrets))} == {}
    # It does find what is there.
    assert [place for place, data in places.items() if found_in(data, {"planted": PLANTED})]
    assert hash_secret(secrets["token"]).encode() in places[str(settings.home / "tokens.json")]
    assert any(name in places["a log"] for name in (b"httpcore", b"uvicorn")), "the libraries were heard"
    assert {"ledger.sqlite", "audit.sqlite", "outbox.sqlite", "sessions.sqlite", "answers.sqlite"} <= {
        Path(place).name for place in places
    }
