"""The route of an execution's log."""

from __future__ import annotations

__all__ = ["log_router"]

from collections.abc import Iterable
from itertools import islice
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from runbooks.api.backend import Backend, Subject
from runbooks.api.documents import answer
from runbooks.api.guard import guarded_router
from runbooks.api.log_lines import Line, log_lines


class LogQuery(BaseModel):
    """Which lines: behind entry number `after`, of one step, of one level, with these letters in whatever case."""

    model_config = ConfigDict(extra="forbid")
    after: Annotated[int, Field(ge=0, le=2**53 - 1)] = 0
    limit: Annotated[int, Field(ge=1, le=5000)] = 200
    stepId: Annotated[str | None, Field(min_length=1, max_length=256)] = None  # noqa: N815 (the format's spelling)
    level: Literal["info", "warning", "error"] | None = None
    q: Annotated[str | None, Field(min_length=1, max_length=128)] = None


def log_router(backend: Backend) -> APIRouter:
    """`/runbooks/{executionId}/log`."""
    router = guarded_router("/runbooks")

    @router.get(
        "/{execution_id}/log",
        summary="What happened in an execution, line by line",
        responses=answer("Lines, in the order of the ledger", "LogPage"),
    )
    async def get_log(execution_id: str, subject: Subject, query: Annotated[LogQuery, Query()]) -> dict[str, Any]:
        """Its ledger in words, without payloads. To follow it, ask again with the last `seq` as `after`."""
        del subject
        with backend.runner.history(execution_id) as (materials, history):
            found = list(islice(_wanted(log_lines(materials, history), query), query.limit + 1))
        items, has_more = found[: query.limit], len(found) > query.limit
        return {"items": [_shown(line) for line in items], "next": items[-1].seq if has_more else None}

    return router


def _wanted(lines: Iterable[Line], query: LogQuery) -> Iterable[Line]:
    letters = (query.q or "").casefold()
    return (
        line
        for line in lines
        if line.seq > query.after
        and (query.stepId is None or line.step_id == query.stepId)
        and (query.level is None or line.level == query.level)
        and letters in f"{line.kind} {line.step_id or ''} {line.words}".casefold()
    )


def _shown(line: Line) -> dict[str, Any]:
    return {
        "seq": line.seq,
        "at": line.at,
        "kind": line.kind,
        "level": line.level,
        "stepId": line.step_id,
        "words": line.words,
    }
