"""The route of the audit trail."""

from __future__ import annotations

__all__ = ["audit_router"]

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from runbooks.api.backend import Backend, Subject
from runbooks.api.documents import answer
from runbooks.api.guard import guarded_router
from runbooks.api.pages import cursor, place
from runbooks.audit import Wanted
from runbooks.evidence import is_time


def _time(value: str) -> str:
    if not is_time(value):
        raise ValueError("expected a time in UTC such as 2026-01-31T12:00:00Z")
    return value


_Name = Annotated[str | None, Field(min_length=1, max_length=256)]
_Time = Annotated[str, Field(max_length=64), AfterValidator(_time)] | None


class AuditQuery(BaseModel):
    """Which records, and which part of the trail; `object` is also what came into being."""

    model_config = ConfigDict(extra="forbid")
    who: _Name = None
    action: _Name = None
    object: _Name = None
    since: Annotated[_Time, Field(alias="from")] = None
    until: Annotated[_Time, Field(alias="to")] = None
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


def audit_router(backend: Backend) -> APIRouter:
    """`/audit`."""
    router = guarded_router()

    @router.get(
        "/audit", summary="Who asked for what change, and what became of it", responses=answer("Records", "AuditPage")
    )
    async def audit(subject: Subject, query: Annotated[AuditQuery, Query()]) -> dict[str, Any]:
        """Records, the newest first; `next` is the cursor of the page that follows.

        A page of what is rare may be short, or empty, and have a `next`: so far it was looked.
        """
        del subject
        wanted = Wanted(query.who, query.action, query.object, query.since, query.until)
        items, after = backend.gate.audit.page(place(query.cursor), query.limit, wanted)
        return {"items": items, "next": cursor(after)}

    return router
