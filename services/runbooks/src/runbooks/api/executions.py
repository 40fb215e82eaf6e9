"""Routes of executions: start, look, cancel."""

from __future__ import annotations

__all__ = ["executions_router"]

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from runbooks.api.backend import Backend, Subject
from runbooks.api.documents import answer
from runbooks.api.guard import guarded_router
from runbooks.api.status import execution_status
from runbooks.errors import RequestError


class ExecuteRequest(BaseModel):
    """What to run, on what, for what purpose."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"runbookId": "R1", "parameters": {"limit": 10}}]}
    )
    runbookId: str = Field(max_length=128)  # noqa: N815 (the format's spelling)
    parameters: dict[str, Any] = Field(default_factory=dict)
    purpose: str | None = Field(None, max_length=256)


class CancelRequest(BaseModel):
    """Why it is cancelled."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "not needed any more"}]})
    reason: str = Field(min_length=1, max_length=4000)


def executions_router(backend: Backend) -> APIRouter:
    """`/runbooks/execute`, `/runbooks/{executionId}` and its cancellation."""
    router, runner, dispatcher = guarded_router("/runbooks"), backend.runner, backend.dispatcher
    most = backend.gate.limits.executions

    @router.post(
        "/execute",
        status_code=202,
        summary="Start an execution",
        responses=answer("It is recorded, and goes on when it is its turn; Location says where to look", status=202),
    )
    async def execute(body: ExecuteRequest, subject: Subject) -> JSONResponse:
        """In the caller's name: the authority questions of its steps are asked about them."""
        if dispatcher.under_way(subject) >= most:
            message = f"{subject} has {most} executions under way or queued; wait for the end of one"
            raise RequestError(message, code="request.too_many_executions", retry_after=5)
        definition = backend.find(body.runbookId)
        execution, _ = runner.start(definition, body.parameters, executed_by=subject, purpose=body.purpose)
        name = execution.started.execution_id if execution.started else ""
        dispatcher.submit(name, subject)
        return JSONResponse(execution_status(execution, dispatcher.ahead(name)), 202, {"Location": f"/runbooks/{name}"})

    @router.get("/{execution_id}", summary="Where an execution stands")
    async def get_status(execution_id: str, subject: Subject) -> dict[str, Any]:
        """Outcome, place in the queue, what blocks it, what can be done, open reviews, and each step's state."""
        del subject
        return execution_status(runner.get_status(execution_id), dispatcher.ahead(execution_id))

    @router.post("/{execution_id}/cancel", summary="Cancel an execution")
    async def cancel(execution_id: str, body: CancelRequest, subject: Subject) -> dict[str, Any]:
        """Let no further step start; what is in flight ends and is recorded."""
        try:
            execution = await runner.cancel(execution_id, f"{subject}: {body.reason}")
        finally:
            await backend.after()
        return execution_status(execution)

    return router
