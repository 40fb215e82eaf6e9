"""Outcomes against the proofs and the decisions that were recorded (spec/pcq-v1.md, 6; spec/reviews.md, 6)."""

from __future__ import annotations

__all__ = ["check_outcomes"]

from collections.abc import Iterator, Mapping

from pcq_verify.definition import Definition, StepDefinition
from pcq_verify.denials import PHASES, Denials, Standing
from pcq_verify.manifest import Manifest, Step
from pcq_verify.report import Fault, Finding
from pcq_verify.reviews import Review, Reviews, State

_STARTED = ("done", "overridden", "failed", "blocked")
_REFUSED = (State.REJECTED, State.EXPIRED, State.CLOSED)
# The outcomes that a step may have when a review of this kind was refused. A step that asked for approval may be
# overtaken by the fence before it fails, or be denied by what its preconditions say when they are asked again.
_AFTER_REFUSAL = {"denial": ("blocked",), "approval": ("failed", "not-run", "blocked")}

Standings = Mapping[str, Standing]


def check_outcomes(
    manifest: Manifest, definition: Definition | None, denials: Denials, reviews: Reviews, *, tolerant: bool
) -> Iterator[Finding]:
    """Findings where an outcome contradicts the proofs, the decisions, the outputs, the dependencies or the others.

    `tolerant` lets a review be whose subject cannot be computed from what is shown.
    """
    outcomes = {step.step_id: step.outcome for step in manifest.steps}
    if definition is None:
        yield Finding(Fault.INCOMPLETE, "outcomes", "the provers of each step are unknown: the definition is not there")
    for step in manifest.steps:
        standings = {phase: denials.of(step, phase) for phase in PHASES}
        for phase, standing in standings.items():
            if standing.doubt and not tolerant:
                yield Finding(Fault.INCOMPLETE, f"{step.name}, {phase}", f"overridden? {standing.doubt}")
        declared = definition.steps.get(step.step_id) if definition else None
        yield from _step_findings(step, declared, standings)
        if step.outcome in (*_STARTED, "skipped"):
            yield from _dependency_findings(step, manifest.depends_on.get(step.step_id, ()), outcomes)
    expected = _overall(set(outcomes.values()))
    if manifest.header["outcome"] != expected:
        message = f"expected {expected!r} from the steps, got {manifest.header['outcome']!r}"
        yield Finding(Fault.NOT_REPRODUCED, "outcome", message)
    for review in reviews.all:
        yield from _review_findings(review, outcomes, expected)


def _overall(outcomes: set[str]) -> str:
    for outcome, overall in (
        ("blocked", "blocked"),
        ("failed", "failed"),
        ("not-run", "cancelled"),
        ("overridden", "overridden"),
    ):
        if outcome in outcomes:
            return overall
    return "completed"


def _review_findings(review: Review, outcomes: Mapping[str, str], overall: str) -> Iterator[Finding]:
    where = f"review {review.review_id}"
    possible, outcome = _AFTER_REFUSAL.get(review.kind), outcomes.get(review.step_id)
    if review.state in _REFUSED and possible is not None and outcome is not None and outcome not in possible:
        message = f"is {review.state}, so step {review.step_id} must be {' or '.join(possible)}, got {outcome}"
        yield Finding(Fault.NOT_REPRODUCED, where, message)
    if review.state is State.CLOSED and overall in ("completed", "overridden"):
        yield Finding(Fault.NOT_REPRODUCED, where, f"is closed, but the execution is {overall}")


def _step_findings(step: Step, declared: StepDefinition | None, standings: Standings) -> Iterator[Finding]:
    yield from _denial_findings(step, standings)
    denied_before = standings["preconditions"].denied
    if declared is not None:
        yield from _prover_findings(step, declared, denied_before=denied_before)
    for section in _empty_sections(step, denied_before=denied_before):
        if step.sections[section].fields:
            yield Finding(
                Fault.NOT_REPRODUCED,
                f"{step.name}, {section}",
                f"expected {{}} for outcome {step.outcome}, got members",
            )


def _denial_findings(step: Step, standings: Standings) -> Iterator[Finding]:
    found = list(standings.values())
    if step.outcome == "blocked" and not any(standing.denied for standing in found):
        why = "every denial is lifted" if any(standing.lifted for standing in found) else "no proof denies"
        yield Finding(Fault.NOT_REPRODUCED, step.name, f"outcome blocked, but {why}")
    if step.outcome == "overridden" and not any(standing.denials for standing in found):
        yield Finding(Fault.NOT_REPRODUCED, step.name, "outcome overridden, but no proof denies")
    for standing in found:
        if standing.denied and step.outcome in ("done", "failed", "overridden"):
            proof = standing.denials[0]
            unlifted = "" if step.outcome == "done" else ", and no review lifts it"
            message = f"outcome {step.outcome}, but prover {proof['prover']} denies with {proof['reason']}{unlifted}"
            yield Finding(Fault.NOT_REPRODUCED, step.name, message)
        elif standing.lifted and step.outcome == "done":
            proof = standing.denials[0]
            message = f"outcome done, but prover {proof['prover']} denies and was overridden"
            yield Finding(Fault.NOT_REPRODUCED, step.name, message)


def _empty_sections(step: Step, *, denied_before: bool) -> tuple[str, ...]:
    if step.outcome in ("skipped", "not-run"):
        return ("inputs", "outputs")
    if step.outcome == "failed" or (step.outcome == "blocked" and denied_before):
        return ("outputs",)
    return ()


def _prover_findings(step: Step, declared: StepDefinition, *, denied_before: bool) -> Iterator[Finding]:
    for phase in PHASES:
        expected = list(declared.provers(phase)) if _is_judged(step.outcome, phase, denied_before) else []
        recorded = [proof["prover"] for proof in step.proofs[phase]]
        if recorded != expected:
            message = f"expected the provers {expected} for outcome {step.outcome}, got {recorded}"
            yield Finding(Fault.NOT_REPRODUCED, f"{step.name}, {phase}", message)


def _is_judged(outcome: str, phase: str, denied_before: bool) -> bool:
    if outcome in ("skipped", "not-run"):
        return False
    if phase == "preconditions":
        return True
    return outcome in ("done", "overridden") or (outcome == "blocked" and not denied_before)


def _dependency_findings(step: Step, depends_on: tuple[str, ...], outcomes: Mapping[str, str]) -> Iterator[Finding]:
    for name in depends_on:
        if outcomes.get(name) not in ("done", "skipped", "overridden"):
            message = f"outcome {step.outcome}, but it depends on {name}, which is {outcomes.get(name, 'missing')}"
            yield Finding(Fault.NOT_REPRODUCED, step.name, message)
