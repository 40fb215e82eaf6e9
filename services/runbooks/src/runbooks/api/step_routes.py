"""Routes of what an execution was given, of its steps, and of the values that went in and came out."""

from __future__ import annotations

__all__ = ["steps_router"]

from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from runbooks.api.backend import Backend, Subject
from runbooks.api.documents import answer
from runbooks.api.guard import guarded_router
from runbooks.api.ranges import ranged
from runbooks.api.rights import VALUES
from runbooks.api.step_detail import step_detail, step_of
from runbooks.canonical import dumps

_BYTES = {
    **answer("RFC 8785 bytes, their digest as ETag", "Value", headers=["ETag"]),
    206: {"description": "Of these bytes the range that was asked for"},
    304: {"description": "Those that the sender has (`If-None-Match`)"},
    416: {"description": "They do not have that range"},
}


def steps_router(backend: Backend) -> APIRouter:
    """`/runbooks/{executionId}/parameters`, `…/steps/{stepId}` and `…/values/{section}/{stepId}`."""
    router, runner = guarded_router("/runbooks"), backend.runner

    @router.get(
        "/{execution_id}/parameters",
        summary="What an execution was given",
        responses=answer("Its parameters, by name", "Parameters"),
    )
    async def get_parameters(execution_id: str, subject: Subject) -> dict[str, Any]:
        """The parameters of its start, for those who may read values."""
        del subject
        started = runner.get_status(execution_id).started
        return dict(started.parameters) if started else {}

    @router.get("/{execution_id}/steps/{step_id:path}", summary="One step", responses=answer("The step", "StepDetail"))
    async def get_step(execution_id: str, step_id: str, subject: Subject) -> dict[str, Any]:
        """Definition, values, proofs, attempts, seal; values and evidence for those who may read them."""
        may_read = await backend.gate.allows(subject, VALUES, {"execution_id": execution_id})
        return step_detail(runner.get_status(execution_id), step_id, with_values=may_read)

    @router.get(
        "/{execution_id}/values/{section}/{step_id:path}",
        summary="The bytes of what went in or came out",
        responses=_BYTES,
    )
    async def get_value(
        request: Request, execution_id: str, section: Literal["inputs", "outputs"], step_id: str, subject: Subject
    ) -> Response:
        """The RFC 8785 bytes of what went in or came out; their digest is the ETag, and ranges are answered."""
        del subject
        run = step_of(runner.get_status(execution_id), step_id)
        return ranged(dumps(getattr(run, section)), request.headers)

    return router
