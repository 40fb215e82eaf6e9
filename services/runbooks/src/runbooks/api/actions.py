"""What can be done with a resource now, and why not: a client shows this and works nothing out. Pure."""

from __future__ import annotations

__all__ = ["execution_actions", "review_actions"]

from typing import Any

from runbooks.decisions import Saying, require_allowed
from runbooks.errors import ReviewError
from runbooks.execution import Execution
from runbooks.manifest import blocking_proof
from runbooks.reviews import Review

_DECISIONS = ("approved", "rejected", "info-requested", "info-given", "break-glass")


def execution_actions(execution: Execution) -> list[dict[str, Any]]:
    """`[{"name", "enabled", "code", "reason"}]` of one execution; code and reason are null where it is enabled."""
    unfinished = None if execution.ended else ("execution.unfinished", "it has not ended")
    blocked = blocking_proof(execution)
    denied = blocked and ("prover.failed", f"prover {blocked[1]['prover']} blocked it at step {blocked[0]}")
    return [
        _action("cancel", None if execution.is_cancellable else ("execution.over", "no step is left to be stopped")),
        _action("replay", unfinished),
        _action("manifest", denied or unfinished),
        _action("manifest-of-block", unfinished or (None if blocked else ("execution.clean", "nothing blocked it"))),
        _action("rerun", None),
    ]


def review_actions(execution: Execution, review: Review, subject: str, now: str) -> list[dict[str, Any]]:
    """The same of one review, for one person; the policies have a word of their own when a decision is made."""
    requester = execution.started.executed_by if execution.started else ""
    return [_action(name, _against(review, name, subject, requester, now)) for name in _DECISIONS]


def _against(review: Review, decision: str, subject: str, requester: str, now: str) -> tuple[str, str] | None:
    said = Saying(review.review_id, decision, subject, "a reason")
    try:
        require_allowed(review, said, requester=requester, now=now)
    except ReviewError as error:
        return error.code, str(error)
    return None


def _action(name: str, against: tuple[str, str] | None) -> dict[str, Any]:
    code, reason = against or (None, None)
    return {"name": name, "enabled": against is None, "code": code, "reason": reason}
