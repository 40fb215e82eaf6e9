"""Replay: the same record, no effects; what is pure is computed again, the rest is played.

Each step is graded: `recomputed` (its outputs follow from its inputs again), `played` (its outputs
are what the world answered then), `differs` (its core is another one now). Equal
roots mean that every verdict, input and output follows from the record.
"""

from __future__ import annotations

__all__ = ["ReplayReport", "StepGrade", "replay"]

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from runbooks import events as ev
from runbooks.attestation import AttestationManager, run_key
from runbooks.canonical import digest_of
from runbooks.derivation import Materials
from runbooks.effects import PolicyQuestion, RenderReport
from runbooks.errors import CanonicalError, EvidenceError, ExpressionError, IllegalTransitionError, VerificationError
from runbooks.execution import Execution
from runbooks.manifest import step_record
from runbooks.merkle import merkle_root

Decide = Callable[[PolicyQuestion], Mapping[str, str]]
Render = Callable[[str, RenderReport], Mapping[str, Any] | None]


@dataclass(frozen=True)
class StepGrade:
    """How one step fared; `expected` and `actual` are attestation hashes."""

    step_id: str
    grade: str
    expected: str
    actual: str


@dataclass(frozen=True)
class ReplayReport:
    """Grades in canonical order and both roots."""

    execution_id: str
    recorded_root: str
    root: str
    steps: list[StepGrade]

    @property
    def is_identical(self) -> bool:
        """True when every step and the root are the recorded ones."""
        return self.root == self.recorded_root and all(step.grade != "differs" for step in self.steps)


def replay(
    materials: Materials, recorded: Iterable[ev.Event], salt_key: bytes, decide: Decide, render: Render
) -> ReplayReport:
    """Replay a sealed execution; `decide` asks the policy of the record again, `render` sets a step's report again.

    `render` gives None for a report that cannot be set again here; it is played then.

    Raises VerificationError when the execution has not ended, or recomputing leads where the record cannot have gone.
    """
    execution = Execution(materials)
    seals: dict[str, ev.StepSealed] = {}
    computed: set[str] = set()
    header: Mapping[str, object] = {}
    for event in recorded:
        match event:
            case ev.StepSealed():
                seals[event.step_id] = event
            case ev.ExecutionSealed():
                header = event.header
            case _:
                _receive(execution, _again(execution, event, computed, decide, render))
    if not header:
        raise VerificationError("the execution has not ended; resume it first", code="replay.unfinished")
    hashes = _attest(execution, salt_key)
    grades = [_grade(name, seals[name].attestation_hash, actual, computed) for name, actual in hashes.items()]
    root = "sha256:" + merkle_root([bytes.fromhex(actual[7:]) for actual in hashes.values()]).hex()
    started = execution.started
    return ReplayReport(started.execution_id if started else "", str(header.get("merkleRoot")), root, grades)


def _receive(execution: Execution, event: ev.Event) -> None:
    try:
        execution.receive(event)
    except IllegalTransitionError as error:
        message = f"the record cannot have happened: {error}; what was recomputed before differs from what was recorded"
        raise VerificationError(message, code="replay.diverged") from None


def _again(execution: Execution, event: ev.Event, computed: set[str], decide: Decide, render: Render) -> ev.Event:
    match event:
        case ev.PreconditionsObserved():
            questions = execution.derivation.questions(execution.plan.step(event.step_id))
            again = {name: dict(decide(question)) for name, question in questions.items()}
            return replace(event, answers={**event.answers, **again})
        case ev.AttemptSucceeded() if execution.is_derived(event.step_id):
            computed.add(event.step_id)
            try:
                return replace(event, outputs=execution.compute(event.step_id, event.metrics))
            except (CanonicalError, ExpressionError, EvidenceError) as error:
                return ev.AttemptFailed(event.step_id, event.attempt, error.code, str(error), False, event.at)
        case ev.AttemptSucceeded() if execution.steps[event.step_id].definition.kind == "report":
            run = execution.steps[event.step_id]
            action = execution.derivation.action(run.definition, run.inputs)
            made = render(event.step_id, action) if isinstance(action, RenderReport) else None
            if made is None:
                return event
            computed.add(event.step_id)
            return replace(event, outputs={**event.outputs, **made})
        case _:
            return event


def _attest(execution: Execution, salt_key: bytes) -> dict[str, str]:
    context = execution.started.context if execution.started else {}
    context_hash = digest_of(context)
    manager = AttestationManager(context_hash, context["logicalTime"], run_key(salt_key, context_hash))
    hashes: dict[str, str] = {}
    previous = None
    for step in execution.plan.steps:
        record = step_record(execution, execution.steps[step.step_id])
        previous = manager.create_attestation(record, previous, hashes).attestation_hash
        hashes[step.step_id] = previous
    return hashes


def _grade(name: str, expected: str, actual: str, computed: set[str]) -> StepGrade:
    if expected != actual:
        return StepGrade(name, "differs", expected, actual)
    return StepGrade(name, "recomputed" if name in computed else "played", expected, actual)
