"""Stand-ins for the world outside: they implement `runbooks.ports`, answer as scripted, and outlive a dying process.

`Faults` counts the moments before and after every call of every port; from a chosen moment on, the process is dead.
What a graph or an API has done by then stays done. Ledger, blobs, exports, keys and policies are the real adapters.
"""

from __future__ import annotations

import asyncio
import copy
import inspect
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from runbooks.adapters.blobs import FolderBlobs
from runbooks.adapters.exports import FolderExports
from runbooks.adapters.keys import KeySigner
from runbooks.adapters.ledger.sqlite import SqliteLedger
from runbooks.adapters.outbox import SqliteOutbox
from runbooks.adapters.policy.rego import EmbeddedRego
from runbooks.adapters.reports import TypstReports
from runbooks.canonical import dumps, to_base64
from runbooks.courier import Channels, Courier
from runbooks.definition import Definition
from runbooks.driver import Progress
from runbooks.errors import KeyFileError, PortError, SettingsError
from runbooks.execution import Execution
from runbooks.lint import load_definition
from runbooks.performer import Ports
from runbooks.ports import ApiResponse, Chat, Mailer, Mutation, MutationOutcome, PolicyEngine
from runbooks.runner import RunbookRunner

REPORTS = Path(__file__).parents[1] / "reports"
SALT_KEY = bytes(range(32))
NO_PROVERS: dict[str, Any] = {"preconditions": {}, "postconditions": {}}
BUNDLE = {
    "modules": {
        "acl.rego": "package acl\nallow if input.subject.id in data.trusted\ndefault allow := false\n",
        "reviews.rego": "package runbooks.reviews\nallow if input.subject.id in data.deciders\n",
    },
    "data": {"trusted": ["ann"], "deciders": ["ben", "cat", "dan", "ann"]},
}

# Successive replies to one statement or endpoint, the last one for ever: a value, an error to raise, or a function.
Replies = Mapping[str, Sequence[Any]]


class ProcessDied(BaseException):
    """The process is dead: no code of the service may catch this and go on."""


class Faults:
    """The moments around the calls of all ports, counted from 0; at moment `at` the process dies."""

    def __init__(self, at: int | None = None) -> None:
        self._at = at
        self.moments: list[str] = []

    def meet(self, moment: str) -> None:
        if self._at is not None and len(self.moments) >= self._at:
            raise ProcessDied(moment)
        self.moments.append(moment)


class Mortal:
    """A port whose every call meets the faults, before it does anything and after it has done it."""

    def __init__(self, port: Any, name: str, faults: Faults) -> None:
        self._port, self._name, self._faults = port, name, faults

    def __getattr__(self, member: str) -> Any:
        found = getattr(self._port, member)
        if not callable(found) or member == "close":
            return found
        moment = f"{self._name}.{member}"

        def call(*arguments: Any, **named: Any) -> Any:
            self._faults.meet(f"before {moment}")
            answer = found(*arguments, **named)
            self._faults.meet(f"after {moment}")
            return answer

        async def wait(*arguments: Any, **named: Any) -> Any:
            self._faults.meet(f"before {moment}")
            answer = await found(*arguments, **named)
            self._faults.meet(f"after {moment}")
            return answer

        return wait if inspect.iscoroutinefunction(found) else call


class Script:
    """Replies by name, each in its turn."""

    def __init__(self, replies: Replies) -> None:
        self.replies = {name: list(found) for name, found in replies.items()}
        self.asked: Counter[str] = Counter()

    async def reply(self, name: str) -> Any:
        found = self.replies[name][min(self.asked[name], len(self.replies[name]) - 1)]
        self.asked[name] += 1
        if isinstance(found, BaseException):
            raise found
        if callable(found):
            answer: Awaitable[Any] = found()
            return await answer
        return copy.deepcopy(found)


