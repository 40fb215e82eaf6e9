"""The list of all executions: summaries that follow the ledger, entry by entry."""

from __future__ import annotations

__all__ = ["ExecutionList"]

from collections.abc import Mapping, Sequence
from typing import Any

from runbooks.ports import Catalogue, Page
from runbooks.runner import RunbookRunner
from runbooks.summaries import summarise

_BATCH = 500


class ExecutionList:
    """Reads on where it stopped before each look, so that nobody has to tell it what happened."""

    def __init__(self, runner: RunbookRunner, catalogue: Catalogue) -> None:
        self._runner = runner
        self._catalogue = catalogue

    def page(self, filters: Mapping[str, Sequence[str]], *, after: int | None = None, limit: int = 50) -> Page:
        """See the port; as of now."""
        self.refresh()
        return self._catalogue.page(filters, after, limit)

    def refresh(self) -> None:
        """Take in what was recorded since the last time. Raises DataFolderError, LedgerError."""
        names, last = self._runner.touched(self._catalogue.cursor())
        for start in range(0, len(names), _BATCH):
            batch = names[start : start + _BATCH]
            done = start + _BATCH >= len(names)
            # The cursor moves with the last batch: a crash in between repeats work and loses nothing.
            self._catalogue.put([self._summary(name) for name in batch], last if done else 0)

    def _summary(self, execution_id: str) -> dict[str, Any]:
        return summarise(self._runner.get_status(execution_id))
