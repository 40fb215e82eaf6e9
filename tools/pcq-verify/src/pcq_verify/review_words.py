"""Reviews in plain words, statement by statement, for a reader of a manifest.

Reasons are strangers' words: they stand in quotes, in which a quote is escaped, so that none can pass for a report's.
"""

from __future__ import annotations

__all__ = ["quoted", "review_lines"]

from collections.abc import Iterator, Sequence
from typing import Any

from pcq_verify.jcs import canonical

_WORDS = {
    "opened": "opened",
    "approved": "approved",
    "rejected": "rejected",
    "info-requested": "asked for more information",
    "info-given": "answered",
    "break-glass": "BREAK-GLASS",
    "expired": "expired",
    "closed": "closed, since the execution ended otherwise",
}


def quoted(text: str) -> str:
    """`text` in double quotes, with quotes, backslashes and line ends in it escaped."""
    return canonical(text).decode("utf-8")


def review_lines(approvals: Sequence[dict[str, Any]], step_id: str) -> Iterator[str]:
    """Every statement about a step, in the order in which it was recorded; of approvals in a shape that was checked."""
    for approval in approvals:
        told = approval["statement"]
        if told["stepId"] == step_id:
            until = f", until {told['expiresAt']}" if told["expiresAt"] else ""
            who = f"{quoted(told['approver'])} ({told['role']})"
            what = f"review {told['reviewId']} of {quoted(told['requirementId'])}: {_WORDS[told['decision']]}"
            yield f"{what} by {who} at {told['issuedAt']}{until}: {quoted(told['reason'])}"
