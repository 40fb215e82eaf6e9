"""One step of an execution as the API shows it: what went in, what came out, what was proved, what was signed. Pure."""

from __future__ import annotations

__all__ = ["shown_value", "step_detail", "step_of"]

from collections.abc import Iterable, Mapping
from typing import Any

from runbooks.attestation import INLINE_LIMIT
from runbooks.canonical import digest, dumps
from runbooks.errors import UnknownExecutionError
from runbooks.execution import Execution, StepRun


def step_detail(execution: Execution, step_id: str, *, with_values: bool) -> dict[str, Any]:
    """Its definition, values, proofs, attempts and seal; raises UnknownExecutionError for a step that it has not.

    A value of more than 64 KiB is `{"$digest", "size"}`, to be fetched by that digest. Without `with_values`, inputs,
    outputs and evidence are left out.
    """
    run = step_of(execution, step_id)
    values = {"inputs": shown_value(run.inputs), "outputs": shown_value(run.outputs)} if with_values else {}
    return {
        "stepId": step_id,
        "type": run.definition.kind,
        "description": run.definition.body.get("description", ""),
        "dependsOn": list(run.definition.depends_on),
        "state": run.state.value,
        "outcome": run.outcome,
        **values,
        "preconditions": _proofs(run.preconditions, with_evidence=with_values),
        "postconditions": _proofs(run.postconditions, with_evidence=with_values),
        "attempts": run.attempts,
        "reviews": sorted(review.review_id for review in run.reviews.values()),
        "definition": run.definition.body,
        "attestation": _attestation(run),
    }


def step_of(execution: Execution, step_id: str) -> StepRun:
    """The step; raises UnknownExecutionError, code `step.unknown`."""
    run = execution.steps.get(step_id)
    if run is None:
        known = ", ".join(list(execution.steps)[:10])
        raise UnknownExecutionError(f"the execution has no step {step_id}; it has: {known}", code="step.unknown")
    return run


def shown_value(value: Any) -> Any:
    """The value, or `{"$digest", "size"}` for one of more than 64 KiB."""
    data = dumps(value)
    if len(data) <= INLINE_LIMIT:
        return value
    return {"$digest": digest(data), "size": len(data)}


def _proofs(proofs: Iterable[Mapping[str, Any]], *, with_evidence: bool) -> list[dict[str, Any]]:
    return [{name: value for name, value in proof.items() if with_evidence or name != "evidence"} for proof in proofs]


def _attestation(run: StepRun) -> dict[str, Any] | None:
    seal = run.sealed
    if seal is None:
        return None
    return {
        "core": seal.core,
        "attestationHash": seal.attestation_hash,
        "keyid": seal.keyid,
        "signature": seal.signature,
        "observed": seal.observed,
    }
