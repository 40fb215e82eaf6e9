"""Routes of executions: start, look, replay, take the proof away."""

from __future__ import annotations

__all__ = ["executions_router"]

import asyncio
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from runbooks.api.backend import Backend, Subject
from runbooks.api.status import execution_status
from runbooks.canonical import dumps


class ExecuteRequest(BaseModel):
    """What to run, on what, for what purpose."""

    model_config = ConfigDict(extra="forbid")
    runbookId: str  # noqa: N815 (the format's spelling)
    parameters: dict[str, Any] = Field(default_factory=dict)
    purpose: str | None = None


class CancelRequest(BaseModel):
    """Why it is cancelled."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=4000)


def executions_router(backend: Backend) -> APIRouter:
    """The routes under `/runbooks`."""
    router, runner = APIRouter(prefix="/runbooks"), backend.runner
    running: set[asyncio.Task[None]] = set()

    async def go_on(execution_id: str) -> None:
        await runner.resume(execution_id)
        await backend.after()

    @router.post("/execute", status_code=202)
    async def execute(body: ExecuteRequest, subject: Subject) -> JSONResponse:
        definition = backend.find(body.runbookId)
        execution, _ = runner.start(definition, body.parameters, executed_by=subject, purpose=body.purpose)
        name = execution.started.execution_id if execution.started else ""
        task = asyncio.create_task(go_on(name))
        running.add(task)
        task.add_done_callback(running.discard)
        return JSONResponse(execution_status(execution), 202, {"Location": f"/runbooks/{name}"})

    @router.get("/{execution_id}")
    async def get_status(execution_id: str, subject: Subject) -> dict[str, Any]:
        del subject
        return execution_status(runner.get_status(execution_id))

    @router.post("/{execution_id}/cancel")
    async def cancel(execution_id: str, body: CancelRequest, subject: Subject) -> dict[str, Any]:
        """Let no further step start; what is in flight ends and is recorded."""
        try:
            execution = await runner.cancel(execution_id, f"{subject}: {body.reason}")
        finally:
            await backend.after()
        return execution_status(execution)

    @router.get("/{execution_id}/replay")
    async def replay(execution_id: str, subject: Subject) -> dict[str, Any]:
        del subject
        report = await runner.replay(execution_id)
        steps = [{"stepId": step.step_id, "grade": step.grade} for step in report.steps]
        return {
            "executionId": execution_id,
            "identical": report.is_identical,
            "merkleRoot": report.root,
            "recordedRoot": report.recorded_root,
            "steps": steps,
        }

    @router.get("/{execution_id}/manifest.pcq")
    async def manifest(execution_id: str, subject: Subject, *, blocked: bool = False) -> Response:
        del subject
        data = dumps(runner.manifest(execution_id).build(record_of_block=blocked))
        headers = {"Content-Disposition": f'attachment; filename="{execution_id}.pcq"'}
        return Response(data, media_type="application/vnd.pcq.manifest.v1+json", headers=headers)

    return router
