"""The API over a world that answers as scripted, called as a client would: through HTTP, without a socket."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from runbooks.adapters.catalogue import SqliteCatalogue
from runbooks.adapters.ledger.sqlite import SqliteLedger
from runbooks.adapters.policy.rego import EmbeddedRego
from runbooks.api.app import create_app
from runbooks.api.backend import Backend
from runbooks.api.gate import Gate
from runbooks.api.limits import Limits, RateLimit
from runbooks.api.live import Hub
from runbooks.audit import AuditTrail
from runbooks.canonical import digest_of
from runbooks.definition import Definition
from runbooks.errors import Problem, SettingsError
from runbooks.listing import ExecutionList
from runbooks.runner import RunbookRunner

from services.runbooks.tests.simulator import BUNDLE, World, define, step

SHIPPED = Path(__file__).parents[2] / "policies"
# Whose token is their name. Most may do everything, so that a test is about one thing; `mal` has no role.
PEOPLE = ("ann", "ben", "bob", "cat", "eve", "vic", "olga", "aud", "adm", "mal")
MEMBERS = {
    "operator": ["ann", "ben", "bob", "cat", "eve", "olga"],
    "ombuds": ["ann", "ben", "bob", "cat", "eve", "omar"],
    "viewer": ["vic"],
    "auditor": ["aud"],
    "admin": ["adm"],
}
LIMITS = Limits(rate=1e6, burst=1_000_000)
PLAIN = define(step("s", "transform", dependsOn=[], expression="42"))
GATED = define(
    step("s", "transform", dependsOn=[], expression="{'rows': []}", postconditions=["some"]),
    runbookId="gated",
    provers={"postconditions": {"some": {"type": "row_count", "minimum": 1, "pointer": "/rows"}}},
)


@dataclass
class Api:
    """What a client has; `problems` are those of files that hold no runbook."""

    world: World
    runner: RunbookRunner
    hub: Hub
    executions: ExecutionList
    http: httpx.AsyncClient
    app: FastAPI
    audit: AuditTrail
    installation: ScriptedInstallation
    definitions: dict[str, Definition] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    async def get(self, path: str, person: str = "ann", **parameters: Any) -> httpx.Response:
        return await self.http.get(path, params=parameters, headers=self.of(person))

    async def post(
        self, path: str, body: Any, person: str = "ann", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        return await self.http.post(path, json=body, headers={**self.of(person), **(headers or {})})

    def of(self, person: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {person}"}

    async def run(self, runbook_id: str = "R", person: str = "ann") -> str:
        """Run it to its end, or until it waits for people; its executionId."""
        name = str((await self.post("/runbooks/execute", {"runbookId": runbook_id}, person)).json()["executionId"])
        async with asyncio.timeout(10):
            while (await self.get(f"/runbooks/{name}")).json()["outcome"] == "running":  # noqa: ASYNC110
                await asyncio.sleep(0)
        return name


class ScriptedInstallation:
    """An Installation that says what a test wants."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.found: list[str] = []

    async def faults(self) -> list[str]:
        return self.found

    def trust(self) -> dict[str, Any]:
        return dict(json.loads(self._world.trust()))

    def policies(self) -> dict[str, Any]:
        return {"digest": digest_of(BUNDLE), "modules": sorted(BUNDLE["modules"])}

    def licences(self) -> dict[str, Any]:
        return {"digest": digest_of(self._world.licences), "registry": self._world.licences}


def service_bundle(members: Mapping[str, Any] = MEMBERS) -> dict[str, Any]:
    """The shipped policy of the service, with other people in its roles."""
    data = json.loads((SHIPPED / "data.json").read_bytes())
    module = (SHIPPED / "service.rego").read_text("utf-8")
    return {"modules": {"service.rego": module}, "data": {"members": members, "rights": data["rights"]}}


@pytest.fixture
def limits() -> Limits:
    """So much that no limit is met; a test that wants to meet one has another."""
    return LIMITS


@pytest.fixture
def bundle() -> dict[str, Any]:
    """The policies of the service."""
    return service_bundle()


@pytest_asyncio.fixture
async def api(world: World, tmp_path: Path, limits: Limits, bundle: dict[str, Any]) -> AsyncIterator[Api]:
    hub = Hub()
    runner = world.runner(progress=hub.take)
    catalogue = SqliteCatalogue(tmp_path / "catalogue.sqlite")
    definitions = {item.runbook_id: item for item in (PLAIN, GATED)}
    problems: list[Problem] = []

    def find(name: str) -> Definition:
        if name not in definitions:
            raise SettingsError(f"no runbook {name}", code="runbook.unknown")
        return definitions[name]

    async def after() -> None:
        pass

    listed = ExecutionList(runner, catalogue)
    subjects = {person: person for person in PEOPLE}.get
    found = lambda: (list(definitions.values()), problems)  # noqa: E731
    now, policy = world.clock.now, EmbeddedRego(bundle)
    audit = AuditTrail(SqliteLedger(tmp_path / "audit.sqlite"))
    gate = Gate(subjects, policy, audit, now, limits, RateLimit(limits.rate, limits.burst, time.monotonic))
    installation = ScriptedInstallation(world)
    app = create_app(Backend(runner, listed, hub, find, found, after, now, gate, installation))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://runbooks") as http:
        yield Api(world, runner, hub, listed, http, app, audit, installation, definitions, problems)
    await policy.close()
    audit.close()
    catalogue.close()
