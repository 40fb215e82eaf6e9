"""What happens, as server-sent events: one stream, topics, and a way to go on where a connection broke.

An event's id is `<epoch>-<number>`, the epoch being this process's. Who comes back with the id of another process, or
of an event that is no longer kept, is told of a gap and has to look again. Ids order what was told, not what was
recorded: the ledger does that.
"""

from __future__ import annotations

__all__ = ["TOPICS", "Hub", "while_signed_in"]

import asyncio
import re
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

from runbooks import events as ev
from runbooks.canonical import dumps
from runbooks.execution import Execution

_KEPT = 10_000
_HEARTBEAT_SECONDS = 15.0
_LOOK_SECONDS = 10.0

TOPICS = re.compile(r"executions|reviews|execution:[A-Za-z0-9][A-Za-z0-9._:/@\[\]>=<-]{0,127}")


@dataclass(frozen=True)
class _Told:
    number: int
    topics: frozenset[str]
    text: bytes


class Hub:
    """Keeps the newest events for all streams; everything happens in one event loop."""

    def __init__(self, *, kept: int = _KEPT, heartbeat: float = _HEARTBEAT_SECONDS) -> None:
        self._epoch = secrets.token_hex(4)
        self._told: deque[_Told] = deque(maxlen=kept)
        self._number = 0
        self._heartbeat = heartbeat
        self._news = asyncio.Event()
        self.streams = 0

    @property
    def position(self) -> str:
        """Id of the newest event: a stream from here on misses nothing of what a look at this moment does not show."""
        return f"{self._epoch}-{self._number}"

    def take(self, event: ev.Event, execution: Execution) -> None:
        """Tell a recorded event; what it holds is looked up by who is interested."""
        started = execution.started or (event if isinstance(event, ev.ExecutionStarted) else None)
        if started is None:
            return
        topics = {"executions", f"execution:{started.execution_id}"}
        if isinstance(event, ev.ReviewOpened | ev.ReviewDecided):
            topics.add("reviews")
        self._tell(type(event).__name__, topics, _data(event, execution, started.execution_id))

    async def stream(self, topics: Collection[str], last_id: str | None = None) -> AsyncIterator[bytes]:
        """Events of these topics behind `last_id`, from now on without one; a comment when it is quiet. Never ends."""
        self.streams += 1
        try:
            async for text in self._follow(frozenset(topics), last_id):
                yield text
        finally:
            self.streams -= 1

    async def _follow(self, wanted: frozenset[str], last_id: str | None) -> AsyncIterator[bytes]:
        at = self._number
        if last_id is not None:
            found = self._after(last_id)
            if found is None:
                yield f"id: {self.position}\nevent: gap\ndata: {{}}\n\n".encode()
            else:
                at = found
        else:
            yield f"id: {self.position}\nevent: ready\ndata: {{}}\n\n".encode()
        while True:
            news = self._news
            if self._told and self._told[0].number > at + 1:
                at = self._number
                yield f"id: {self.position}\nevent: gap\ndata: {{}}\n\n".encode()
            for told in [told for told in self._told if told.number > at]:
                at = told.number
                if told.topics & wanted:
                    yield told.text
            if self._number == at and not await _within(news, self._heartbeat):
                yield b": quiet\n\n"

    def _tell(self, kind: str, topics: set[str], data: dict[str, Any]) -> None:
        self._number += 1
        text = f"id: {self.position}\nevent: {kind}\ndata: ".encode() + dumps(data) + b"\n\n"
        self._told.append(_Told(self._number, frozenset(topics), text))
        self._news.set()
        self._news = asyncio.Event()

    def _after(self, last_id: str) -> int | None:
        """The number in an id of this process whose successors are all kept, else None."""
        epoch, _, number = last_id.partition("-")
        if epoch != self._epoch or not number.isascii() or not number.isdigit() or len(number) > 15:
            return None
        oldest = self._told[0].number if self._told else self._number + 1
        return int(number) if oldest - 1 <= int(number) <= self._number else None


async def while_signed_in(
    stream: AsyncIterator[bytes], is_signed_in: Callable[[], Awaitable[bool]]
) -> AsyncIterator[bytes]:
    """The stream, until whoever listens has no right to any more: a stream outlives the request that was asked about.

    It is asked again before what comes ten seconds after the last time; something always comes, if only a comment.
    """
    asked = time.monotonic()
    async for piece in stream:
        if time.monotonic() - asked >= _LOOK_SECONDS:
            if not await is_signed_in():
                return
            asked = time.monotonic()
        yield piece


def _data(event: ev.Event, execution: Execution, execution_id: str) -> dict[str, Any]:
    step_id = getattr(event, "step_id", None)
    run = execution.steps.get(step_id) if step_id else None
    return {
        "executionId": execution_id,
        "at": getattr(event, "at", None),
        "outcome": execution.outcome,
        "step": {"stepId": run.step_id, "state": run.state.value, "outcome": run.outcome} if run else None,
        "openReviews": [review.review_id for review in execution.open_reviews()],
    }


async def _within(news: asyncio.Event, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return False
    return True
