"""Performs effects through the ports and says what happened, as the event to record.

Nothing here decides: the transient or permanent fate of an attempt comes from the adapter's error,
the verdicts come from the execution.
"""

from __future__ import annotations

__all__ = ["Performer", "Ports"]

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runbooks import ports
from runbooks.canonical import as_recorded, digest, require_recordable
from runbooks.courier import Courier
from runbooks.definition import Definition
from runbooks.effects import (
    Action,
    Ask,
    CallApi,
    Each,
    Measure,
    MutateGraph,
    Perform,
    QueryGraph,
    RenderReport,
    RunChild,
    SendMessage,
    WriteArtifact,
    WriteExport,
)
from runbooks.errors import (
    CanonicalError,
    EvidenceError,
    ExpressionError,
    PortError,
    SettingsError,
    TransientPortError,
)
from runbooks.events import AttemptDenied, AttemptFailed, AttemptSucceeded, PreconditionsObserved
from runbooks.execution import Execution
from runbooks.items import Children, Items, Waits
from runbooks.letters import Letterhead
from runbooks.provers import denies
from runbooks.steps.export import export_bytes
from runbooks.steps.report import report_document

_log = logging.getLogger(__name__)

_Done = tuple[type[AttemptSucceeded | AttemptDenied], Any, dict[str, list[Any]]]


def _make_seed() -> str:
    return secrets.token_hex(16)


def _no_runbook(runbook_id: str) -> Definition:
    raise SettingsError(f"no runbook {runbook_id}; this installation has none", code="runbook.unknown")


@dataclass(frozen=True)
class Ports:
    """The outside world as the runner needs it; `policy` opens an engine over a bundle.

    `approver_signer` gives the key of a person who decides reviews; raises KeyFileError when they have none.
    What may leave in an export or a mail by its digest lies in `artifacts`, apart from `blobs`, which has all that was
    ever recorded. `make_seed` gives an execution's 32 hexadecimal digits, `find_runbook` the installation's runbook
    with that id; it raises SettingsError, DefinitionError.
    """

    ledger: ports.LedgerStore
    blobs: ports.BlobStore
    artifacts: ports.BlobStore
    exports: ports.ExportStore
    clock: ports.Clock
    graph: ports.GraphStore
    http: ports.HttpApi
    policy: Callable[[Mapping[str, Any]], ports.PolicyEngine]
    licences: ports.LicenceRegistry
    reports: ports.ReportRenderer
    courier: Courier
    step_signer: ports.Signer
    manifest_signer: ports.Signer
    approver_signer: Callable[[str], ports.Signer]
    make_seed: Callable[[], str] = _make_seed
    find_runbook: Callable[[str], Definition] = _no_runbook


