"""Which denials people lifted: a review approved just them, on just these inputs (spec/reviews.md, 2; pcq-v1.md, 6)."""

from __future__ import annotations

__all__ = ["Lifts", "action_subject", "denies"]

from collections.abc import Mapping
from typing import Any

from pcq_verify.encoding import digest_of
from pcq_verify.manifest import Manifest, Step
from pcq_verify.reviews import Reviews, State
from pcq_verify.values import UnavailableError, Values


def denies(proof: Mapping[str, Any]) -> bool:
    """True when this proof keeps its step from being `done`."""
    return proof["severity"] == "block" and proof["result"] in ("fail", "error")


class Lifts:
    """The denials of one manifest, each lifted or not."""

    def __init__(self, manifest: Manifest, reviews: Reviews, values: Values) -> None:
        self._context_hash = manifest.header["contextHash"]
        self._reviews = reviews
        self._values = values

    def stands(self, step: Step, phase: str) -> bool:
        """True when a proof of the phase denies and nobody lifted that; raises UnavailableError."""
        denying = [proof for proof in step.proofs[phase] if denies(proof)]
        return bool(denying) and not self._is_lifted(step, phase, denying)

    def _is_lifted(self, step: Step, phase: str, denying: list[dict[str, Any]]) -> bool:
        reviews = self._reviews.of(step.step_id, f"denial/{phase}")
        if any(review.state is State.UNKNOWN for review in reviews):
            raise UnavailableError("what its review needs is not known")
        approved = {review.subject for review in reviews if review.state is State.APPROVED}
        return bool(approved) and self._subject(step, phase, denying) in approved

    def _subject(self, step: Step, phase: str, denying: list[dict[str, Any]]) -> str:
        for proof in denying:
            if "$redacted" in proof["evidence"]:
                raise UnavailableError(f"the evidence of {proof['prover']} is redacted")
        inputs = self._values.of(step.step_id, "inputs")
        return digest_of(["pcq-denial-v1", self._context_hash, step.step_id, phase, digest_of(inputs), denying])


def action_subject(manifest: Manifest, step: Step, values: Values) -> str:
    """What a decision before the step acts is about; raises UnavailableError."""
    inputs = values.of(step.step_id, "inputs")
    return digest_of(["pcq-action-v1", manifest.header["contextHash"], step.step_id, digest_of(inputs)])
