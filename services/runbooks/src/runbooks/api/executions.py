"""Routes of one execution: look, cancel, pause, go on."""

from __future__ import annotations

__all__ = ["executions_router"]

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from runbooks.api.backend import Backend, Subject
from runbooks.api.documents import answer
from runbooks.api.guard import guarded_router
from runbooks.api.status import execution_answer

_STANDING = answer("All that a view of its run needs", "Execution")


class _Reasoned(BaseModel):
    reason: str = Field(min_length=1, max_length=4000)


class CancelRequest(_Reasoned):
    """Why it is cancelled."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "not needed any more"}]})


class PauseRequest(_Reasoned):
    """Why it is paused."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "the source is being moved"}]})


class ResumeRequest(_Reasoned):
    """Why its pause ends."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "the source is back"}]})


def executions_router(backend: Backend) -> APIRouter:
    """`/runbooks/{executionId}`, its cancellation, its pause."""
    router, runner = guarded_router("/runbooks"), backend.runner

    @router.get("/{execution_id}", summary="Where an execution stands", responses=_STANDING)
    async def get_status(execution_id: str, subject: Subject) -> dict[str, Any]:
        """Outcome, what blocks it, what the caller can do, open reviews, and each step; events go on at `position`."""
        return await execution_answer(backend, runner.get_status(execution_id), subject)

    @router.post("/{execution_id}/cancel", summary="Cancel an execution", responses=_STANDING)
    async def cancel(execution_id: str, body: CancelRequest, subject: Subject) -> dict[str, Any]:
        """Let no further step start; what is in flight ends and is recorded."""
        try:
            execution = await runner.cancel(execution_id, f"{subject}: {body.reason}")
        finally:
            await backend.after()
        return await execution_answer(backend, execution, subject)

    @router.post("/{execution_id}/pause", summary="Pause an execution", responses=_STANDING)
    async def pause(execution_id: str, body: PauseRequest, subject: Subject) -> dict[str, Any]:
        """Let no further step start until it is resumed; what is in flight ends. It outlasts a restart."""
        return await execution_answer(backend, runner.pause(execution_id, body.reason, by=subject), subject)

    @router.post("/{execution_id}/resume", summary="End the pause of an execution", responses=_STANDING)
    async def resume(execution_id: str, body: ResumeRequest, subject: Subject) -> dict[str, Any]:
        """Let steps start again; what was judged before the pause is judged again."""
        execution = runner.lift_pause(execution_id, body.reason, by=subject)
        backend.dispatcher.submit(execution_id, execution.started.executed_by if execution.started else subject)
        return await execution_answer(backend, execution, subject)

    return router
