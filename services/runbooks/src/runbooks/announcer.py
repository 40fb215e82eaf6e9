"""From the ledger to the outbox: every statement of a review becomes a notice, once, however often this runs.

The ledger is the source and the outbox remembers how far it was read, so a crash between the two loses nothing.
"""

from __future__ import annotations

__all__ = ["announce"]

from runbooks.execution import Execution
from runbooks.notices import ReviewNotice
from runbooks.notifier import Notifier
from runbooks.runner import RunbookRunner


async def announce(runner: RunbookRunner, notifier: Notifier) -> int:
    """Put what was said in reviews since the last time into the outbox; the number of notices."""
    spoken = runner.spoken(after=notifier.cursor())
    if not spoken:
        return 0
    executions: dict[str, Execution] = {}
    notices = []
    for _, review_id, sequence in spoken:
        execution = executions.get(review_id) or runner.review(review_id)[0]
        executions[review_id] = execution
        notices.append(_notice(execution, review_id, sequence))
    await notifier.announce(notices, spoken[-1][0])
    return len(notices)


def _notice(execution: Execution, review_id: str, sequence: int) -> ReviewNotice:
    review = execution.reviews[review_id]
    statement = review.approvals[sequence - 1]["statement"]
    needs, started = review.requirement.needs, execution.started
    return ReviewNotice(
        execution_id=started.execution_id if started else "",
        runbook_id=started.context["runbookId"] if started else "",
        review_id=review_id,
        sequence=sequence,
        requirement=review.requirement.requirement_id,
        decision=statement["decision"],
        step_id=review.step_id,
        reason=statement["reason"],
        risk=needs.risk,  # type: ignore[arg-type]
        approver="" if sequence == 1 else statement["approver"],
        requester=started.executed_by if started else "",
        assigned_to=needs.assigned_to,
        due_at=review.due_at,
        issued_at=statement["issuedAt"],
    )
