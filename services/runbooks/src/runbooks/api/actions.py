"""What can be done with a resource now, and why not: a client shows this and works nothing out. Pure.

`refusals` have (code, reason) of what the caller may never do; they go before what the state forbids.
"""

from __future__ import annotations

__all__ = ["execution_actions", "review_actions", "schedule_actions", "template_actions"]

from collections.abc import Iterable, Mapping
from typing import Any

from runbooks.api.rights import REVIEW, TEMPLATE
from runbooks.decisions import Saying, require_allowed
from runbooks.errors import ReviewError
from runbooks.execution import Execution
from runbooks.manifest import blocking_proof
from runbooks.reviews import Review
from runbooks.schedules import Schedule

Against = tuple[str, str] | None
Refusals = Mapping[str, tuple[str, str]]


def execution_actions(execution: Execution, refusals: Refusals) -> list[dict[str, Any]]:
    """`[{"name", "enabled", "code", "reason"}]` of one execution; code and reason are null where it is enabled."""
    unfinished = None if execution.ended else ("execution.unfinished", "it has not ended")
    blocked = blocking_proof(execution)
    denied = blocked and ("prover.failed", f"prover {blocked[1]['prover']} blocked it at step {blocked[0]}")
    over = ("execution.over", "no step is left to be stopped")
    paused = execution.paused and ("execution.paused", f"{execution.paused.by} paused it: {execution.paused.reason}")
    found: dict[str, Against] = {
        "cancel": None if execution.is_cancellable else over,
        "pause": None if execution.is_pausable else paused or over,
        "resume": None if execution.paused else ("execution.not_paused", "it is not paused"),
        "replay": unfinished,
        "manifest": denied or unfinished,
        "manifest-of-block": unfinished or (None if blocked else ("execution.clean", "nothing blocked it")),
        "rerun": None,
        "fork": None,
        "values": None,
    }
    return _actions(found.items(), refusals)


def review_actions(
    execution: Execution, review: Review, subject: str, now: str, refusals: Refusals
) -> list[dict[str, Any]]:
    """The same of one review, for one person; the policies have a word of their own when a decision is made."""
    requester = execution.started.executed_by if execution.started else ""
    return _actions([(name, _against(review, name, subject, requester, now)) for name in REVIEW], refusals)


def template_actions(refusals: Refusals) -> list[dict[str, Any]]:
    """The same of a runbook that is there."""
    return _actions([(name, None) for name in TEMPLATE], refusals)


def schedule_actions(schedule: Schedule, refusals: Refusals) -> list[dict[str, Any]]:
    """The same of a schedule."""
    possible = {"pause": ("active",), "resume": ("paused",), "delete": ("active", "paused")}
    stands = ("schedule.state", f"it is {schedule.state}")
    found = [(name, None if schedule.state in states else stands) for name, states in possible.items()]
    return _actions(found, refusals)


def _against(review: Review, decision: str, subject: str, requester: str, now: str) -> Against:
    said = Saying(review.review_id, decision, subject, "a reason")
    try:
        require_allowed(review, said, requester=requester, now=now)
    except ReviewError as error:
        return error.code, str(error)
    return None


def _actions(found: Iterable[tuple[str, Against]], refusals: Refusals) -> list[dict[str, Any]]:
    made = []
    for name, against in found:
        code, reason = refusals.get(name) or against or (None, None)
        made.append({"name": name, "enabled": code is None, "code": code, "reason": reason})
    return made
