"""Routes that list: executions page by page, runbooks with their parameters, and what happens as it happens."""

from __future__ import annotations

__all__ = ["listing_router"]

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from runbooks.api.backend import Backend, Subject
from runbooks.api.documents import answer
from runbooks.api.guard import guarded_router
from runbooks.api.live import TOPICS, while_signed_in
from runbooks.api.pages import cursor, place
from runbooks.api.rights import EVENTS
from runbooks.canonical import loads
from runbooks.definition import Definition
from runbooks.errors import ParameterError

_TIME = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$"
_Values = Annotated[list[str], Field(default_factory=list, max_length=50)]


class ExecutionQuery(BaseModel):
    """Which executions, and which part of the list; several values of one filter are alternatives."""

    model_config = ConfigDict(extra="forbid")
    outcome: _Values
    runbookId: _Values  # noqa: N815 (the format's spelling)
    executedBy: _Values  # noqa: N815
    since: Annotated[str | None, Field(alias="from", pattern=_TIME)] = None
    until: Annotated[str | None, Field(alias="to", pattern=_TIME)] = None
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50

    def filters(self) -> dict[str, list[str]]:
        """Those that are stated, as the catalogue has them."""
        members = {"outcome": self.outcome, "runbookId": self.runbookId, "executedBy": self.executedBy}
        bounds = {"from": self.since, "to": self.until}
        return {name: values for name, values in members.items() if values} | {
            name: [time] for name, time in bounds.items() if time
        }


def listing_router(backend: Backend) -> APIRouter:
    """`/executions`, `/templates`, `/events`."""
    router = guarded_router()

    @router.get("/executions", summary="Executions, page by page")
    async def executions(subject: Subject, query: Annotated[ExecutionQuery, Query()]) -> dict[str, Any]:
        """Summaries, newest first; `next` is the cursor of the page that follows, `/events` goes on at `position`."""
        del subject
        # The position first: what happens meanwhile is then told again, and not missed.
        position = backend.hub.position
        page = backend.executions.page(query.filters(), after=place(query.cursor), limit=query.limit)
        return {
            "items": page.items,
            "next": cursor(page.after),
            "total": {"value": page.total, "exact": True},
            "position": position,
        }

    @router.get("/templates", summary="The runbooks of this installation")
    async def templates(subject: Subject) -> dict[str, Any]:
        """The runbooks of this installation, and what is wrong with files that are none."""
        del subject
        definitions, problems = backend.templates()
        return {
            "items": [_template(definition) for definition in definitions],
            "problems": [
                {"source": item.source, "code": item.code, "pointer": item.pointer, "message": item.message}
                for item in problems
            ],
        }

    @router.get("/templates/{runbook_id:path}", summary="One runbook")
    async def template(runbook_id: str, subject: Subject) -> dict[str, Any]:
        """One runbook: what it does, what it asks for, and the definition as it is pinned at a start."""
        del subject
        definition = backend.find(runbook_id)
        return {**_template(definition), "definition": loads(definition.raw)}

    @router.get(
        "/events",
        response_class=StreamingResponse,
        summary="What happens, as it happens",
        responses=answer("Server-sent events", "text/event-stream", schema={"type": "string"}),
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


def _template(definition: Definition) -> dict[str, Any]:
    return {
        "runbookId": definition.runbook_id,
        "name": definition.name,
        "version": definition.version,
        "digest": definition.digest,
        "purpose": definition.purpose,
        "parameters": definition.parameters or {"type": "object", "properties": {}, "additionalProperties": False},
        "steps": [
            {"stepId": step.step_id, "type": step.kind, "dependsOn": list(step.depends_on)} for step in definition.steps
        ],
    }
