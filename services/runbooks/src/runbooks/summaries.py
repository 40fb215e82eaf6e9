"""An execution in a few words, as a list of many shows it. Pure."""

from __future__ import annotations

__all__ = ["summarise"]

from typing import Any

from runbooks.errors import LedgerError
from runbooks.execution import Execution

_FAILED = ("blocked", "failed")


def summarise(execution: Execution) -> dict[str, Any]:
    """Who ran what when, how far it is or how it ended, and where it failed; raises LedgerError before the start.

    `number` is that of the execution among its runbook's. Times are RFC 3339.
    """
    started = execution.started
    if started is None:
        raise LedgerError("the execution has no start in the ledger", code="ledger.record")
    runs = [execution.steps[step.step_id] for step in execution.plan.steps]
    return {
        "executionId": started.execution_id,
        "runbookId": started.context["runbookId"],
        "version": started.context["version"],
        "number": started.execution_seq,
        "executedBy": started.executed_by,
        "purpose": started.context["purpose"],
        "startedAt": started.at,
        "endedAt": execution.ended.at if execution.ended else None,
        "outcome": execution.outcome,
        "steps": {"total": len(runs), "settled": sum(run.outcome is not None for run in runs)},
        "failedStep": next((run.step_id for run in runs if run.outcome in _FAILED), None),
        "openReviews": len(execution.open_reviews()),
        "merkleRoot": execution.ended.header["merkleRoot"] if execution.ended else None,
    }
