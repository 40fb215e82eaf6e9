"""Executions that this process goes on with after the request that began them has its answer."""

from __future__ import annotations

__all__ = ["UnderWay"]

import asyncio
from collections.abc import Awaitable, Callable

from runbooks.errors import RequestError


class UnderWay:
    """At most `most` for each subject; `go_on` goes on with one as far as it goes, `after` is awaited then."""

    def __init__(
        self, go_on: Callable[[str], Awaitable[object]], after: Callable[[], Awaitable[object]], most: int
    ) -> None:
        self._go_on = go_on
        self._after = after
        self._most = most
        self._running: dict[asyncio.Task[None], str] = {}

    def require_room(self, subject: str) -> None:
        """Raises RequestError (`request.too_many_executions`) for who has as many as they may."""
        if list(self._running.values()).count(subject) >= self._most:
            message = f"{subject} has {self._most} executions under way; wait for the end of one"
            raise RequestError(message, code="request.too_many_executions", retry_after=5)

    def begin(self, execution_id: str, subject: str) -> None:
        """Go on with it, and return at once."""
        task = asyncio.create_task(self._run(execution_id))
        self._running[task] = subject
        task.add_done_callback(self._running.pop)

    async def _run(self, execution_id: str) -> None:
        await self._go_on(execution_id)
        await self._after()
