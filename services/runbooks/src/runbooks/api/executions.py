"""Routes of one execution: look, cancel."""

from __future__ import annotations

__all__ = ["executions_router"]

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from runbooks.api.backend import Backend, Subject
from runbooks.api.documents import answer
from runbooks.api.guard import guarded_router
from runbooks.api.status import execution_answer


class CancelRequest(BaseModel):
    """Why it is cancelled."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "not needed any more"}]})
    reason: str = Field(min_length=1, max_length=4000)


def executions_router(backend: Backend) -> APIRouter:
    """`/runbooks/{executionId}` and its cancellation."""
    router, runner = guarded_router("/runbooks"), backend.runner

    @router.get(
        "/{execution_id}", summary="Where an execution stands", responses=answer("All that a view of its run needs")
    )
    async def get_status(execution_id: str, subject: Subject) -> dict[str, Any]:
        """Outcome, what blocks it, what the caller can do, open reviews, and each step; events go on at `position`."""
        return await execution_answer(backend, runner.get_status(execution_id), subject)

    @router.post("/{execution_id}/cancel", summary="Cancel an execution")
    async def cancel(execution_id: str, body: CancelRequest, subject: Subject) -> dict[str, Any]:
        """Let no further step start; what is in flight ends and is recorded."""
        try:
            execution = await runner.cancel(execution_id, f"{subject}: {body.reason}")
        finally:
            await backend.after()
        return await execution_answer(backend, execution, subject)

    return router
