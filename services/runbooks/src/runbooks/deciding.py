"""What people say in reviews: whether they may, what is recorded of it, and what is over when its time is.

Nothing here drives an execution: what is said is told to whoever records it, and goes on from there.
"""

from __future__ import annotations

__all__ = ["Deciding"]

from collections.abc import Callable
from dataclasses import replace

from runbooks import events as ev
from runbooks.decisions import Saying, decision_question, require_allowed, require_expiry
from runbooks.desk import ReviewDesk
from runbooks.errors import ReviewError
from runbooks.execution import Execution, StepState
from runbooks.performer import Ports
from runbooks.reviews import DECIDING, Review


class Deciding:
    """Reviews of one installation; `tell` records an event of an execution and lets it go on."""

    def __init__(self, world: Ports, log_origin: str, tell: Callable[[Execution, ev.Event], None]) -> None:
        self._world = world
        self._log_origin = log_origin
        self._tell = tell

    def desk(self, execution: Execution) -> ReviewDesk:
        """Where the statements of the execution's reviews are made."""
        return ReviewDesk(execution, self._world.manifest_signer, log_origin=self._log_origin)

    async def permission(self, execution: Execution, review: Review, said: Saying, now: str) -> str:
        """The decision of the execution's policies about this decider; `allow` for what needs no permission."""
        started = execution.started
        if said.decision not in DECIDING or started is None:
            return "allow"
        question = decision_question(review, said, now=now, requester=started.executed_by, context=started.context)
        policy = self._world.policy(execution.materials.policies)
        try:
            return await policy.decide(question.query, question.document)
        finally:
            await policy.close()

    def speak(self, execution: Execution, said: Saying, permission: str, now: str) -> None:
        """Record what was said; raises ReviewError, and what is refused is recorded as such, and KeyFileError."""
        try:
            event = self._spoken(execution, said, permission, now)
        except ReviewError as error:
            self._refuse(execution, said, error)
            raise
        self._tell(execution, event)

    def expire(self, execution: Execution) -> None:
        """Let every review expire whose time is over."""
        reviews = execution.open_reviews()
        now = self._world.clock.now() if reviews else ""
        for review in reviews:
            # The first denial that expires ends the execution, and the others are closed then.
            if review.is_due(now) and execution.steps[review.step_id].state in (StepState.HELD, StepState.AWAITING):
                self._tell(execution, self.desk(execution).expire(review, now))

    def _spoken(self, execution: Execution, said: Saying, permission: str, now: str) -> ev.ReviewDecided:
        review = execution.reviews[said.review_id]
        requester = execution.started.executed_by if execution.started else ""
        require_allowed(review, said, requester=requester, now=now)
        if permission != "allow":
            message = f"the policy does not let {said.approver} say {said.decision} in review {said.review_id}"
            raise ReviewError(f"{message} ({permission}); see data.runbooks.reviews", code="review.not_allowed")
        if said.decision == "approved":
            said = replace(said, expires_at=said.expires_at or review.due_at)
            require_expiry(review, said.expires_at or "", now)
        elif said.expires_at is not None:
            raise ReviewError("only an approval can expire", code="review.expiry")
        signer = self._world.approver_signer(said.approver) if said.decision in DECIDING else None
        return self.desk(execution).state(review, said, now, signer)

    def _refuse(self, execution: Execution, said: Saying, error: ReviewError) -> None:
        if execution.ended is None:
            review = execution.reviews[said.review_id]
            words = (said.decision, said.approver[:256], said.reason[:4000])
            at = self._world.clock.now()
            self._tell(execution, ev.DecisionRefused(review.step_id, said.review_id, *words, error.code, at))
