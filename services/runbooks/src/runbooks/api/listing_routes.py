"""Routes that list executions: page by page, by the time of their start, and as something happens."""

from __future__ import annotations

__all__ = ["listing_router"]

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from runbooks.api.backend import Backend, Subject
from runbooks.api.documents import answer, text
from runbooks.api.guard import guarded_router
from runbooks.api.live import TOPICS, while_signed_in
from runbooks.api.pages import cursor, place
from runbooks.api.rights import EVENTS
from runbooks.errors import ParameterError
from runbooks.evidence import instant


def _moment(stated: str) -> str:
    """The same time to the microsecond, as times are recorded: they are compared as texts."""
    time = instant(stated)  # a ValueError is told as what is wrong with the query
    return time.isoformat(timespec="microseconds").replace("+00:00", "Z")


_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$"
_Moment = Annotated[str, Field(pattern=_TIME), AfterValidator(_moment)]
_ALTERNATIVES = ("outcome", "runbookId", "definitionDigest", "executedBy", "failedStep", "failedProver")
_Values = Annotated[list[str], Field(default_factory=list, max_length=50)]


class _Filters(BaseModel):
    """Which executions; several values of one filter are alternatives. `q` is a part of the executionId."""

    model_config = ConfigDict(extra="forbid")
    outcome: _Values
    runbookId: _Values  # noqa: N815 (the format's spelling)
    definitionDigest: _Values  # noqa: N815
    executedBy: _Values  # noqa: N815
    failedStep: _Values  # noqa: N815
    failedProver: _Values  # noqa: N815
    q: Annotated[str | None, Field(min_length=1, max_length=128)] = None
    since: Annotated[_Moment | None, Field(alias="from")] = None
    until: Annotated[_Moment | None, Field(alias="to")] = None

    def filters(self) -> dict[str, list[str]]:
        """Those that are stated, as the catalogue has them."""
        found: dict[str, list[str]] = {name: getattr(self, name) for name in _ALTERNATIVES if getattr(self, name)}
        single = {"q": self.q, "from": self.since, "to": self.until}
        return found | {name: [value] for name, value in single.items() if value}


class ExecutionQuery(_Filters):
    """And which part of the list: behind a cursor, or around a time."""

    at: _Moment | None = None
    cursor: str | None = None
    direction: Literal["older", "newer"] = "older"
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class HistogramQuery(_Filters):
    """And how many spans of time."""

    buckets: Annotated[int, Field(ge=1, le=500)] = 60


def listing_router(backend: Backend) -> APIRouter:
    """`/executions`, `/executions/histogram`, `/events`."""
    router = guarded_router()

    @router.get("/executions", summary="Executions, page by page", responses=answer("A page", "ExecutionPage"))
    async def executions(subject: Subject, query: Annotated[ExecutionQuery, Query()]) -> dict[str, Any]:
        """Summaries, newest first, of the page behind `cursor` or around `at`; `/events` goes on at `position`.

        `next` is the cursor of the page that follows, `previous`, with `direction=newer`, of the one before.
        """
        del subject
        if query.at is not None and query.cursor is not None:
            raise ParameterError("at: send either it or a cursor")
        # The position first: what happens meanwhile is then told again, and not missed.
        position = backend.hub.position
        after, is_newer = place(query.cursor), query.direction == "newer"
        page = backend.executions.page(query.filters(), after=after, limit=query.limit, newer=is_newer, at=query.at)
        return {
            "items": page.items,
            "next": cursor(page.after),
            "previous": cursor(page.before),
            "total": {"value": page.total, "exact": True},
            "position": position,
        }

    @router.get(
        "/executions/histogram", summary="How many executions started when", responses=answer("Spans", "Histogram")
    )
    async def histogram(subject: Subject, query: Annotated[HistogramQuery, Query()]) -> dict[str, Any]:
        """Spans of equal length from `from`, or the first execution, to `to`, or now; `outcomes` are those of now."""
        del subject
        end = query.until or backend.now()
        begin, seconds, found = backend.executions.histogram(query.filters(), query.since, end, query.buckets)
        return {
            "from": begin,
            "to": end,
            "seconds": seconds,
            "buckets": [{"total": sum(outcomes.values()), "outcomes": outcomes} for outcomes in found],
        }

    @router.get(
        "/events",
        response_class=StreamingResponse,
        summary="What happens, as it happens",
        responses=text("Server-sent events", "text/event-stream"),
    )
    async def events(
        request: Request,
        subject: Subject,
        topics: Annotated[list[str], Query(min_length=1, max_length=50)],
        last_event_id: Annotated[str | None, Header(max_length=64)] = None,
    ) -> StreamingResponse:
        """Server-sent events of `executions`, `reviews` or `execution:<id>`; they end with the session or token."""
        unknown = [topic for topic in topics if not TOPICS.fullmatch(topic)]
        if unknown:
            raise ParameterError("topics: expected executions, reviews or execution:<executionId>")
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        stream = while_signed_in(
            backend.hub.stream(topics, last_event_id), partial(backend.gate.still_may, request, subject, EVENTS)
        )
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    return router
