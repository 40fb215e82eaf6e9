"""The composition root: from settings to a runner, with everything it needs opened and closed.

One process at a time writes to a data folder (a lock file says so); reading needs no lock. The graph
and the enrichment service start when a step first needs them.
"""

from __future__ import annotations

__all__ = [
    "add_approvers",
    "find_runbook",
    "find_templates",
    "has_shared_ledger",
    "locked",
    "nesting",
    "notify",
    "open_graph_of",
    "open_list",
    "open_notifier",
    "open_runner",
    "open_scheduler",
    "open_schedules",
    "runbook_files",
    "trust_file",
]

import asyncio
import fcntl
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from runbooks.adapters.blobs import FolderBlobs
from runbooks.adapters.catalogue import SqliteCatalogue
from runbooks.adapters.clock import SystemClock
from runbooks.adapters.exports import FolderExports
from runbooks.adapters.http_api import Endpoint, MappedHttpApi, read_endpoints
from runbooks.adapters.keys import FileKeys
from runbooks.adapters.ledger import open_ledger
from runbooks.adapters.licences import open_licences
from runbooks.adapters.outbox import SqliteOutbox
from runbooks.adapters.policy import open_policies
from runbooks.adapters.policy.shared import SharedPolicies
from runbooks.adapters.reports import TypstReports
from runbooks.announcer import announce
from runbooks.canonical import to_base64
from runbooks.channels import open_chat, open_courier, open_mailer
from runbooks.definition import Definition
from runbooks.driver import Progress
from runbooks.errors import DataFolderError, DefinitionError, Problem, SettingsError
from runbooks.lint import load_definition
from runbooks.listing import ExecutionList
from runbooks.nesting import nesting_problems
from runbooks.notifier import DeliveryReport, Notifier
from runbooks.performer import Ports
from runbooks.ports import ApiResponse, GraphStore, Mutation, MutationOutcome, Signer
from runbooks.runner import RunbookRunner
from runbooks.schedule_book import ScheduleBook
from runbooks.scheduler import GoOn, Scheduler
from runbooks.settings import Settings, load_registries

_log = logging.getLogger(__name__)


@asynccontextmanager
async def open_runner(
    settings: Settings,
    *,
    progress: Progress | None = None,
    writes: bool = True,
    watched: Callable[[Ports], Ports] = lambda world: world,
) -> AsyncIterator[RunbookRunner]:
    """A runner on the data folder; with `writes` it holds the folder's lock. `watched` may stand before its ports.

    Policies that deny everything are warned about first. Raises DataFolderError, KeyFileError, SettingsError.
    """
    policies, registries = open_policies(settings.policy), load_registries(settings)
    licences = open_licences(settings.licence_registry, folder=settings.folder("licences"))
    http = _LazyHttp(settings)
    async with AsyncExitStack() as stack:
        if writes:
            stack.enter_context(locked(settings.home))
            for warning in await policies.warnings(registries["policies"]):
                _log.warning("%s: %s", settings.folder("policies"), warning)
        keys = FileKeys.open(settings.home / "keys")
        ledger = open_ledger(settings.ledger, settings.ledger_password, home=settings.home)
        stack.callback(ledger.close)
        graph = _LazyGraph(settings)
        stack.push_async_callback(graph.close)
        stack.push_async_callback(http.close)
        stack.push_async_callback(licences.close)
        engines = SharedPolicies(policies)
        stack.push_async_callback(engines.close)
        artifacts = FolderBlobs(settings.home / "artifacts")
        courier = open_courier(settings, artifacts)
        stack.push_async_callback(courier.close)
        world = Ports(
            ledger=ledger,
            blobs=FolderBlobs(settings.home / "blobs"),
            artifacts=artifacts,
            exports=FolderExports(settings.home / "exports"),
            clock=SystemClock(),
            graph=graph,
            http=http,
            policy=engines,
            licences=licences,
            reports=TypstReports(settings.folder("reports")),
            courier=courier,
            step_signer=keys.step,
            manifest_signer=keys.manifest,
            approver_signer=keys.approver,
            find_runbook=lambda name: find_runbook(settings, name, by_id=True),
        )
        yield RunbookRunner(
            watched(world),
            registries,
            salt_key=keys.salt_key,
            log_origin=settings.log_origin,
            trust_version=keys.trust_version,
            progress=progress,
        )


