"""Routes that start executions: anew, again, with other parameters, or not at all."""

from __future__ import annotations

__all__ = ["starting_router"]

import asyncio
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from runbooks.api.backend import Backend, Subject
from runbooks.api.documents import answer
from runbooks.api.guard import guarded_router
from runbooks.api.status import execution_answer
from runbooks.execution import Execution

_BEGUN = answer(
    "It is recorded, and goes on when it is its turn; Location says where to look",
    "Execution",
    status=202,
    headers=["Location"],
)
_PLAN = answer("The plan, and what stands against it", "Rehearsal")


class ExecuteRequest(BaseModel):
    """What to run, on what, for what purpose."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"runbookId": "R1", "parameters": {"limit": 10}}]}
    )
    runbookId: str = Field(max_length=128)  # noqa: N815 (the format's spelling)
    parameters: dict[str, Any] = Field(default_factory=dict)
    purpose: str | None = Field(None, max_length=256)


class RerunRequest(BaseModel):
    """Why it is run again."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "the source was down"}]})
    reason: str | None = Field(None, max_length=4000)


class ForkRequest(BaseModel):
    """Which parameters are others, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"parameters": {"limit": 20}, "reason": "more rows than the first time"}]},
    )
    parameters: dict[str, Any] = Field(min_length=1)
    reason: str | None = Field(None, max_length=4000)


def starting_router(backend: Backend) -> APIRouter:
    """`/runbooks/execute`, `/runbooks/dry-run`, `/runbooks/{executionId}/rerun` and `…/fork`."""
    router, runner = guarded_router("/runbooks"), backend.runner
    # A start commits to the disk: many at once take turns here, and not in the way of those who look.
    turn = asyncio.Semaphore(1)

    async def begun(execution: Execution, subject: str) -> JSONResponse:
        name = execution.started.execution_id if execution.started else ""
        backend.dispatcher.submit(name, subject)
        headers = {"Location": f"/runbooks/{name}"}
        return JSONResponse(await execution_answer(backend, execution, subject), 202, headers)

    @router.post("/execute", status_code=202, summary="Start an execution", responses=_BEGUN)
    async def execute(body: ExecuteRequest, subject: Subject) -> JSONResponse:
        """In the caller's name: the authority questions of its steps are asked about them."""
        async with turn:
            backend.require_room(subject)
            definition = backend.find(body.runbookId)
            execution, _ = runner.start(definition, body.parameters, executed_by=subject, purpose=body.purpose)
        return await begun(execution, subject)

    @router.post("/dry-run", summary="What an execution would do", responses=_PLAN)
    async def dry_run(body: ExecuteRequest, subject: Subject) -> dict[str, Any]:
        """The steps in their order, what each touches, who is asked, which proofs deny; nothing runs or is recorded."""
        definition = backend.find(body.runbookId)
        return await runner.rehearse(definition, body.parameters, executed_by=subject, purpose=body.purpose)

    @router.post("/{execution_id}/rerun", status_code=202, summary="Run an execution again", responses=_BEGUN)
    async def rerun(execution_id: str, body: RerunRequest, subject: Subject) -> JSONResponse:
        """Another execution of the same definition, parameters and purpose, in the caller's name.

        Policies, provers and licences are those of now; `origin` names the first.
        """
        del body  # the audit keeps the reason
        async with turn:
            backend.require_room(subject)
            execution, _ = runner.start_again(execution_id, executed_by=subject)
        return await begun(execution, subject)

    @router.post("/{execution_id}/fork", status_code=202, summary="Run with other parameters", responses=_BEGUN)
    async def fork(execution_id: str, body: ForkRequest, subject: Subject) -> JSONResponse:
        """As `rerun`, with each of `parameters` in the place of the one of that name."""
        async with turn:
            backend.require_room(subject)
            execution, _ = runner.start_again(execution_id, executed_by=subject, changes=body.parameters)
        return await begun(execution, subject)

    return router