class Performer:
    """Performs the effects of one execution."""

    def __init__(self, world: Ports, execution: Execution, execution_id: str, children: Children) -> None:
        self._world = world
        self._execution = execution
        self._execution_id = execution_id
        self._policy = world.policy(execution.materials.policies)
        self._items = Items(execution, execution_id, children, self._act)

    async def close(self) -> None:
        """Release the policy engine."""
        await self._policy.close()

    async def ask(self, effect: Ask) -> PreconditionsObserved:
        """Ask the policy engine and, last, the licence registry."""
        answers: dict[str, dict[str, Any]] = {}
        for name, question in effect.questions.items():
            decision = await self._policy.decide(question.query, question.document)
            answers[name] = {"decision": decision, "engine": self._policy.engine}
        revoked = await self._revoked(effect.licences)
        for name, asked in effect.licences.items():
            found = None if revoked is None else [licence for licence in asked if licence in revoked]
            answers[name] = {"revoked": found}
        return PreconditionsObserved(effect.step_id, answers, self._world.clock.now())

    async def _revoked(self, licences: Mapping[str, Sequence[str]]) -> set[str] | None:
        """Which of them are revoked now, asked in one question; None when the registry gives no usable answer."""
        asked = sorted({name for names in licences.values() for name in names}, key=str.encode)
        if not asked:
            return set()
        try:
            found = set(await self._world.licences.revoked(asked))
        except PortError as error:
            _log.warning("%s", error)
            return None
        return found if found <= set(asked) else None

    def compute(self, step_id: str) -> AttemptSucceeded | AttemptFailed:
        """Evaluate a pure step."""
        try:
            outputs = self._execution.compute(step_id, {})
        except (ExpressionError, EvidenceError, CanonicalError) as error:
            return AttemptFailed(step_id, 1, error.code, str(error), False, self._world.clock.now())
        return AttemptSucceeded(step_id, 1, outputs, {}, self._world.clock.now())

    async def perform(self, effect: Perform) -> AttemptSucceeded | AttemptDenied | AttemptFailed | None:
        """Perform the action and its metric queries within the step's time-out; None while it waits for people."""
        try:
            kind, answer, rows = await self._done(effect)
            rows = as_recorded(rows)
            outputs = self._execution.outputs_of(effect.step_id, as_recorded(answer), rows)
            require_recordable({"outputs": outputs, "metrics": rows})
        except Waits:
            return None
        except TimeoutError:
            return self._failed(effect, "step.timeout", f"no answer within {effect.timeout:g} s", transient=True)
        except (PortError, ExpressionError, EvidenceError, CanonicalError) as error:
            return self._failed(effect, error.code, str(error), transient=isinstance(error, TransientPortError))
        return kind(effect.step_id, effect.attempt, outputs, rows, self._world.clock.now())

    async def _done(self, effect: Perform) -> _Done:
        match effect.action:
            case Each() as each:
                answer: Any = await self._items.each(effect, each)
            case RunChild() as call:
                answer = await self._items.child(effect, call)
            case MutateGraph() as action:
                async with asyncio.timeout(effect.timeout):
                    return await self._mutate(effect, action)
            case action:
                async with asyncio.timeout(effect.timeout):
                    return AttemptSucceeded, await self._act(effect, action), await self._measure(effect)
        async with asyncio.timeout(effect.timeout):
            return AttemptSucceeded, answer, await self._measure(effect)

    async def _measure(self, effect: Perform) -> dict[str, list[Any]]:
        parameters = self._measured_with()
        return {name: await self._world.graph.query(query, parameters) for name, query in effect.metrics.items()}

    async def _act(self, effect: Perform, action: Action) -> Any:
        match action:
            case QueryGraph(statement, parameters):
                return await self._world.graph.query(statement, self._named(parameters))
            case CallApi(method, endpoint, body, most):
                response = await self._world.http.call(
                    method, endpoint, body, idempotency_key=effect.key, timeout=effect.timeout, max_bytes=most
                )
                return response.body
            case WriteExport(file):
                return self._write(file, export_bytes(action))
            case WriteArtifact():
                return self._write_artifact(effect, action)
            case RenderReport():
                return await self._render(action)
            case MutateGraph(statement, rows):
                mutation = self._mutation(effect, statement, rows)
                return (await self._world.graph.mutate(mutation, lambda observed: True)).rows
            case SendMessage():
                return {"recipients": await self._world.courier.send(action, self._letterhead(effect))}
            case Measure():
                return None
            case RunChild():
                return await self._items.child(effect, action)

    def _write(self, file: str, data: bytes) -> dict[str, Any]:
        self._world.exports.write(self._execution_id, file, data)
        return {"digest": digest(data), "size": len(data)}

    def _write_artifact(self, effect: Perform, action: WriteArtifact) -> dict[str, Any]:
        data = self._world.artifacts.get(action.digest)
        if len(data) != action.size:
            message = f"step {effect.step_id}: artifact {action.digest} has {len(data)} bytes, expected {action.size}"
            raise EvidenceError(message, code="export.artifact")
        return self._write(action.file, data)

    async def _render(self, action: RenderReport) -> dict[str, Any]:
        started = self._execution.started
        if started is None:
            raise EvidenceError("the execution has not started", code="report.inputs")
        source = self._world.reports.template(action.template)
        document = report_document(action, started)
        data = await self._world.reports.render(source, document, started.context["logicalTime"])
        # The source is kept too: a replay sets the report by the template as it was.
        made = {"digest": self._world.artifacts.put(data), "size": len(data)}
        return {**made, "engine": self._world.reports.engine, "template": self._world.blobs.put(source)}

    async def _mutate(self, effect: Perform, action: MutateGraph) -> _Done:
        # The postconditions are judged inside the transaction: nothing that failed its proof is committed.
        names = list(effect.metrics)

        def approve(observed: list[list[Any]]) -> bool:
            try:
                require_recordable(observed)
            except CanonicalError:
                return False  # what cannot be recorded cannot be proved; the attempt fails and nothing is written
            rows = as_recorded(dict(zip(names, observed, strict=True)))
            return not self._execution.is_denied(effect.step_id, {"updated": len(action.rows)}, rows)

        outcome = await self._world.graph.mutate(self._mutation(effect, action.statement, action.rows), approve)
        rows = dict(zip(names, outcome.observed, strict=True))
        if outcome.committed:
            return AttemptSucceeded, outcome.rows, rows
        # What is recorded is judged again by everybody who reads it, and the record of a roll-back says 0 rows.
        step = self._execution.steps[effect.step_id].definition
        proofs = self._execution.derivation.postconditions(step, {"updated": 0}, rows)
        if not any(denies(proof) for proof in proofs):
            message = "its postconditions deny the change, and would not deny the record of its roll-back"
            raise EvidenceError(f"step {effect.step_id}: {message}", code="mutation.rolled_back")
        return AttemptDenied, 0, rows

    def _mutation(self, effect: Perform, statement: str, rows: Sequence[Mapping[str, Any]]) -> ports.Mutation:
        queries = list(effect.metrics.values())
        return ports.Mutation(effect.key, statement, [self._named(row) for row in rows], queries, self._measured_with())

    def _letterhead(self, effect: Perform) -> Letterhead:
        started = self._execution.started
        context = started.context if started else {}
        named = (context["runbookId"], context["version"], self._execution_id, effect.step_id)
        return Letterhead(effect.key, *named, context["logicalTime"])

    def _named(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """A statement's parameters, among which nothing else can pass for the execution's id."""
        return {**parameters, "executionId": self._execution_id}

    def _measured_with(self) -> dict[str, Any]:
        started = self._execution.started
        return self._named(started.parameters if started else {})

    def _failed(self, effect: Perform, code: str, message: str, *, transient: bool) -> AttemptFailed:
        return AttemptFailed(effect.step_id, effect.attempt, code, message, transient, self._world.clock.now())
