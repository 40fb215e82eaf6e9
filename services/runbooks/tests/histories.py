"""Parts of histories of executions: definitions, events by hand, what people say, and looks at the state."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from runbooks import events as ev
from runbooks.canonical import digest_of
from runbooks.definition import Definition
from runbooks.derivation import Materials
from runbooks.errors import IllegalTransitionError
from runbooks.execution import Execution, fold
from runbooks.needs import Needs, Requirement

from services.runbooks.tests.simulator import BUNDLE, NO_PROVERS, step

AT = "2026-03-01T12:00:00Z"
LATER = "2026-03-02T12:00:00Z"
NOTHING = Requirement("denial/preconditions", "sha256:nothing", Needs())
OPA = {"type": "opa", "policy": "acl.allow", "input": {"action": "read", "resource": "entity"}}
METRIC = {"type": "metric", "query": "RETURN 1 AS n", "assertion": "n >= 1"}
PROVERS = {
    "preconditions": {"may": OPA, "may-too": {**OPA, "severity": "warn"}, "two": {"type": "four_eyes", "quorum": 1}},
    "postconditions": {"kpi:n>=1": METRIC, "cited": {"type": "citations"}},
}
ALLOWED = {"may": {"decision": "allow", "engine": "e"}}
DENIED = {"may": {"decision": "deny", "engine": "e"}}


def materials(definition: Definition) -> Materials:
    return Materials(definition, provers=NO_PROVERS, licences={"licences": []}, policies=BUNDLE)


def started(parameters: dict[str, Any] | None = None) -> ev.ExecutionStarted:
    context = {
        "logicalTime": AT,
        "purpose": None,
        "runbookId": "R",
        "version": "1",
        "policies": digest_of(BUNDLE),
        "licences": digest_of({"licences": []}),
    }
    return ev.ExecutionStarted("R-1", 1, "ann", context, parameters or {}, AT)


def attempt(name: str, number: int = 1) -> ev.AttemptStarted:
    return ev.AttemptStarted(name, number, "key", f"start-{number}")


def success(name: str, outputs: Any = None, number: int = 1, rows: Any = None) -> ev.AttemptSucceeded:
    return ev.AttemptSucceeded(name, number, outputs, rows or {}, f"end-{number}")


def failure(name: str, number: int = 1, *, transient: bool = True) -> ev.AttemptFailed:
    return ev.AttemptFailed(name, number, "port.x", "no", transient, f"end-{number}")


def sealed(name: str) -> ev.StepSealed:
    return ev.StepSealed(name, {}, "sha256:" + "0" * 64, "k", "s", {})


def ended() -> ev.ExecutionSealed:
    return ev.ExecutionSealed({}, "s", "h", AT)


def query(name: str, **members: Any) -> dict[str, Any]:
    return step(name, "query", cypher="RETURN 1", **members)


def transform(name: str, **members: Any) -> dict[str, Any]:
    return step(name, "transform", **{"expression": "1", **members})


def run(definition: Definition, *events: ev.Event) -> Execution:
    return fold(materials(definition), [started(), *events])


def state_of(execution: Execution) -> Any:
    """Everything that the machine knows, for a deep comparison."""
    parts = {
        name: value for name, value in vars(execution).items() if name not in ("materials", "plan", "_derive", "steps")
    }
    outputs = execution.derivation.outputs if execution.started else None
    # Two errors that say the same are not equal.
    runs = {name: {**vars(item), "failure": repr(item.failure)} for name, item in execution.steps.items()}
    return copy.deepcopy((parts, runs, outputs))


def said(
    execution: Execution, name: str, decision: str, *, approver: str = "ben"
) -> ev.ReviewOpened | ev.ReviewDecided:
    """What comes next in the review that the step waits for."""
    item = execution.steps[name]
    review = next((found for found in item.reviews.values() if found.is_open), None)
    wanted = review.requirement if review else next(iter(item.wanted.values()), NOTHING)
    statement = {
        "manifestId": "pcq-R-1",
        "contextHash": digest_of("context"),
        "stepId": name,
        "requirementId": wanted.requirement_id,
        "reviewId": review.review_id if review else f"R-1.r{len(execution.reviews) + 1}",
        "sequence": review.version + 1 if review else 1,
        "subject": wanted.subject,
        "decision": decision,
        "approver": approver,
        "issuedAt": AT,
        "expiresAt": LATER if decision in ("opened", "approved") else None,
        "reason": "because",
    }
    kind = ev.ReviewDecided if review else ev.ReviewOpened
    return kind(name, statement, f"key of {approver}", "s")


def hold(execution: Execution, name: str) -> Execution:
    """Have the review opened that the held step waits for."""
    execution.receive(said(execution, name, "opened"))
    return execution


def refused(execution: Execution, event: ev.Event) -> None:
    before = state_of(execution)
    with pytest.raises(IllegalTransitionError):
        execution.receive(event)
    assert state_of(execution) == before