class GraphSimulator:
    """A GraphStore: `written` are the committed rows, `receipts` the outcomes by key."""

    def __init__(self, replies: Replies | None = None) -> None:
        self.script = Script(replies or {})
        self.parameters: list[dict[str, Any]] = []
        self.written: list[dict[str, Any]] = []
        self.receipts: dict[str, MutationOutcome] = {}
        self.execution_ids: set[str] = set()

    async def query(self, statement: str, parameters: dict[str, Any]) -> list[Any]:
        self.parameters.append(self._own(parameters))
        rows: list[Any] = await self.script.reply(statement)
        return rows

    async def mutate(self, mutation: Mutation, approve: Callable[[list[list[Any]]], bool]) -> MutationOutcome:
        if mutation.key in self.receipts:
            return replace(self.receipts[mutation.key], repeated=True)
        await self.script.reply(mutation.statement)
        observed = [await self.script.reply(query) for query in mutation.queries]
        if not approve(observed):
            return MutationOutcome(len(mutation.rows), observed, committed=False)
        self._own(mutation.parameters)
        self.written += [self._own(row) for row in mutation.rows]
        self.receipts[mutation.key] = MutationOutcome(len(mutation.rows), observed, committed=True)
        return self.receipts[mutation.key]

    def _own(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """What is not the execution's id, which goes to `execution_ids`."""
        self.execution_ids.add(parameters["executionId"])
        return {name: value for name, value in parameters.items() if name != "executionId"}

    async def close(self) -> None:
        pass


class ApiSimulator:
    """An HttpApi that honours its idempotency keys: `effects` counts what was done, `bodies` what was sent."""

    def __init__(self, replies: Replies | None = None) -> None:
        self.script = Script(replies or {})
        self.answers: dict[str, ApiResponse] = {}
        self.effects: Counter[str] = Counter()
        self.bodies: list[Any] = []

    async def call(
        self, method: str, endpoint: str, body: Any, *, idempotency_key: str, timeout: float, max_bytes: int
    ) -> ApiResponse:
        self.bodies.append((method, body, timeout))
        if idempotency_key not in self.answers:
            answer = await self.script.reply(endpoint)
            self.effects[idempotency_key] += 1
            self.answers[idempotency_key] = ApiResponse(200, answer)
        return self.answers[idempotency_key]

    async def close(self) -> None:
        pass


class LicenceRegistrySimulator:
    """A LicenceRegistry: names in `gone`, or not in `known` if it is a set, are revoked; `down` is what to raise."""

    def __init__(self) -> None:
        self.gone: set[str] = set()
        self.known: set[str] | None = None
        self.down: PortError | None = None
        self.asked: list[list[str]] = []

    async def revoked(self, names: Sequence[str]) -> list[str]:
        self.asked.append(list(names))
        if self.down is not None:
            raise self.down
        return [name for name in names if name in self.gone or name not in (self.known or names)]

    async def close(self) -> None:
        pass


class ClockSimulator:
    """A Clock that moves by a millisecond a look, and by what is slept."""

    def __init__(self, start: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)) -> None:
        self._now = start
        self.slept: list[float] = []

    def now(self) -> str:
        self._now += timedelta(milliseconds=1)
        return self._now.isoformat(timespec="microseconds").replace("+00:00", "Z")

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += timedelta(seconds=seconds)
        await asyncio.sleep(0)


