"""The runner: execute, resume, cancel, replay and export the executions of one installation."""

from __future__ import annotations

__all__ = ["RunbookRunner"]

import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from runbooks import events as ev
from runbooks.canonical import as_recorded, digest, digest_of, dumps
from runbooks.decisions import Saying, decision_question, require_allowed, require_expiry
from runbooks.definition import Definition
from runbooks.derivation import Materials
from runbooks.desk import ReviewDesk
from runbooks.driver import Driver, Progress, Sealer
from runbooks.effects import PolicyQuestion, RenderReport
from runbooks.errors import (
    LedgerConflictError,
    ParameterError,
    ReviewConflictError,
    ReviewError,
    UnknownExecutionError,
    UnknownReviewError,
)
from runbooks.execution import Execution, StepState, fold
from runbooks.expressions import engine
from runbooks.ledger import Head, verify_chain
from runbooks.lint import require_parameters
from runbooks.manifest import PCQManifestBuilder
from runbooks.models import named_models
from runbooks.performer import Ports
from runbooks.recorder import Recorder
from runbooks.replay import ReplayReport, replay
from runbooks.reviews import DECIDING, Review
from runbooks.schedules import Occurrence
from runbooks.sql import sql_engine
from runbooks.steps import STEP_KINDS
from runbooks.steps.report import report_document

