"""The API over a world that answers as scripted, called as a client would: through HTTP, without a socket.

Whatever a test asks, the answer is held against the OpenAPI document.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from runbooks.adapters.catalogue import SqliteCatalogue
from runbooks.api.app import create_app
from runbooks.api.backend import Backend
from runbooks.api.limits import Limits
from runbooks.api.live import Hub
from runbooks.audit import AuditTrail
from runbooks.definition import Definition
from runbooks.dispatcher import Dispatcher
from runbooks.errors import Problem, SettingsError
from runbooks.events import Event
from runbooks.execution import Execution
from runbooks.listing import ExecutionList
from runbooks.runner import RunbookRunner
from runbooks.schedule_book import ScheduleBook
from runbooks.telemetry import Telemetry

from services.runbooks.tests.api.conformance import Conformance
from services.runbooks.tests.gates import LIMITS, ORIGIN, ScriptedInstallation, opened_gate, service_bundle
from services.runbooks.tests.simulator import World, define, step

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
    async with opened_api(world, tmp_path, limits, bundle) as found:
        yield found


def client_of(app: FastAPI, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
    """A client to whom every answer that the document does not have is a failure."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    hooks = {"response": [Conformance(app).check]}
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers, event_hooks=hooks)


@asynccontextmanager
async def opened_api(world: World, tmp_path: Path, limits: Limits, bundle: Mapping[str, Any]) -> AsyncIterator[Api]:
    """The whole API over that world."""
    hub = Hub()
    telemetry = Telemetry()

    def progress(event: Event, execution: Execution) -> None:
        hub.take(event, execution)
        telemetry.take(event, execution)

    runner = world.runner(progress=progress)
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
    found = lambda: (list(definitions.values()), problems)  # noqa: E731
    installation, now = ScriptedInstallation(world), world.clock.now
    book = ScheduleBook(world.ports().ledger, world.clock)
    async with opened_gate(world, tmp_path, limits=limits, bundle=bundle) as gate:
        dispatcher = Dispatcher(runner, 8, after)
        app = create_app(
            Backend(runner, listed, hub, find, found, after, now, gate, installation, dispatcher, book, telemetry)
        )
        async with client_of(app) as http:
            yield Api(world, runner, hub, listed, http, app, gate.audit, installation, definitions, problems)
        await dispatcher.close()
    catalogue.close()
