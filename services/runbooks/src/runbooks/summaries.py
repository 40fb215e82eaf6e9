"""An execution in a few words, as a list of many shows it, and where such summaries are kept. Pure."""

from __future__ import annotations

__all__ = ["Catalogue", "Page", "summarise"]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from runbooks.errors import LedgerError
from runbooks.execution import Execution
from runbooks.manifest import blocking_proof

_FAILED = ("blocked", "failed")


def summarise(execution: Execution) -> dict[str, Any]:
    """Who ran what when, how far it is or how it ended, and where it failed; raises LedgerError before the start.

    `number` is that of the execution among its runbook's. Times are RFC 3339.
    """
    started = execution.started
    if started is None:
        raise LedgerError("the execution has no start in the ledger", code="ledger.record")
    blocked = blocking_proof(execution)
    runs = [execution.steps[step.step_id] for step in execution.plan.steps]
    return {
        "executionId": started.execution_id,
        "runbookId": started.context["runbookId"],
        "version": started.context["version"],
        "definitionDigest": started.context["runbookDigest"],
        "number": started.execution_seq,
        "executedBy": started.executed_by,
        "purpose": started.context["purpose"],
        "startedAt": started.at,
        "endedAt": execution.ended.at if execution.ended else None,
        "outcome": execution.outcome,
        "steps": {"total": len(runs), "settled": sum(run.outcome is not None for run in runs)},
        "failedStep": next((run.step_id for run in runs if run.outcome in _FAILED), None),
        "failedProver": blocked[1]["prover"] if blocked else None,
        "openReviews": len(execution.open_reviews()),
        "origin": started.origin,
        "parent": started.parent and started.parent["executionId"],
        "merkleRoot": execution.ended.header["merkleRoot"] if execution.ended else None,
    }


@dataclass(frozen=True)
class Page:
    """Summaries of executions, newest first.

    `after` is the place of the last of them, behind which older ones come, `before` that of the first, before which
    newer ones come; each None when there are none.
    """

    items: list[dict[str, Any]]
    after: int | None
    total: int
    before: int | None = None


class Catalogue(Protocol):
    """Summaries of all executions, to be listed and filtered; made from the ledger, and made anew when it is lost.

    Raises DataFolderError.
    """

    def cursor(self) -> int:
        """Number of the last ledger entry that was taken in; 0 at first."""
        ...

    def put(self, summaries: Sequence[dict[str, Any]], cursor: int) -> None:
        """In one transaction: keep these in the place of what was there of the same executions, and move the cursor."""
        ...

    def page(self, filters: Mapping[str, Sequence[str]], after: int | None, limit: int, *, newer: bool = False) -> Page:
        """Those whose members are among `filters`' values, behind place `after`, or the `newer` ones next to it.

        Filters: `outcome`, `runbookId`, `definitionDigest`, `executedBy`, `failedStep`, `failedProver`; `q`, a part of
        the executionId; `from`, `to`, of `startedAt` (one value each). `total` counts all that pass them.
        """
        ...

    def place_at(self, time: str) -> int | None:
        """The place of the newest that had started at that time; None when there is none."""
        ...

    def oldest(self) -> str | None:
        """When the first one started."""
        ...

    def histogram(
        self, filters: Mapping[str, Sequence[str]], start: str, width: int, count: int
    ) -> list[dict[str, int]]:
        """Outcome → how many, of each of `count` spans of `width` milliseconds in which they started."""
        ...

    def versions(self, runbook_id: str) -> list[dict[str, Any]]:
        """`{"digest", "version", "executions", "firstAt", "lastAt"}` of its definitions that ran, the newest first."""
        ...

    def close(self) -> None:
        """Release the store."""
        ...
