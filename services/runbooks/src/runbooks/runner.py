"""The runner: execute, resume, cancel, replay and export the executions of one installation."""

from __future__ import annotations

__all__ = ["RunbookRunner"]

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from runbooks import events as ev
from runbooks.canonical import digest, digest_of, dumps
from runbooks.children import ChildExecutions
from runbooks.deciding import Deciding
from runbooks.decisions import Saying
from runbooks.definition import Definition
from runbooks.derivation import Materials
from runbooks.driver import Driver, Progress, Sealer
from runbooks.effects import PolicyQuestion, RenderReport
from runbooks.errors import (
    LedgerConflictError,
    ReviewConflictError,
    UnknownExecutionError,
    UnknownReviewError,
)
from runbooks.execution import Execution, fold
from runbooks.ledger import verify_chain
from runbooks.manifest import PCQManifestBuilder
from runbooks.opening import Opening
from runbooks.pausing import Pausing
from runbooks.performer import Ports
from runbooks.recorder import Recorder
from runbooks.rehearsal import rehearse
from runbooks.replay import ReplayReport, replay
from runbooks.reviews import Review
from runbooks.schedules import Occurrence
from runbooks.steps.report import report_document


class RunbookRunner:
    """Executes runbooks of one installation.

    `registries` are the installation's prover registry, policy bundle, licence registry and models; `salt_key` and
    `log_origin` are its own. `progress` is told every recorded event.
    """

    def __init__(
        self,
        world: Ports,
        registries: Mapping[str, Mapping[str, Any]],
        *,
        salt_key: bytes,
        log_origin: str,
        trust_version: int = 1,
        progress: Progress | None = None,
    ) -> None:
        self._world = world
        self._salt_key = salt_key
        self._log_origin = log_origin
        self._trust_version = trust_version
        self._progress = progress or (lambda event, execution: None)
        self._recorder = Recorder(world.ledger, world.blobs)
        self._registries = registries
        self._opening = Opening(world, self._recorder, registries, self._progress)
        self._drivers: dict[str, Driver] = {}
        self._deciding = Deciding(world, log_origin, self._tell)
        self._children = ChildExecutions(
            self._recorder,
            world.find_runbook,
            look=self.get_status,
            begin=self._begin_child,
            go_on=self._go_on_below,
        )
        self._pausing = Pausing(lambda name: self._open(name)[0], self._tell, self._children.of, world.clock)

    async def execute(
        self, definition: Definition, parameters: Mapping[str, Any], *, executed_by: str, purpose: str | None = None
    ) -> Execution:
        """Run to the end, or until it waits for people; raises as `start` does."""
        return await self._drive(*self.start(definition, parameters, executed_by=executed_by, purpose=purpose))

    def start(
        self,
        definition: Definition,
        parameters: Mapping[str, Any],
        *,
        executed_by: str,
        purpose: str | None = None,
        occurrence: Occurrence | None = None,
    ) -> tuple[Execution, str]:
        """Open the execution and leave it to `resume` to go on; also the hash of its opening entry.

        Raises ParameterError, ModelError, and DefinitionError for a runbook that would execute itself, before anything
        is recorded, and LedgerConflictError when the schedule's `occurrence` is settled by then.
        """
        return self._open(
            self._opening.begin(definition, parameters, executed_by=executed_by, purpose=purpose, occurrence=occurrence)
        )

    def start_again(
        self, execution_id: str, *, executed_by: str, changes: Mapping[str, Any] | None = None
    ) -> tuple[Execution, str]:
        """Open another run of an execution: the same definition and purpose, on the registries as they stand now.

        Its parameters are those of the first, with `changes` of whole parameters by name. Raises as `start` does, and
        UnknownExecutionError.
        """
        first = self._open(execution_id)[0]
        parameters, context = (first.started.parameters, first.started.context) if first.started else ({}, {})
        name = self._opening.begin(
            first.materials.definition,
            {**parameters, **(changes or {})},
            executed_by=executed_by,
            purpose=context["purpose"],
            origin={"executionId": execution_id, "as": "rerun" if changes is None else "fork"},
        )
        return self._open(name)

    async def rehearse(
        self, definition: Definition, parameters: Mapping[str, Any], *, executed_by: str, purpose: str | None = None
    ) -> dict[str, Any]:
        """What `start` with the same arguments would lead to, as `runbooks.rehearsal` tells it; nothing is recorded."""
        opening = (definition, parameters, executed_by, purpose)
        return await rehearse(self._world, self._registries, self._children, opening, self._opening.find)

    def _begin_child(
        self, definition: Definition, parameters: Mapping[str, Any], above: Execution, parent: Mapping[str, str]
    ) -> str:
        by = above.started.executed_by if above.started else ""
        purpose = definition.purpose or (above.started.context["purpose"] if above.started else None)
        return self._opening.begin(definition, parameters, executed_by=by, purpose=purpose, parent=parent)

    async def resume(self, execution_id: str) -> Execution:
        """Continue an unfinished execution from its ledger; an ended one is returned as it is.

        Reviews whose time is over expire first.
        """
        execution = await self._resume_alone(execution_id)
        await self._go_on_above(execution)
        return execution

    async def _resume_alone(self, execution_id: str) -> Execution:
        execution, start_entry = self._open(execution_id)
        self._deciding.expire(execution)
        return await self._drive_alone(execution, start_entry)

    async def _go_on_below(self, execution_id: str, above_id: str) -> Execution:
        # What a step begins while its execution is paused is paused too.
        above = self._drivers.get(above_id)
        if above is not None and above.execution.paused is not None:
            self._pausing.follow(execution_id, above.execution.paused)
        return await self._resume_alone(execution_id)

    async def expire_overdue(self) -> list[str]:
        """Let every review expire whose time is over, and go on with its execution; the ids of those reviews."""
        now = self._world.clock.now()
        overdue = [review.review_id for _, review in self.open_reviews() if review.is_due(now)]
        for execution_id in dict.fromkeys(map(_execution_of, overdue)):
            await self.resume(execution_id)
        return overdue

    async def cancel(self, execution_id: str, reason: str) -> Execution:
        """Let no further step of an unfinished execution start, and seal it; an ended one is returned as it is.

        What its steps began is cancelled too.
        """
        execution, _ = self._open(execution_id)
        if execution.is_cancellable:
            self._tell(execution, ev.CancelRequested(reason, self._world.clock.now()))
        for name in itertools.chain.from_iterable(self._children.of(execution).values()):
            await self.cancel(name, reason)
        return await self._drive(*self._open(execution_id))

    def pause(self, execution_id: str, reason: str, *, by: str) -> Execution:
        """Let no further step start until `lift_pause`, also of what its steps began; see `runbooks.pausing`."""
        return self._pausing.pause(execution_id, reason, by)

    def lift_pause(self, execution_id: str, reason: str, *, by: str) -> Execution:
        """Let steps start again; `resume` then goes on, as after anything else that ended a wait."""
        return self._pausing.lift(execution_id, reason, by)

    async def decide(
        self,
        review_id: str,
        decision: str,
        *,
        approver: str,
        reason: str,
        version: int | None = None,
        expires_at: str | None = None,
    ) -> Execution:
        """Say something in a review (spec/reviews.md), and go on with the execution as far as it goes.

        `version` is the number of statements that the decider saw, None for whatever is there; `expires_at` bounds an
        approval, the review's due time without it. Raises UnknownReviewError, ReviewError, KeyFileError, and
        ReviewConflictError for a review that is not as the decider saw it. What is refused is recorded as such.
        """
        said = Saying(review_id, decision, approver, reason, version, expires_at)
        now = self._world.clock.now()
        permission = await self._deciding.permission(*self.review(review_id), said, now)
        # From here to the record nothing waits, so nobody in this process can come in between.
        execution, start_entry = self._open(_execution_of(review_id))
        self._deciding.expire(execution)
        try:
            self._deciding.speak(execution, said, permission, now)
        except LedgerConflictError:
            current = self._open(_execution_of(review_id))[0].reviews[review_id]
            message = f"somebody else spoke in review {review_id} at the same moment; it is {current.state} now"
            raise ReviewConflictError(message, state=current.state, version=current.version, reason=reason) from None
        return await self._drive(execution, start_entry)

    def get_status(self, execution_id: str) -> Execution:
        """The execution as its ledger tells it; raises UnknownExecutionError, TamperedRecordError."""
        execution = self._open(execution_id)[0]
        if execution_id not in self._drivers:
            execution.awaited |= self._children.waiting(execution)
        return execution

    @contextmanager
    def history(self, execution_id: str) -> Iterator[tuple[Materials, list[tuple[int, ev.Event]]]]:
        """What it started with, and each event with its ledger entry's number; raises as `get_status`, within too."""
        with self._recorder.reading(execution_id):
            yield self._recorder.history(execution_id)

    async def replay(self, execution_id: str) -> ReplayReport:
        """Replay from the record; raises VerificationError when the record cannot have happened."""
        with self._recorder.reading(execution_id):
            materials, recorded, _ = self._recorder.load(execution_id)
            execution = fold(materials, recorded)
        policy = self._world.policy(materials.policies)
        try:
            decisions: dict[bytes, dict[str, str]] = {}
            for step in materials.plan.steps:
                for question in execution.derivation.questions(step).values():
                    decision = await policy.decide(question.query, question.document)
                    decisions[_asked(question)] = {"decision": decision, "engine": policy.engine}
        finally:
            await policy.close()
        reports = await self._reports_again(execution)
        return replay(
            materials,
            recorded,
            self._salt_key,
            lambda question: decisions[_asked(question)],
            lambda step_id, action: reports.get((step_id, digest_of(action.data))),
        )

    async def _reports_again(self, execution: Execution) -> dict[tuple[str, str], dict[str, Any]]:
        """The reports of an execution, set again by their recorded templates; none that another engine set."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        renderer, started = self._world.reports, execution.started
        reports = [run for run in execution.steps.values() if run.definition.kind == "report" and run.outputs]
        for run in reports:
            action = execution.derivation.action(run.definition, run.inputs)
            if isinstance(action, RenderReport) and started and renderer.engine == run.outputs["engine"]:
                source = self._world.blobs.get(run.outputs["template"])
                document = report_document(action, started)
                data = await renderer.render(source, document, started.context["logicalTime"])
                found[run.step_id, digest_of(action.data)] = {"digest": digest(data), "size": len(data)}
        return found

    def children_of(self, execution: Execution) -> dict[str, list[str]]:
        """The ids of the executions that its steps began, by stepId."""
        return self._children.of(execution, settled=True)

    def definition(self, digest: str) -> Definition:
        """The definition that executions pinned under that digest."""
        return self._recorder.definition(digest)

    def executions(self) -> list[ev.ExecutionStarted]:
        """The openings of all executions, oldest first."""
        return self._recorder.started()

    def ended(self) -> set[str]:
        """The ids of the executions that have ended."""
        return {entry.draft.execution_id for entry in self._world.ledger.entries(kind="ExecutionSealed")}

    def touched(self, after: int) -> tuple[list[str], int]:
        """The executions of which something was recorded behind ledger entry `after`, and the last entry's number."""
        return self._world.ledger.touched(after)

    def resolve(self, name: str) -> str:
        """`name`, or for `last` the id of the newest that no step began; raises UnknownExecutionError without one."""
        if name != "last":
            return name
        executions = [started for started in self.executions() if started.parent is None]
        if not executions:
            raise UnknownExecutionError("this ledger has no execution yet; `runbooks run R1` makes one")
        return executions[-1].execution_id

    def verify_ledger(self) -> int:
        """Recompute the ledger's chain; its number of entries. Raises LedgerError."""
        return verify_chain(self._world.ledger.entries())

    def manifest(self, execution_id: str) -> PCQManifestBuilder:
        """Builder of the execution's manifest; raises UnknownExecutionError, TamperedRecordError."""
        self._recorder.require_intact(execution_id)
        return PCQManifestBuilder(self.get_status(execution_id), self._salt_key)

    def reviews(self) -> list[tuple[Execution, Review]]:
        """All reviews with their executions, oldest first."""
        found = []
        for name in self._recorder.reviewed():
            execution = self.get_status(name)
            found += [(execution, review) for review in execution.reviews.values()]
        return found

    def open_reviews(self) -> list[tuple[Execution, Review]]:
        """The reviews in which something can still be said, with their executions; those that ended are not read."""
        ended = self.ended()
        names = [name for name in self._recorder.reviewed() if name not in ended]
        return [(execution, review) for execution in map(self.get_status, names) for review in execution.open_reviews()]

    def spoken(self, after: int) -> list[tuple[int, str, int]]:
        """What was said in reviews behind ledger entry number `after`: (number of the entry, reviewId, sequence)."""
        said = self._recorder.statements(after)
        return [(seq, statement["reviewId"], statement["sequence"]) for seq, statement in said]

    def review(self, review_id: str) -> tuple[Execution, Review]:
        """One review with its execution; raises UnknownReviewError."""
        try:
            execution = self.get_status(_execution_of(review_id))
            return execution, execution.reviews[review_id]
        except (UnknownExecutionError, KeyError):
            message = f"no review {review_id} in this ledger; `runbooks reviews list` lists them"
            raise UnknownReviewError(message) from None

    def _open(self, execution_id: str) -> tuple[Execution, str]:
        """The execution as this process has it while it drives it, else as the ledger has it."""
        driver = self._drivers.get(execution_id)
        if driver is not None:
            return driver.execution, driver.start_entry
        with self._recorder.reading(execution_id):
            materials, events, start_entry = self._recorder.load(execution_id)
            return fold(materials, events), start_entry

    def _tell(self, execution: Execution, event: ev.Event) -> None:
        """Record what comes from outside; the execution takes it in here, or where it is driven."""
        started = execution.started
        name = started.execution_id if started else ""
        if name in self._drivers:
            self._drivers[name].tell(event)
            return
        self._recorder.record(started.context["runbookId"] if started else "", name, lambda _: [event])
        execution.receive(event)
        self._progress(event, execution)

    async def _drive(self, execution: Execution, start_entry: str) -> Execution:
        await self._drive_alone(execution, start_entry)
        await self._go_on_above(execution)
        return execution

    async def _drive_alone(self, execution: Execution, start_entry: str) -> Execution:
        name = execution.started.execution_id if execution.started else ""
        is_late = True
        while is_late and execution.ended is None and name not in self._drivers:
            sealer, desk = self._sealer(execution, start_entry), self._deciding.desk(execution)
            driver = Driver(self._world, self._recorder, execution, sealer, desk, self._progress, self._children)
            self._drivers[name] = driver
            try:
                await driver.run()
            finally:
                del self._drivers[name]
            is_late = driver.is_late
        return execution

    async def _go_on_above(self, execution: Execution) -> None:
        """Go on with the execution whose step began this one, which has ended."""
        parent = execution.started.parent if execution.started else None
        if parent is None or execution.ended is None:
            return
        driver = self._drivers.get(parent["executionId"])
        if driver is None:
            await self.resume(parent["executionId"])
        else:
            driver.go_on()

    def _sealer(self, execution: Execution, start_entry: str) -> Sealer:
        return Sealer(
            execution,
            self._world.step_signer,
            self._world.manifest_signer,
            salt_key=self._salt_key,
            log_origin=self._log_origin,
            trust_version=self._trust_version,
            start_entry=start_entry,
        )


def _execution_of(review_id: str) -> str:
    return review_id.rpartition(".r")[0]


def _asked(question: PolicyQuestion) -> bytes:
    return dumps([question.query, question.document])