@dataclass
class World:
    """One installation in a folder, in a world that answers as scripted."""

    home: Path
    graph: GraphSimulator = field(default_factory=GraphSimulator)
    api: ApiSimulator = field(default_factory=ApiSimulator)
    clock: ClockSimulator = field(default_factory=ClockSimulator)
    policy: Callable[[Mapping[str, Any]], PolicyEngine] = EmbeddedRego
    registry: LicenceRegistrySimulator = field(default_factory=LicenceRegistrySimulator)
    provers: Mapping[str, Any] = field(default_factory=lambda: NO_PROVERS)
    licences: Mapping[str, Any] = field(default_factory=lambda: {"licences": []})
    models: Mapping[str, Any] = field(default_factory=dict)
    step_key: KeySigner = field(default_factory=lambda: KeySigner(b"s" * 32))
    manifest_key: KeySigner = field(default_factory=lambda: KeySigner(b"m" * 32))
    runbooks: Mapping[str, Definition] = field(default_factory=dict)
    approvers: tuple[str, ...] = ("ben", "cat", "dan", "ann", "eve")
    mailer: Mailer | None = None
    chat: Chat | None = None
    mail_recipients: tuple[str, ...] = ()
    mail_allowed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.home.mkdir(exist_ok=True)

    def ports(self, faults: Faults | None = None) -> Ports:
        """All ports, newly opened: what a process has of the world."""
        found = faults or Faults()
        opened = {
            "ledger": SqliteLedger(self.home / "ledger.sqlite"),
            "blobs": FolderBlobs(self.home / "blobs"),
            "artifacts": FolderBlobs(self.home / "artifacts"),
            "exports": FolderExports(self.home / "exports"),
            "clock": self.clock,
            "graph": self.graph,
            "http": self.api,
            "licences": self.registry,
            "reports": TypstReports(REPORTS),
            "step_signer": self.step_key,
            "manifest_signer": self.manifest_key,
        }
        mortal: dict[str, Any] = {name: Mortal(port, name, found) for name, port in opened.items()}
        policy: Any = lambda bundle: Mortal(self.policy(bundle), "policy", found)  # noqa: E731
        courier = self.courier(found, mortal["artifacts"])
        ports = {**mortal, "courier": courier, "find_runbook": self.find_runbook}
        return Ports(policy=policy, approver_signer=self.approver_key, **ports)

    def find_runbook(self, runbook_id: str) -> Definition:
        """The runbook that steps of others may execute."""
        if runbook_id not in self.runbooks:
            raise SettingsError(f"no runbook {runbook_id}", code="runbook.unknown")
        return self.runbooks[runbook_id]

    def courier(self, faults: Faults, blobs: Any) -> Courier:
        """A courier whose channels are mortal."""

        def channels() -> Channels:
            outbox: Any = Mortal(SqliteOutbox(self.home / "outbox.sqlite", of_steps=True), "outbox", faults)
            mailer: Any = self.mailer and Mortal(self.mailer, "mailer", faults)
            chat: Any = self.chat and Mortal(self.chat, "chat", faults)
            return Channels(outbox, mailer, chat)

        return Courier(
            channels,
            blobs,
            self.clock,
            sender="runbooks@example.com",
            recipients=self.mail_recipients,
            allowed=self.mail_allowed,
            log_origin="test",
        )

    def approver_key(self, person: str) -> KeySigner:
        """The key of a person who may decide."""
        if person not in self.approvers:
            raise KeyFileError(f"{person} has no key", code="key.no_approver")
        return KeySigner(person.encode().ljust(32, b"."))

    def runner(
        self, faults: Faults | None = None, progress: Progress | None = None, ports: Ports | None = None
    ) -> RunbookRunner:
        """A runner as a new process has it."""
        registries = {
            "provers": self.provers,
            "policies": BUNDLE,
            "licences": self.licences,
            "models": self.models,
        }
        return RunbookRunner(
            ports or self.ports(faults), registries, salt_key=SALT_KEY, log_origin="test", progress=progress
        )

    def exported(self) -> list[str]:
        """Names of the files written by export steps."""
        return sorted(path.name for path in (self.home / "exports").rglob("*") if path.is_file())

    def trust(self) -> bytes:
        """The trust file of this installation."""
        keys: list[tuple[KeySigner, str, dict[str, str]]] = [
            (self.step_key, "step", {}),
            (self.manifest_key, "manifest", {}),
            *((self.approver_key(person), "approver", {"subject": person}) for person in self.approvers),
        ]
        return dumps(
            {
                "pcq": "trust/v1",
                "version": 1,
                "keys": [
                    {
                        "keyid": key.keyid,
                        "publicKey": to_base64(key.public_key),
                        "roles": [role],
                        "validFrom": "2026-01-01T00:00:00Z",
                        "validTo": None,
                        "revoked": None,
                        **subject,
                    }
                    for key, role, subject in keys
                ],
            }
        )


async def rejected(runner: RunbookRunner, execution: Execution) -> Execution:
    """The execution at its end, everything that waits for people having been rejected."""
    while execution.ended is None:
        review = execution.open_reviews()[0]
        execution = await runner.decide(review.review_id, "rejected", approver="ben", reason="not from these sources")
    return execution


def step(step_id: str, kind: str, **members: Any) -> dict[str, Any]:
    """One step as an author writes it."""
    return {"stepId": step_id, "type": kind, **members}


def runbook(*steps: dict[str, Any], provers: Mapping[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    """A definition as an author writes it."""
    found = {"runbookId": "R", "name": "a runbook", "version": "1", "steps": list(steps), **members}
    return {**found, "provers": dict(provers)} if provers is not None else found


def define(*steps: dict[str, Any], provers: Mapping[str, Any] | None = None, **members: Any) -> Definition:
    """The loaded definition."""
    return load_definition(dumps(runbook(*steps, provers=provers, **members)))
