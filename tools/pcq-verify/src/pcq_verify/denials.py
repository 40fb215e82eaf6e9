"""Proofs that deny, and which of them a review lifted (spec/pcq-v1.md, 6; spec/reviews.md, 2 and 6)."""

from __future__ import annotations

__all__ = ["PHASES", "Denials", "Standing", "denies"]

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pcq_verify.manifest import Step
from pcq_verify.reviews import Review, Reviews, State
from pcq_verify.strict_json import StrictJsonError
from pcq_verify.values import UnavailableError, Values

PHASES = ("preconditions", "postconditions")


def denies(proof: Mapping[str, Any]) -> bool:
    """True when this proof keeps its step from being `done`."""
    return proof["severity"] == "block" and proof["result"] in ("fail", "error")


@dataclass(frozen=True)
class Standing:
    """The denials of one phase of one step, and the review that lifts them.

    `doubt` says why the subject could not be computed: then the review is taken for theirs, unless they ended the step.
    """

    denials: tuple[dict[str, Any], ...]
    review: Review | None = None
    doubt: str = ""

    @property
    def denied(self) -> bool:
        """True when a denial stands."""
        return bool(self.denials) and self.review is None

    @property
    def lifted(self) -> bool:
        """True when there are denials and a review lifts them."""
        return bool(self.denials) and self.review is not None


class Denials:
    """The standing of every phase of every step of a manifest."""

    def __init__(self, values: Values, reviews: Reviews) -> None:
        self._values = values
        self._reviews = reviews

    def of(self, step: Step, phase: str) -> Standing:
        """What denies in one phase of a step, and whether it is lifted."""
        denials = tuple(proof for proof in step.proofs[phase] if denies(proof))
        given = self._reviews.of(step.step_id, f"denial/{phase}") if denials else ()
        unknown = next((review for review in given if review.state is State.UNKNOWN), None)
        approved = [review for review in given if review.state is State.APPROVED]
        if not approved:
            if unknown is None:
                return Standing(denials)
            return _in_doubt(step, phase, denials, unknown, "what its review needs is not known")
        try:
            subject = self._subject(step, phase, denials)
        except UnavailableError as error:
            return _in_doubt(step, phase, denials, approved[-1], str(error))
        except StrictJsonError as error:
            return _in_doubt(step, phase, denials, approved[-1], f"detached inputs are no strict JSON: {error}")
        return Standing(denials, next((review for review in approved if review.subject == subject), None))

    def _subject(self, step: Step, phase: str, denials: tuple[dict[str, Any], ...]) -> str:
        for proof in denials:
            if "$redacted" in proof["evidence"]:
                raise UnavailableError(f"the evidence of {proof['prover']} is redacted")
        inputs = self._values.of(step.step_id, "inputs")
        return self._reviews.denial_subject(step.step_id, phase, inputs, denials)


def _in_doubt(step: Step, phase: str, denials: tuple[dict[str, Any], ...], review: Review, why: str) -> Standing:
    # A blocked step ended in its postconditions when one of them denies, and else in its preconditions.
    ended_here = phase == "postconditions" or not any(map(denies, step.proofs["postconditions"]))
    return Standing(denials, None if step.outcome == "blocked" and ended_here else review, why)
