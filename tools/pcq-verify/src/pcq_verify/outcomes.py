"""Outcomes against the proofs that were recorded and what people lifted (spec/pcq-v1.md, 6)."""

from __future__ import annotations

__all__ = ["PHASES", "check_outcomes", "ending"]

from collections.abc import Iterator, Mapping

from pcq_verify.definition import Definition, StepDefinition
from pcq_verify.lifts import Lifts, denies
from pcq_verify.manifest import Manifest, Step
from pcq_verify.report import Fault, Finding
from pcq_verify.values import UnavailableError

PHASES = ("preconditions", "postconditions")

_STARTED = ("done", "overridden", "failed", "blocked")


def check_outcomes(manifest: Manifest, definition: Definition | None, lifts: Lifts) -> Iterator[Finding]:
    """Findings where an outcome contradicts the proofs, the outputs, the dependencies or the other outcomes."""
    outcomes = {step.step_id: step.outcome for step in manifest.steps}
    if definition is None:
        yield Finding(Fault.INCOMPLETE, "outcomes", "the provers of each step are unknown: the definition is not there")
    for step in manifest.steps:
        declared = definition.steps.get(step.step_id) if definition else None
        try:
            standing = {phase: lifts.stands(step, phase) for phase in PHASES}
        except UnavailableError as error:
            yield Finding(Fault.INCOMPLETE, step.name, f"whether its denials were lifted is not known: {error}")
            continue
        yield from _step_findings(step, declared, standing)
        if step.outcome in _STARTED:
            yield from _dependency_findings(step, manifest.depends_on.get(step.step_id, ()), outcomes)
    expected = _overall(set(outcomes.values()))
    if manifest.header["outcome"] != expected:
        message = f"expected {expected!r} from the steps, got {manifest.header['outcome']!r}"
        yield Finding(Fault.NOT_REPRODUCED, "outcome", message)


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


def _step_findings(step: Step, declared: StepDefinition | None, standing: Mapping[str, bool]) -> Iterator[Finding]:
    problem = _outcome_problem(step, is_stopped=any(standing.values()))
    if problem:
        yield Finding(Fault.NOT_REPRODUCED, step.name, f"outcome {step.outcome}, but {problem}")
    if declared is not None:
        yield from _prover_findings(step, declared, denied_before=standing["preconditions"])
    for section in _empty_sections(step, denied_before=standing["preconditions"]):
        if step.sections[section].fields:
            yield Finding(
                Fault.NOT_REPRODUCED,
                f"{step.name}, {section}",
                f"expected {{}} for outcome {step.outcome}, got members",
            )


def _outcome_problem(step: Step, *, is_stopped: bool) -> str:
    denying = [proof for phase in PHASES for proof in step.proofs[phase] if denies(proof)]
    if step.outcome == "blocked" and not is_stopped:
        return "every denial was lifted" if denying else "no proof denies"
    if step.outcome == "overridden" and not denying:
        return "no proof denies"
    if (step.outcome == "done" and denying) or (step.outcome in ("failed", "overridden") and is_stopped):
        lifted = "" if step.outcome == "done" else ", and nobody who may lifted that"
        return f"prover {denying[0]['prover']} denies with {denying[0]['reason']}{lifted}"
    return ""


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


def ending(manifest: Manifest) -> str:
    """How an execution that is not completed ended: by which prover, at which step, by whose word; else empty."""
    outcome = manifest.header["outcome"]
    if outcome == "overridden":
        told = [_override(manifest, step) for step in manifest.steps if step.outcome == "overridden"]
        return f"went on by override: {'; '.join(told)}"
    if outcome == "blocked":
        for step in (step for step in manifest.steps if step.outcome == "blocked"):
            # One that came as far as its postconditions had its preconditions lifted.
            for proof in (proof for phase in reversed(PHASES) for proof in step.proofs[phase] if denies(proof)):
                verdict = f"({proof['result']}, {proof['reason']}){_ended(manifest, step)}"
                return f"was blocked by prover {proof['prover']} at step {step.step_id} {verdict}"
    failed = next((step for step in manifest.steps if step.outcome == "failed"), None)
    if outcome == "failed" and failed:
        errors = [attempt["error"] for attempt in failed.observed["attempts"] if attempt["error"]]
        why = f" ({errors[-1]['code']}: {errors[-1]['message']})" if errors else ""
        return f"failed at step {failed.step_id}{why}"
    return "" if outcome == "completed" else "was cancelled before every step had run"


def _override(manifest: Manifest, step: Step) -> str:
    denied = [proof for phase in PHASES for proof in step.proofs[phase] if denies(proof)]
    said = ", ".join(f"prover {proof['prover']} says {proof['result']} ({proof['reason']})" for proof in denied)
    return f"at step {step.step_id} {said}, {_spoken(manifest, step, 'approved', 'break-glass')}"


def _ended(manifest: Manifest, step: Step) -> str:
    spoken = _spoken(manifest, step, "rejected", "expired")
    return f", {spoken}" if spoken else ""


def _spoken(manifest: Manifest, step: Step, *decisions: str) -> str:
    found = [
        item
        for item in manifest.approvals
        if item.statement["stepId"] == step.step_id
        and item.statement["requirementId"].startswith("denial/")
        and item.decision in decisions
    ]
    words = [(_WORDS[item.decision], item.approver, item.statement["reason"]) for item in found]
    return ", ".join(f"{what} by {who} ({why})" for what, who, why in words)


_WORDS: dict[str, str] = {
    "approved": "approved",
    "break-glass": "BREAK-GLASS",
    "rejected": "rejected",
    "expired": "expired",
}
