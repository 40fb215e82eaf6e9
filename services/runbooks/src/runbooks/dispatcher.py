"""Lets a bounded number of executions go on at once; the others wait in the ledger, opened, until it is their turn.

Subjects take turns: next is one of the subject with the fewest under way, of those the one that was served longest ago,
and of the executions of one subject the one that came first. So who sends five hundred does not hold up who sends one.
Nothing of the queue is kept anywhere: what had not ended when a process died is unfinished in the ledger, and `recover`
takes it in again.
"""

from __future__ import annotations

__all__ = ["Dispatcher"]

import asyncio
import contextvars
import itertools
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from runbooks.errors import RunbooksError
from runbooks.execution import Execution
from runbooks.runner import RunbookRunner

_log = logging.getLogger(__name__)


class Dispatcher:
    """The queue of one runner. `after` is awaited when one has gone as far as it goes, once for several at a time."""

    def __init__(
        self, runner: RunbookRunner, at_once: int, after: Callable[[], Awaitable[object]] | None = None
    ) -> None:
        self._runner = runner
        self._at_once = at_once
        self._after = after
        self._waiting: dict[str, deque[str]] = {}
        self._subjects: dict[str, str] = {}
        self._again: set[str] = set()
        self._results: dict[str, asyncio.Future[Execution]] = {}
        self._running: Counter[str] = Counter()
        self._served: dict[str, int] = {}
        self._turns = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_telling = self._has_news = False

    @property
    def running(self) -> int:
        """How many go on now."""
        return self._running.total()

    @property
    def queued(self) -> int:
        """How many wait for their turn."""
        return len(self._results) - self.running

    def under_way(self, subject: str) -> int:
        """How many of that subject go on now or wait for their turn."""
        return self._running[subject] + len(self._waiting.get(subject, ()))

    def ahead(self, execution_id: str) -> int | None:
        """About how many are to go on before it; None when it does not wait here."""
        subject = self._subjects.get(execution_id)
        own = self._waiting.get(subject or "", ())
        if subject is None or execution_id not in own:
            return None
        place = own.index(execution_id)
        others = (len(queue) for name, queue in self._waiting.items() if name != subject)
        return place + sum(min(length, place + 1) for length in others)

    def submit(self, execution_id: str, subject: str) -> asyncio.Future[Execution]:
        """Let it go on when it is its turn; what it comes to.

        One that waits here is not taken in again; one that goes on looks again, before it stops, what it can do: a
        pause may have ended just when it stopped for it.
        """
        if execution_id in self._results:
            self._again.add(execution_id)
        else:
            self._results[execution_id] = asyncio.get_running_loop().create_future()
            self._subjects[execution_id] = subject
            self._waiting.setdefault(subject, deque()).append(execution_id)
            self._fill()
        return self._results[execution_id]

    async def run(self, execution_id: str, subject: str) -> Execution:
        """The same, waited for. Raises as `RunbookRunner.resume` does."""
        return await asyncio.shield(self.submit(execution_id, subject))

    def recover(self) -> int:
        """Take in what an earlier process left unfinished, oldest first; how many. Raises LedgerError."""
        sealed = self._runner.ended()
        found = [item for item in self._runner.executions() if item.execution_id not in sealed and item.parent is None]
        for started in found:
            self.submit(started.execution_id, started.executed_by)
        return len(found)

    async def close(self) -> None:
        """Stop; what has not ended goes on from the ledger another time."""
        self._at_once = 0
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for future in self._results.values():
            future.cancel()

    def _fill(self) -> None:
        while self._waiting and self.running < self._at_once:
            subject = min(self._waiting, key=lambda name: (self._running[name], self._served.get(name, 0)))
            execution_id = self._waiting[subject].popleft()
            if not self._waiting[subject]:
                del self._waiting[subject]
            self._running[subject] += 1
            self._served[subject] = next(self._turns)
            self._spawn(self._go_on(execution_id, subject))

    async def _go_on(self, execution_id: str, subject: str) -> None:
        future = self._results[execution_id]
        try:
            reached = await self._runner.resume(execution_id)
            while execution_id in self._again:
                self._again.discard(execution_id)
                reached = await self._runner.resume(execution_id)
            future.set_result(reached)
        except RunbooksError as error:
            _log.error("execution %s stopped, and goes on when the service starts again: %s", execution_id, error)
            future.set_exception(error)
            future.exception()  # nobody has to ask
        except BaseException:
            future.cancel()
            raise
        finally:
            self._again.discard(execution_id)
            self._running[subject] -= 1
            del self._results[execution_id], self._subjects[execution_id]
            self._fill()
        self._tell()

    def _tell(self) -> None:
        self._has_news = self._after is not None
        if self._has_news and not self._is_telling:
            self._is_telling = True
            self._spawn(self._tell_people())

    async def _tell_people(self) -> None:
        try:
            while self._has_news and self._after is not None:
                self._has_news = False
                await self._after()
        except RunbooksError as error:
            _log.warning("%s [%s]", error, error.code)
        finally:
            self._is_telling = False

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        # Whoever asked, or whoever ended before, is not who this is about.
        task = asyncio.create_task(work, context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