@asynccontextmanager
async def open_notifier(settings: Settings) -> AsyncIterator[Notifier]:
    """A notifier on the data folder's outbox, with the channels that are on; it takes no lock.

    Nothing is connected before something is due. Raises DataFolderError, SettingsError.
    """
    mailer, chat = open_mailer(settings), open_chat(settings)
    outbox = SqliteOutbox(settings.home / "outbox.sqlite")
    async with AsyncExitStack() as stack:
        stack.callback(outbox.close)
        if chat is not None:
            stack.push_async_callback(chat.close)
        yield Notifier(
            outbox,
            mailer,
            chat,
            SystemClock(),
            sender=settings.mail_sender,
            recipients=settings.mail_recipients,
            log_origin=settings.log_origin,
        )


@contextmanager
def open_schedules(settings: Settings) -> Iterator[ScheduleBook]:
    """The schedules of the ledger; it takes no lock, since each change is one transaction.

    Raises DataFolderError, SettingsError, LedgerError.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataFolderError(f"data folder {settings.home}: {error.strerror}; make it writable") from error
    ledger = open_ledger(settings.ledger, settings.ledger_password, home=settings.home)
    try:
        yield ScheduleBook(ledger, SystemClock())
    finally:
        ledger.close()


def has_shared_ledger(settings: Settings) -> bool:
    """True when other installations may write to the same ledger, and what is unfinished there may be theirs."""
    return settings.ledger != "sqlite:"


@contextmanager
def open_scheduler(settings: Settings, runner: RunbookRunner, go_on: GoOn | None = None) -> Iterator[Scheduler]:
    """What starts the runner's executions when schedules make them due; raises as `open_schedules` does."""
    with open_schedules(settings) as book:
        shared = has_shared_ledger(settings)
        find = partial(find_runbook, settings, by_id=True)
        yield Scheduler(book, runner, SystemClock(), find, shared=shared, go_on=go_on)


async def notify(settings: Settings, runner: RunbookRunner) -> DeliveryReport | None:
    """Tell people what was said in reviews since the last time, and try again what was not delivered then.

    None when nothing was ever said. A channel that is down is in the report; raises DataFolderError, SettingsError.
    """
    if not runner.spoken(after=0):
        return None
    async with open_notifier(settings) as notifier:
        await announce(runner, notifier)
        return await notifier.deliver()


async def open_graph_of(settings: Settings, *, timeout: float = 30.0, migrated: bool = True) -> Any:
    """The settings' graph, opened, and `migrated` unless its schema shall stay as it is; the caller closes it.

    See `runbooks.adapters.graph`.
    """
    from runbooks.adapters.graph import connect_graph, open_graph

    reader = (settings.graph_reader, settings.graph_reader_password) if settings.graph_reader else None
    return await (open_graph if migrated else connect_graph)(
        settings.graph,
        data_folder=settings.home,
        user=settings.graph_user,
        password=settings.graph_password,
        reader=reader,
        database=settings.graph_database or None,
        timeout=timeout,
    )


def runbook_files(settings: Settings) -> list[Path]:
    """The templates of the installation."""
    return sorted(settings.folder("templates").glob("*.json"))


def find_runbook(settings: Settings, name: str, *, by_id: bool = False) -> Definition:
    """The definition in the file `name`, unless `by_id`, or the template with that runbookId.

    Raises SettingsError, DefinitionError.
    """
    path = Path(name)
    if not by_id and (path.suffix == ".json" or path.exists()):
        return _load(path)
    definitions, problems = find_templates(settings)
    found = {definition.runbook_id: definition for definition in definitions}
    if name not in found:
        known = ", ".join(found) or "none"
        broken = sorted({Path(problem.source).name for problem in problems})
        also = f"; not readable: {', '.join(broken)}" if broken else ""
        raise SettingsError(
            f"no runbook {name}; known: {known}{also}; or give the path of a definition", code="runbook.unknown"
        )
    return found[name]


def nesting(settings: Settings, definition: Definition) -> list[Problem]:
    """What is wrong with the runbooks that its steps execute; raises DefinitionError when it would execute itself."""
    templates = {item.runbook_id: item for item in find_templates(settings)[0]}
    problems = nesting_problems(definition, templates.get)
    circular = [problem for problem in problems if problem.code == "runbook.circular"]
    if circular:
        raise DefinitionError(circular)
    return problems


def find_templates(settings: Settings) -> tuple[list[Definition], list[Problem]]:
    """The runbooks of the installation, and what is wrong with the files that hold none."""
    definitions, problems = [], []
    for path in runbook_files(settings):
        try:
            definitions.append(_load(path))
        except DefinitionError as error:
            problems += error.problems
        except SettingsError as error:
            problems.append(Problem(error.code, "", str(error), "", source=str(path)))
    return definitions, problems


