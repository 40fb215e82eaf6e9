"""The gate of the API as tests open it: the shipped policy of the service, with other people in its roles."""

from __future__ import annotations

__all__ = [
    "LIMITS",
    "MEMBERS",
    "ORIGIN",
    "PEOPLE",
    "SHIPPED",
    "ScriptedInstallation",
    "opened_gate",
    "seconds_of",
    "service_bundle",
]

import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from datetime import datetime
from pathlib import Path
from typing import Any

from runbooks.adapters.answers import SqliteAnswers
from runbooks.adapters.ledger.sqlite import SqliteLedger
from runbooks.adapters.policy.rego import EmbeddedRego
from runbooks.adapters.sessions import SqliteSessions
from runbooks.api.gate import Gate
from runbooks.api.limits import Limits, RateLimit
from runbooks.api.once import Once
from runbooks.api.origins import Origins
from runbooks.api.rights import holders
from runbooks.audit import AuditTrail
from runbooks.callers import Caller
from runbooks.canonical import digest_of

from services.runbooks.tests.simulator import BUNDLE, World

SHIPPED = Path(__file__).parents[1] / "policies"
# Whose token is their name. Most may do everything, so that a test is about one thing; `mal` has no role.
PEOPLE = ("ann", "ben", "bob", "cat", "eve", "vic", "olga", "aud", "adm", "mon", "mal")
MEMBERS = {
    "operator": ["ann", "ben", "bob", "cat", "eve", "olga"],
    "ombuds": ["ann", "ben", "bob", "cat", "eve", "omar"],
    "viewer": ["vic"],
    "auditor": ["aud"],
    "admin": ["adm"],
    "monitor": ["mon"],
}
# Where the tests' client reaches it.
ORIGIN = "http://runbooks"
LIMITS = Limits(rate=1e6, burst=1_000_000)


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
        return {"digest": digest_of(BUNDLE), "engine": "none", "modules": sorted(BUNDLE["modules"])}

    def licences(self) -> dict[str, Any]:
        return {"digest": digest_of(self._world.licences), "registry": self._world.licences}


def service_bundle(members: Mapping[str, Any] = MEMBERS) -> dict[str, Any]:
    """The shipped policy of the service, with other people in its roles."""
    data = json.loads((SHIPPED / "data.json").read_bytes())
    module = (SHIPPED / "service.rego").read_text("utf-8")
    return {"modules": {"service.rego": module}, "data": {"members": members, "rights": data["rights"]}}


async def whose(token: str) -> Caller | None:
    return Caller(token, "token") if token in PEOPLE else None


def seconds_of(world: World) -> Callable[[], float]:
    """That world's clock in seconds since 1970."""
    return lambda: datetime.fromisoformat(world.clock.now()).timestamp()


@asynccontextmanager
async def opened_gate(
    world: World, folder: Path, *, limits: Limits = LIMITS, bundle: Mapping[str, Any] | None = None
) -> AsyncIterator[Gate]:
    """A gate with a trail in `folder`, and nearly no limits unless a test wants to meet them."""
    found = service_bundle() if bundle is None else bundle
    policy = EmbeddedRego(found)
    rate = RateLimit(limits.rate, limits.burst, time.monotonic)
    with (
        closing(AuditTrail(SqliteLedger(folder / "audit.sqlite"))) as audit,
        closing(SqliteSessions(folder / "sessions.sqlite", seconds_of(world))) as sessions,
        closing(SqliteAnswers(folder / "answers.sqlite", seconds_of(world))) as answers,
    ):
        try:
            origins, told = Origins(frozenset({ORIGIN})), holders(found["data"])
            yield Gate(whose, policy, audit, world.clock.now, limits, rate, sessions, origins, Once(answers), told)
        finally:
            await policy.close()
