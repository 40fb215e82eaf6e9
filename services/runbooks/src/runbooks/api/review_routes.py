"""Routes of reviews: what waits for people, and what they say."""

from __future__ import annotations

__all__ = ["reviews_router"]

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from runbooks.api.actions import review_actions
from runbooks.api.backend import Backend, Subject
from runbooks.api.documents import answer
from runbooks.api.guard import guarded_router
from runbooks.api.rights import REVIEW, VALUES
from runbooks.api.status import execution_answer
from runbooks.errors import RequestError
from runbooks.execution import Execution
from runbooks.reviews import Review
from runbooks.tickets import ticket


class DecisionRequest(BaseModel):
    """What to say in a review, and why."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"decision": "approved", "reason": "seen and judged sound"}]}
    )
    decision: str = Field(max_length=64)
    reason: str = Field(max_length=4000)
    expiresAt: str | None = Field(None, max_length=64)  # noqa: N815 (the format's spelling)


def reviews_router(backend: Backend) -> APIRouter:
    """The routes under `/reviews`; a decision needs If-Match with the version that the decider saw."""
    router, runner = guarded_router("/reviews"), backend.runner

    async def shown(found: Sequence[tuple[Execution, Review]], subject: str) -> list[dict[str, Any]]:
        readable = await backend.gate.allows(subject, VALUES)
        refusals, now = await backend.gate.refusals(subject, REVIEW), backend.now()
        return [
            {
                **ticket(execution, review, with_values=readable),
                "actions": review_actions(execution, review, subject, now, refusals),
            }
            for execution, review in found
        ]

    @router.get("", summary="All reviews, oldest first", responses=answer("Reviews", "ReviewList"))
    async def reviews(subject: Subject) -> list[dict[str, Any]]:
        """What failed, who is asked, what was said, and what the caller can say; evidence for those who may read it."""
        return await shown(runner.reviews(), subject)

    @router.get(
        "/{review_id}",
        summary="One review",
        responses=answer("The review; its version is the ETag", "Review", headers=["ETag"]),
    )
    async def review(review_id: str, subject: Subject) -> JSONResponse:
        """As in the list."""
        [found] = await shown([runner.review(review_id)], subject)
        return JSONResponse(found, headers={"ETag": f'"{found["version"]}"'})

    @router.post(
        "/{review_id}/decisions",
        summary="Say something in a review",
        responses=answer("The review and its execution, as they stand then", "Decided"),
    )
    async def decide(
        review_id: str, body: DecisionRequest, subject: Subject, if_match: Annotated[str | None, Header()] = None
    ) -> Response:
        """Approve, reject, ask, answer, break the glass: the policies of its execution say who may."""
        version = (if_match or "").strip('"')
        if not version.isascii() or not version.isdigit():
            message = f"send If-Match with the ETag of /reviews/{review_id}"
            raise RequestError(message, code="review.if_match")
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
        [found] = await shown([runner.review(review_id)], subject)
        return JSONResponse({"review": found, "execution": await execution_answer(backend, execution, subject)})

    return router
