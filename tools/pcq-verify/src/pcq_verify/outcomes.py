"""Outcomes against the proofs that were recorded (spec/pcq-v1.md, 6)."""

from __future__ import annotations

__all__ = ["PHASES", "check_outcomes", "denies", "ending"]

from collections.abc import Iterator, Mapping
from typing import Any

from pcq_verify.definition import Definition, StepDefinition
from pcq_verify.manifest import Manifest, Step
from pcq_verify.report import Fault, Finding

PHASES = ("preconditions", "postconditions")

_STARTED = ("done", "failed", "blocked")


def denies(proof: Mapping[str, Any]) -> bool:
    """True when this proof keeps its step from being `done`."""
    return proof["severity"] == "block" and proof["result"] in ("fail", "error")


def check_outcomes(manifest: Manifest, definition: Definition | None) -> Iterator[Finding]:
    """Findings where an outcome contradicts the proofs, the outputs, the dependencies or the other outcomes."""
    outcomes = {step.step_id: step.outcome for step in manifest.steps}
    if definition is None:
        yield Finding(Fault.INCOMPLETE, "outcomes", "the provers of each step are unknown: the definition is not there")
    for step in manifest.steps:
        if step.outcome == "overridden":
            yield Finding(Fault.INCOMPLETE, step.name, "outcome overridden is not in this version")
            continue
        declared = definition.steps.get(step.step_id) if definition else None
        yield from _step_findings(step, declared)
        if step.outcome in _STARTED:
            yield from _dependency_findings(step, manifest.depends_on.get(step.step_id, ()), outcomes)
    expected = _overall(set(outcomes.values()))
    if manifest.header["outcome"] != expected:
        message = f"expected {expected!r} from the steps, got {manifest.header['outcome']!r}"
        yield Finding(Fault.NOT_REPRODUCED, "outcome", message)


def _overall(outcomes: set[str]) -> str:
    for outcome, overall in (("blocked", "blocked"), ("failed", "failed"), ("not-run", "cancelled")):
        if outcome in outcomes:
            return overall
    return "completed"


def _step_findings(step: Step, declared: StepDefinition | None) -> Iterator[Finding]:
    denying = {phase: any(denies(proof) for proof in step.proofs[phase]) for phase in PHASES}
    if step.outcome == "blocked" and not any(denying.values()):
        yield Finding(Fault.NOT_REPRODUCED, step.name, "outcome blocked, but no proof denies")
    if step.outcome in ("done", "failed") and any(denying.values()):
        proof = next(proof for phase in PHASES for proof in step.proofs[phase] if denies(proof))
        message = f"outcome {step.outcome}, but prover {proof['prover']} denies with {proof['reason']}"
        yield Finding(Fault.NOT_REPRODUCED, step.name, message)
    if declared is not None:
        yield from _prover_findings(step, declared, denied_before=denying["preconditions"])
    for section in _empty_sections(step, denied_before=denying["preconditions"]):
        if step.sections[section].fields:
            yield Finding(
                Fault.NOT_REPRODUCED,
                f"{step.name}, {section}",
                f"expected {{}} for outcome {step.outcome}, got members",
            )


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
    return outcome == "done" or (outcome == "blocked" and not denied_before)


def _dependency_findings(step: Step, depends_on: tuple[str, ...], outcomes: Mapping[str, str]) -> Iterator[Finding]:
    for name in depends_on:
        if outcomes.get(name) not in ("done", "skipped", "overridden"):
            message = f"outcome {step.outcome}, but it depends on {name}, which is {outcomes.get(name, 'missing')}"
            yield Finding(Fault.NOT_REPRODUCED, step.name, message)


def ending(manifest: Manifest) -> str:
    """How an execution that is not completed ended, by which prover at which step; empty when it is completed."""
    if manifest.header["outcome"] == "blocked":
        for step in manifest.steps:
            for proof in (proof for phase in PHASES for proof in step.proofs[phase] if denies(proof)):
                verdict = f"{proof['result']}, {proof['reason']}"
                return f"was blocked by prover {proof['prover']} at step {step.step_id} ({verdict})"
    failed = next((step for step in manifest.steps if step.outcome == "failed"), None)
    if manifest.header["outcome"] == "failed" and failed:
        errors = [attempt["error"] for attempt in failed.observed["attempts"] if attempt["error"]]
        why = f" ({errors[-1]['code']}: {errors[-1]['message']})" if errors else ""
        return f"failed at step {failed.step_id}{why}"
    return "" if manifest.header["outcome"] == "completed" else "was cancelled before every step had run"
