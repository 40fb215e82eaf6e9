"""An execution as the API shows it: what a view of its run needs, in one answer."""

from __future__ import annotations

__all__ = ["execution_answer"]

from collections.abc import Mapping, Sequence
from typing import Any

from runbooks.api.actions import execution_actions
from runbooks.api.backend import Backend
from runbooks.api.rights import EXECUTION
from runbooks.canonical import digest_of
from runbooks.execution import Execution, StepRun
from runbooks.manifest import blocking_proof
from runbooks.provers import denies


async def execution_answer(backend: Backend, execution: Execution, subject: str) -> dict[str, Any]:
    """Outcome, what blocks it, what the caller can do, which reviews are open, and where each step stands.

    `/events` goes on at `position`; `queue` says how many are to go on before it, where it waits for its turn.
    """
    # The position first: what happens meanwhile is then told again, and not missed.
    position = backend.hub.position
    name = execution.started.execution_id if execution.started else ""
    refusals = await backend.gate.refusals(subject, EXECUTION, {"execution_id": name})
    children = backend.runner.children_of(execution)
    blocked, ahead = blocking_proof(execution), backend.dispatcher.ahead(name)
    return {
        **_opening(execution),
        "outcome": execution.outcome,
        "queue": None if ahead is None else {"ahead": ahead},
        "endedAt": execution.ended.at if execution.ended else None,
        "cancelled": {"reason": execution.cancelled.reason, "at": execution.cancelled.at}
        if execution.cancelled
        else None,
        "paused": execution.paused and dict(vars(execution.paused)),
        "merkleRoot": execution.ended.header["merkleRoot"] if execution.ended else None,
        "blockedBy": {"stepId": blocked[0], **_named(blocked[1])} if blocked else None,
        "actions": execution_actions(execution, refusals),
        "openReviews": [review.review_id for review in execution.open_reviews()],
        "steps": [_step(execution.steps[step.step_id], children) for step in execution.plan.steps],
        "position": position,
    }


def _opening(execution: Execution) -> dict[str, Any]:
    started = execution.started
    if started is None:
        return {}
    context = started.context
    return {
        "executionId": started.execution_id,
        "runbookId": context["runbookId"],
        "version": context["version"],
        "name": execution.materials.definition.name,
        "number": started.execution_seq,
        "definitionDigest": context["runbookDigest"],
        "planDigest": digest_of(context["steps"]),
        "parametersDigest": context["parametersDigest"],
        "purpose": context["purpose"],
        "executedBy": started.executed_by,
        "startedAt": started.at,
        "origin": started.origin,
        "parent": started.parent and {name: started.parent[name] for name in ("executionId", "stepId")},
        "schedule": started.schedule,
    }


def _step(run: StepRun, children: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """One step; times are as observed, `items` counts those of a `forEach` whose inputs are known."""
    definition = run.definition
    proof = next((proof for proof in (*run.postconditions, *run.preconditions) if denies(proof)), None)
    last = run.attempts[-1] if run.attempts else {}
    is_each = definition.for_each is not None and isinstance(run.inputs, list)
    return {
        "stepId": run.step_id,
        "type": definition.kind,
        "description": definition.body.get("description", ""),
        "dependsOn": list(definition.depends_on),
        "state": run.state.value,
        "outcome": run.outcome,
        "startedAt": run.attempts[0]["startedAt"] if run.attempts else None,
        "endedAt": run.ended_at,
        "attempts": len(run.attempts),
        "error": last.get("error"),
        "blockedBy": _named(proof) if proof else None,
        "reviews": [review.review_id for review in run.reviews.values() if review.is_open],
        "items": len(run.inputs) if is_each else None,
        "children": list(children.get(run.step_id, ())),
    }


def _named(proof: Mapping[str, Any]) -> dict[str, Any]:
    return {name: proof[name] for name in ("prover", "result", "reason")}
