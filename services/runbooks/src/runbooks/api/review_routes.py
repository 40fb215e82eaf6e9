"""Routes of reviews: what waits for people, and what they say."""

from __future__ import annotations

__all__ = ["reviews_router"]

from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from runbooks.api.actions import review_actions
from runbooks.api.backend import Backend, Subject
from runbooks.api.problems import problem
from runbooks.api.status import execution_status
from runbooks.execution import Execution
from runbooks.reviews import Review
from runbooks.tickets import ticket


class DecisionRequest(BaseModel):
    """What to say in a review, and why."""

    model_config = ConfigDict(extra="forbid")
    decision: str
    reason: str
    expiresAt: str | None = None  # noqa: N815 (the format's spelling)


def reviews_router(backend: Backend) -> APIRouter:
    """The routes under `/reviews`; a decision needs If-Match with the version that the decider saw."""
    router, runner = APIRouter(prefix="/reviews"), backend.runner

    def shown(execution: Execution, review: Review, subject: str) -> dict[str, Any]:
        return {**ticket(execution, review), "actions": review_actions(execution, review, subject, backend.now())}

    @router.get("")
    async def reviews(subject: Subject) -> list[dict[str, Any]]:
        return [shown(execution, review, subject) for execution, review in runner.reviews()]

    @router.get("/{review_id}")
    async def review(review_id: str, subject: Subject) -> JSONResponse:
        found = shown(*runner.review(review_id), subject)
        return JSONResponse(found, headers={"ETag": f'"{found["version"]}"'})

    @router.post("/{review_id}/decisions")
    async def decide(
        review_id: str, body: DecisionRequest, subject: Subject, if_match: Annotated[str | None, Header()] = None
    ) -> Response:
        version = (if_match or "").strip('"')
        if not version.isascii() or not version.isdigit():
            return problem(428, "review.if_match", f"send If-Match with the ETag of /reviews/{review_id}")
        try:
            execution = await runner.decide(
                review_id,
                body.decision,
                approver=subject,
                reason=body.reason,
                version=int(version[:15]),
                expires_at=body.expiresAt,
            )
        finally:
            await backend.after()
        found = shown(*runner.review(review_id), subject)
        return JSONResponse({"review": found, "execution": execution_status(execution)})

    return router
