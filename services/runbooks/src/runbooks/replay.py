"""Replay: the same record, no effects; what is pure is computed again, the rest is played.

Each step is graded: `recomputed` (its outputs follow from its inputs again), `played` (its outputs
are what the world answered then), `differs` (its core is another one now). Equal
roots mean that every verdict, input and output follows from the record.
"""

from __future__ import annotations

__all__ = ["UNKNOWN", "ReplayReport", "Sides", "StepGrade", "replay"]

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from runbooks import events as ev
from runbooks.attestation import Attestation, AttestationManager, run_key
from runbooks.canonical import digest_of
from runbooks.derivation import Materials
from runbooks.differences import SECTIONS, StepDifference, differences
from runbooks.effects import PolicyQuestion, RenderReport
from runbooks.errors import CanonicalError, EvidenceError, ExpressionError, IllegalTransitionError, VerificationError
from runbooks.execution import Execution, fold
from runbooks.manifest import step_record
from runbooks.merkle import merkle_root

Decide = Callable[[PolicyQuestion], Mapping[str, str]]
Render = Callable[[str, RenderReport], Mapping[str, Any] | None]


# A value of the record that is no longer the one that was sealed; that one is known by its hash alone.
UNKNOWN: Any = object()


@dataclass(frozen=True)
class Sides:
    """A section of a step that differs: its hashes, and the values behind them; `recorded` may be UNKNOWN."""

    expected: str
    actual: str
    recorded: Any
    again: Any


@dataclass(frozen=True)
class StepGrade:
    """How one step fared; `expected` and `actual` are attestation hashes, `sections` those that differ."""

    step_id: str
    grade: str
    expected: str
    actual: str
    difference: StepDifference
    sections: Mapping[str, Sides] = field(default_factory=dict)


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
    execution, events = Execution(materials), list(recorded)
    seals: dict[str, ev.StepSealed] = {}
    computed: set[str] = set()
    header: Mapping[str, object] = {}
    for event in events:
        match event:
            case ev.StepSealed():
                seals[event.step_id] = event
            case ev.ExecutionSealed():
                header = event.header
            case _:
                _receive(execution, _again(execution, event, computed, decide, render))
    if not header:
        raise VerificationError("the execution has not ended; resume it first", code="replay.unfinished")
    context = execution.started.context if execution.started else {}
    made = _attest(execution, context, digest_of(context), salt_key)
    root = "sha256:" + merkle_root([bytes.fromhex(item.attestation_hash[7:]) for item in made.values()]).hex()
    grades = [_grade(name, seals[name], item, computed) for name, item in made.items()]
    if any(step.grade == "differs" for step in grades):
        recorded_hash = str(header["contextHash"])
        past = fold(materials, events)
        sealed = _attest(past, context, recorded_hash, salt_key)
        grades = _explained(grades, (past, sealed), (execution, made), seals)
    name = execution.started.execution_id if execution.started else ""
    return ReplayReport(name, str(header.get("merkleRoot")), root, grades)


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


def _attest(
    execution: Execution, context: Mapping[str, Any], context_hash: str, salt_key: bytes
) -> dict[str, Attestation]:
    manager = AttestationManager(context_hash, context["logicalTime"], run_key(salt_key, context_hash))
    made: dict[str, Attestation] = {}
    hashes: dict[str, str] = {}
    previous = None
    for step in execution.plan.steps:
        record = step_record(execution, execution.steps[step.step_id])
        made[step.step_id] = manager.create_attestation(record, previous, hashes)
        previous = hashes[step.step_id] = made[step.step_id].attestation_hash
    return made


def _grade(name: str, seal: ev.StepSealed, made: Attestation, computed: set[str]) -> StepGrade:
    expected, actual = seal.attestation_hash, made.attestation_hash
    grade = "differs" if expected != actual else "recomputed" if name in computed else "played"
    return StepGrade(name, grade, expected, actual, StepDifference(name, "equal", None))


Made = tuple[Execution, Mapping[str, Attestation]]


def _explained(grades: list[StepGrade], past: Made, now: Made, seals: Mapping[str, ev.StepSealed]) -> list[StepGrade]:
    execution, made = now
    cores = [seals[step.step_id].core for step in grades]
    found = differences(cores, [item.core for item in made.values()], _above(execution))
    return [
        replace(grade, difference=difference, sections=_sections(difference, past, now, seals[grade.step_id]))
        for grade, difference in zip(grades, found, strict=True)
    ]


def _sections(difference: StepDifference, past: Made, now: Made, seal: ev.StepSealed) -> dict[str, Sides]:
    name = difference.step_id
    sides = {}
    for section in (item for item in SECTIONS if item in difference.members):
        is_sealed = past[1][name].sections[section].hash == seal.core[section]
        recorded = _value(past[0], name, section) if is_sealed else UNKNOWN
        actual = str(now[1][name].core[section])
        sides[section] = Sides(str(seal.core[section]), actual, recorded, _value(now[0], name, section))
    return sides


def _value(execution: Execution, step_id: str, section: str) -> Any:
    run = execution.steps[step_id]
    proofs = {"preconditions": run.preconditions, "postconditions": run.postconditions}
    return {"inputs": run.inputs, "outputs": run.outputs, "proofs": proofs}[section]


def _above(execution: Execution) -> dict[str, set[str]]:
    """All that each step depends on, directly or not."""
    above: dict[str, set[str]] = {}
    for step in execution.plan.steps:
        above[step.step_id] = set(step.depends_on).union(*(above[name] for name in step.depends_on))
    return above