@contextmanager
def open_list(settings: Settings, runner: RunbookRunner) -> Iterator[ExecutionList]:
    """The list of all executions of the data folder; raises DataFolderError."""
    catalogue = SqliteCatalogue(settings.home / "catalogue.sqlite")
    try:
        yield ExecutionList(runner, catalogue)
    finally:
        catalogue.close()


def trust_file(settings: Settings) -> dict[str, Any]:
    """The trust file of this installation's keys (spec/pcq-v1.md, 8)."""
    keys = FileKeys.open(settings.home / "keys")
    since = keys.created_at
    found = [_trusted("step", keys.step, since), _trusted("manifest", keys.manifest, since)]
    for person in keys.approvers:
        key = _trusted("approver", keys.approver(person), keys.approver_since(person))
        found.append({**key, "subject": person})
    return {"pcq": "trust/v1", "version": keys.trust_version, "keys": found}


def _trusted(role: str, key: Signer, since: str) -> dict[str, Any]:
    return {
        "keyid": key.keyid,
        "publicKey": to_base64(key.public_key),
        "roles": [role],
        "validFrom": since,
        "validTo": None,
        "revoked": None,
    }


def add_approvers(settings: Settings, people: Sequence[str]) -> None:
    """Make a key for each of these people who has none; raises KeyFileError, DataFolderError."""
    if not people:
        return
    with locked(settings.home):
        keys = FileKeys.open(settings.home / "keys")
        for person in people:
            keys.add_approver(person)


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Own the data folder, made if it is not there; raises DataFolderError when another process owns it."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        file = (home / "lock").open("a")
    except OSError as error:
        raise DataFolderError(
            f"data folder {home}: {error.strerror}; make it writable or set RUNBOOKS_HOME to another one"
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DataFolderError(
                f"data folder {home} is in use by another process; wait for its end or set RUNBOOKS_HOME to another",
                code="data_folder.in_use",
            ) from None
        yield


def _load(path: Path) -> Definition:
    try:
        return _parsed(path.read_bytes())
    except DefinitionError as error:
        raise DefinitionError([replace(problem, source=str(path)) for problem in error.problems]) from None
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot read the definition: {error.strerror}", code="runbook.unreadable"
        ) from error


@lru_cache(maxsize=64)
def _parsed(data: bytes) -> Definition:
    # By its bytes, so a file that was changed is read anew: each start of an execution asks for all of them.
    return load_definition(data)


class _LazyGraph:
    """A GraphStore that opens the configured one when it is first asked."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._graph: GraphStore | None = None
        self._lock = asyncio.Lock()

    async def query(self, statement: str, parameters: dict[str, Any]) -> list[Any]:
        return await (await self._open()).query(statement, parameters)

    async def mutate(self, mutation: Mutation, approve: Callable[[list[list[Any]]], bool]) -> MutationOutcome:
        return await (await self._open()).mutate(mutation, approve)

    async def close(self) -> None:
        if self._graph is not None:
            await self._graph.close()

    async def _open(self) -> GraphStore:
        async with self._lock:
            if self._graph is None:
                self._graph = await open_graph_of(self._settings)
        return self._graph


class _LazyHttp:
    """An HttpApi that starts the local enrichment service when an endpoint is mapped to `demo:`."""

    def __init__(self, settings: Settings) -> None:
        self._demo = [origin for origin, base in settings.endpoints.items() if base == "demo:"]
        self._endpoints = read_endpoints(
            {origin: base for origin, base in settings.endpoints.items() if origin not in self._demo}
        )
        self._api: MappedHttpApi | None = None
        self._service: Any = None

    async def call(
        self, method: str, endpoint: str, body: Any, *, idempotency_key: str, timeout: float, max_bytes: int
    ) -> ApiResponse:
        if self._api is None:
            self._api = MappedHttpApi({**self._endpoints, **self._started()})
        return await self._api.call(
            method, endpoint, body, idempotency_key=idempotency_key, timeout=timeout, max_bytes=max_bytes
        )

    async def close(self) -> None:
        if self._api is not None:
            await self._api.close()
        if self._service is not None:
            self._service.__exit__(None, None, None)

    def _started(self) -> Mapping[str, Endpoint]:
        if not self._demo:
            return {}
        from runbooks.demo.enrichment import EnrichmentService

        self._service = EnrichmentService().__enter__()
        return read_endpoints({origin: {"base": self._service.url, "private": True} for origin in self._demo})
