"""The list of all executions: summaries that follow the ledger, entry by entry."""

from __future__ import annotations

__all__ = ["ExecutionList"]

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from runbooks.errors import ParameterError
from runbooks.evidence import instant
from runbooks.runner import RunbookRunner
from runbooks.summaries import Catalogue, Page, summarise

_BATCH = 500


class ExecutionList:
    """Reads on where it stopped before each look, so that nobody has to tell it what happened."""

    def __init__(self, runner: RunbookRunner, catalogue: Catalogue) -> None:
        self._runner = runner
        self._catalogue = catalogue

    def page(
        self,
        filters: Mapping[str, Sequence[str]],
        *,
        after: int | None = None,
        limit: int = 50,
        newer: bool = False,
        at: str | None = None,
    ) -> Page:
        """See the port; as of now. With `at` the page begins with what had started then, or has the oldest."""
        self.refresh()
        if at is not None:
            place = self._catalogue.place_at(at)
            after, newer = (0, True) if place is None else (place + 1, False)
        return self._catalogue.page(filters, after, limit, newer=newer)

    def histogram(
        self, filters: Mapping[str, Sequence[str]], start: str | None, end: str, count: int
    ) -> tuple[str, float, list[dict[str, int]]]:
        """When it begins, how many seconds each span has, and outcome → how many of each of `count` spans.

        Without a `start` it begins with the first execution. Raises ParameterError when it would end before.
        """
        self.refresh()
        begin = start or self._catalogue.oldest() or end
        span = (instant(end) - instant(begin)) // timedelta(milliseconds=1)
        if span < 0 or (start and not span):
            raise ParameterError(f"to: expected a time after {begin}, got {end}")
        width = max(-(-span // count), 1)
        return begin, width / 1000, self._catalogue.histogram(filters, begin, width, count)

    def versions(self, runbook_id: str) -> list[dict[str, Any]]:
        """See the port; as of now."""
        self.refresh()
        return self._catalogue.versions(runbook_id)

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
