"""The desk where reviews are written down: the signed statements of one execution (spec/reviews.md, 3)."""

from __future__ import annotations

__all__ = ["ReviewDesk"]

import secrets
from datetime import timedelta

from runbooks.canonical import digest_of, dumps, pae, to_base64
from runbooks.decisions import Saying, make_statement
from runbooks.errors import LedgerError
from runbooks.events import ReviewDecided, ReviewOpened
from runbooks.evidence import instant
from runbooks.execution import Execution
from runbooks.needs import Requirement
from runbooks.ports import Signer
from runbooks.reviews import Review

_WHY = {
    "denial": "a prover denies this step; it goes on only if you say so",
    "four_eyes": "this step needs another person's approval before it acts",
    "approval": "this step asks for your approval",
}


class ReviewDesk:
    """Speaks for the installation, with its manifest key, and writes down what approvers sign with their own."""

    def __init__(self, execution: Execution, signer: Signer, *, log_origin: str) -> None:
        if execution.started is None:
            raise LedgerError("the execution has no start in the ledger", code="ledger.record")
        self._execution = execution
        self._signer = signer
        self._log_origin = log_origin
        self._execution_id = execution.started.execution_id
        self._context_hash = digest_of(execution.started.context)

    def open(self, step_id: str, requirement: Requirement, at: str, *, before: int) -> ReviewOpened:
        """Ask people; `before` reviews are opened in the same moment, so that each has its own number."""
        number = len(self._execution.reviews) + before + 1
        due = _later(at, requirement.needs.due_seconds)
        review_id = f"{self._execution_id}.r{number}"
        said = Saying(review_id, "opened", self._log_origin, self._why(step_id, requirement), expires_at=due)
        statement = self._statement(step_id, requirement, said, 1, at)
        return ReviewOpened(step_id, statement, *_sign(self._signer, statement))

    def state(self, review: Review, said: Saying, at: str, signer: Signer | None = None) -> ReviewDecided:
        """What was said next in a review; without `signer` the installation signs."""
        statement = self._statement(review.step_id, review.requirement, said, review.version + 1, at)
        return ReviewDecided(review.step_id, statement, *_sign(signer or self._signer, statement))

    def close(self, review_id: str, at: str) -> ReviewDecided:
        """Nothing is left to decide, for the execution ends otherwise."""
        said = Saying(review_id, "closed", self._log_origin, "the execution ends without this decision")
        return self.state(self._execution.reviews[review_id], said, at)

    def expire(self, review: Review, at: str) -> ReviewDecided:
        """Nobody decided in time, which denies."""
        said = Saying(review.review_id, "expired", self._log_origin, f"nobody decided before {review.due_at}")
        return self.state(review, said, at)

    def _statement(
        self, step_id: str, requirement: Requirement, said: Saying, sequence: int, at: str
    ) -> dict[str, object]:
        names = {"manifestId": "pcq-" + self._execution_id, "contextHash": self._context_hash, "stepId": step_id}
        nonce = secrets.token_hex(16)
        return make_statement(names, requirement, said, sequence=sequence, issued_at=at, nonce=nonce)

    def _why(self, step_id: str, requirement: Requirement) -> str:
        run = self._execution.steps[step_id]
        kind = requirement.requirement_id.partition("/")[0]
        denied = [
            f"{proof['prover']} says {proof['result']} ({proof['reason']})"
            for proof in (*run.preconditions, *run.postconditions)
            if kind == "denial" and proof["severity"] == "block" and proof["result"] in ("fail", "error")
        ]
        question = str(run.definition.body.get("question", "")) if kind == "approval" else ""
        return "; ".join(part[:1000] for part in (_WHY[kind], *denied, question) if part)[:4000]


def _sign(signer: Signer, statement: dict[str, object]) -> tuple[str, str]:
    return signer.keyid, to_base64(signer.sign(pae("approval", dumps(statement))))


def _later(time: str, seconds: int) -> str:
    return (instant(time) + timedelta(seconds=seconds)).isoformat(timespec="microseconds").replace("+00:00", "Z")
