"""Routes of the steps of an execution, and of the values that went in and came out."""

from __future__ import annotations

__all__ = ["steps_router"]

from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from runbooks.api.backend import Backend, Subject
from runbooks.api.ranges import ranged
from runbooks.api.step_detail import step_detail, step_of
from runbooks.canonical import dumps


def steps_router(backend: Backend) -> APIRouter:
    """`/runbooks/{executionId}/steps/{stepId}` and `/runbooks/{executionId}/values/{section}/{stepId}`."""
    router, runner = APIRouter(prefix="/runbooks"), backend.runner

    @router.get("/{execution_id}/steps/{step_id:path}")
    async def get_step(execution_id: str, step_id: str, subject: Subject) -> dict[str, Any]:
        """One step: definition, values, proofs, attempts, seal."""
        del subject
        return step_detail(runner.get_status(execution_id), step_id)

    @router.get("/{execution_id}/values/{section}/{step_id:path}")
    async def get_value(
        request: Request, execution_id: str, section: Literal["inputs", "outputs"], step_id: str, subject: Subject
    ) -> Response:
        """The RFC 8785 bytes of what went in or came out; their digest is the ETag, and ranges are answered."""
        del subject
        run = step_of(runner.get_status(execution_id), step_id)
        return ranged(dumps(getattr(run, section)), request.headers)

    return router