_MAX_SUBJECT = 256
_MAX_NAME = 96


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
        self._registries = registries
        self._salt_key = salt_key
        self._log_origin = log_origin
        self._trust_version = trust_version
        self._progress = progress or (lambda event, execution: None)
        self._recorder = Recorder(world.ledger, world.blobs)
        self._drivers: dict[str, Driver] = {}

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

        Raises ParameterError and ModelError before anything is recorded, and LedgerConflictError when the schedule's
        `occurrence` is settled by then.
        """
        require_parameters(definition, parameters)
        if not 1 <= len(executed_by) <= _MAX_SUBJECT:
            raise ParameterError(f"who runs it must be named in 1 to {_MAX_SUBJECT} characters, got {len(executed_by)}")
        models = named_models(definition, self._registries.get("models", {}))
        materials = Materials(definition, **{**self._registries, "models": models})
        parameters = as_recorded(parameters)
        context = self._context(materials, parameters, purpose or definition.purpose)

        schedule = occurrence.members() if occurrence else None

        def make(head: Head) -> ev.ExecutionStarted:
            if occurrence is not None:
                occurrence.require_open(head)
            seq = head.count(definition.runbook_id, "ExecutionStarted") + 1
            execution_id = f"{_file_name(definition.runbook_id)}-{seq:04d}-{secrets.token_hex(3)}"
            return ev.ExecutionStarted(
                execution_id, seq, executed_by, context, parameters, context["logicalTime"], schedule
            )

        [started] = self._recorder.record(definition.runbook_id, None, lambda head: [make(head)])
        self._progress(started, Execution(materials))
        return self._open(getattr(started, "execution_id", ""))

    async def resume(self, execution_id: str) -> Execution:
        """Continue an unfinished execution from its ledger; an ended one is returned as it is.

        Reviews whose time is over expire first.
        """
        execution, start_entry = self._open(execution_id)
        self._expire(execution)
        return await self._drive(execution, start_entry)

    async def expire_overdue(self) -> list[str]:
        """Let every review expire whose time is over, and go on with its execution; the ids of those reviews."""
        now = self._world.clock.now()
        overdue = [review.review_id for _, review in self.reviews() if review.is_due(now)]
        for execution_id in dict.fromkeys(map(_execution_of, overdue)):
            await self.resume(execution_id)
        return overdue

    async def cancel(self, execution_id: str, reason: str) -> Execution:
        """Let no further step of an unfinished execution start, and seal it; an ended one is returned as it is."""
        execution, start_entry = self._open(execution_id)
        if execution.is_cancellable:
            self._tell(execution, ev.CancelRequested(reason, self._world.clock.now()))
        return await self._drive(execution, start_entry)

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
        permission = await self._permission(said, now)
        # From here to the record nothing waits, so nobody in this process can come in between.
        execution, start_entry = self._open(_execution_of(review_id))
        self._expire(execution)
        try:
            event = self._spoken(execution, said, permission, now)
        except ReviewError as error:
            self._refuse(execution, said, error)
            raise
        try:
            self._tell(execution, event)
        except LedgerConflictError:
            current = self._open(execution_id=_execution_of(review_id))[0].reviews[review_id]
            message = f"somebody else spoke in review {review_id} at the same moment; it is {current.state} now"
            raise ReviewConflictError(message, state=current.state, version=current.version, reason=reason) from None
        return await self._drive(execution, start_entry)

    def get_status(self, execution_id: str) -> Execution:
        """The execution as its ledger tells it; raises UnknownExecutionError."""
        return self._open(execution_id)[0]

    async def replay(self, execution_id: str) -> ReplayReport:
        """Replay from the record; raises VerificationError when the record cannot have happened."""
        materials, recorded, _ = self._recorder.load(execution_id)
        policy = self._world.policy(materials.policies)
        execution = fold(materials, recorded)
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
        """`name`, or the id of the newest execution for `last`; raises UnknownExecutionError when there is none."""
        if name != "last":
            return name
        executions = self.executions()
        if not executions:
            raise UnknownExecutionError("this ledger has no execution yet; `runbooks run R1` makes one")
        return executions[-1].execution_id

    def verify_ledger(self) -> int:
        """Recompute the ledger's chain; its number of entries. Raises LedgerError."""
        return verify_chain(self._world.ledger.entries())

    def manifest(self, execution_id: str) -> PCQManifestBuilder:
        """Builder of the execution's manifest."""
        return PCQManifestBuilder(self.get_status(execution_id), self._salt_key)

    def reviews(self) -> list[tuple[Execution, Review]]:
        """All reviews with their executions, oldest first."""
        found = []
        for name in self._recorder.reviewed():
            execution = self.get_status(name)
            found += [(execution, review) for review in execution.reviews.values()]
        return found

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
        materials, events, start_entry = self._recorder.load(execution_id)
        driver = self._drivers.get(execution_id)
        return driver.execution if driver else fold(materials, events), start_entry

    async def _permission(self, said: Saying, now: str) -> str:
        """The decision of the execution's policies about this decider; `allow` for what needs no permission."""
        execution, review = self.review(said.review_id)
        started = execution.started
        if said.decision not in DECIDING or started is None:
            return "allow"
        question = decision_question(review, said, now=now, requester=started.executed_by, context=started.context)
        policy = self._world.policy(execution.materials.policies)
        try:
            return await policy.decide(question.query, question.document)
        finally:
            await policy.close()

    def _spoken(self, execution: Execution, said: Saying, permission: str, now: str) -> ev.ReviewDecided:
        review = execution.reviews[said.review_id]
        requester = execution.started.executed_by if execution.started else ""
        require_allowed(review, said, requester=requester, now=now)
        if permission != "allow":
            message = f"the policy does not let {said.approver} say {said.decision} in review {said.review_id}"
            raise ReviewError(f"{message} ({permission}); see data.runbooks.reviews", code="review.not_allowed")
        if said.decision == "approved":
            said = replace(said, expires_at=said.expires_at or review.due_at)
            require_expiry(review, said.expires_at or "", now)
        elif said.expires_at is not None:
            raise ReviewError("only an approval can expire", code="review.expiry")
        signer = self._world.approver_signer(said.approver) if said.decision in DECIDING else None
        return self._desk(execution).state(review, said, now, signer)

    def _refuse(self, execution: Execution, said: Saying, error: ReviewError) -> None:
        if execution.ended is None:
            review = execution.reviews[said.review_id]
            words = (said.decision, said.approver[:256], said.reason[:4000])
            at = self._world.clock.now()
            self._tell(execution, ev.DecisionRefused(review.step_id, said.review_id, *words, error.code, at))

    def _expire(self, execution: Execution) -> None:
        reviews = execution.open_reviews()
        now = self._world.clock.now() if reviews else ""
        for review in reviews:
            # The first denial that expires ends the execution, and the others are closed then.
            if review.is_due(now) and execution.steps[review.step_id].state in (StepState.HELD, StepState.AWAITING):
                self._tell(execution, self._desk(execution).expire(review, now))

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

    def _context(self, materials: Materials, parameters: Mapping[str, Any], purpose: str | None) -> dict[str, Any]:
        definition = materials.definition
        policy = self._world.policy(materials.policies)
        return {
            "pcq": "context/v1",
            "runbookId": definition.runbook_id,
            "version": definition.version,
            **self._recorder.store_materials(materials),
            "logicalTime": self._world.clock.now(),
            "seed": self._world.make_seed(),
            "purpose": purpose,
            "parametersDigest": digest_of(parameters),
            "steps": [{"stepId": step.step_id, "dependsOn": list(step.depends_on)} for step in materials.plan.steps],
            "schemas": {},
            "engines": {"expressions": engine(), "policies": policy.engine, **_sql_engines(definition)},
        }

    async def _drive(self, execution: Execution, start_entry: str) -> Execution:
        name = execution.started.execution_id if execution.started else ""
        if execution.ended is None and name not in self._drivers:
            sealer, desk = self._sealer(execution, start_entry), self._desk(execution)
            driver = Driver(self._world, self._recorder, execution, sealer, desk, self._progress)
            self._drivers[name] = driver
            try:
                await driver.run()
            finally:
                del self._drivers[name]
        return execution

    def _desk(self, execution: Execution) -> ReviewDesk:
        return ReviewDesk(execution, self._world.manifest_signer, log_origin=self._log_origin)

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


def _sql_engines(definition: Definition) -> dict[str, str]:
    has_sql = any(STEP_KINDS[step.kind].statement(step) is not None for step in definition.steps)
    return {"sql": sql_engine()} if has_sql else {}


def _execution_of(review_id: str) -> str:
    return review_id.rpartition(".r")[0]


def _file_name(runbook_id: str) -> str:
    # An executionId names a folder and a file, and with what is put around it stays an identifier.
    return re.sub(r"[^A-Za-z0-9._-]", "_", runbook_id)[:_MAX_NAME]


def _asked(question: PolicyQuestion) -> bytes:
    return dumps([question.query, question.document])
