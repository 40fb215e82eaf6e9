"""The route of the audit trail."""

from __future__ import annotations

__all__ = ["audit_router"]

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from runbooks.api.backend import Backend, Subject
from runbooks.api.guard import guarded_router
from runbooks.api.pages import cursor, place


class AuditQuery(BaseModel):
    """Which part of the trail."""

    model_config = ConfigDict(extra="forbid")
    cursor: str | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


def audit_router(backend: Backend) -> APIRouter:
    """`/audit`."""
    router = guarded_router()

    @router.get("/audit", summary="Who asked for what change, and what became of it")
    async def audit(subject: Subject, query: Annotated[AuditQuery, Query()]) -> dict[str, Any]:
        """Records, the newest first; `next` is the cursor of the page that follows."""
        del subject
        items, after = backend.gate.audit.page(place(query.cursor), query.limit)
        return {"items": items, "next": cursor(after)}

    return router
