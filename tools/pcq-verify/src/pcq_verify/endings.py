"""What a file proves about how its execution ended, and what people decided in it, in words (spec/pcq-v1.md, 9).

Reasons are strangers' words: they stand in quotes, in which a quote is escaped, so that none can pass for a report's.
"""

from __future__ import annotations

__all__ = ["decisions", "ending"]

from collections.abc import Iterator

from pcq_verify.approvals import Approval
from pcq_verify.denials import PHASES, Denials, Standing
from pcq_verify.manifest import Manifest, Step
from pcq_verify.review_words import quoted
from pcq_verify.reviews import Review, Reviews, State


def ending(manifest: Manifest, denials: Denials, reviews: Reviews) -> str:
    """How an execution that is not completed ended, by which prover at which step; empty when it is completed."""
    outcome = manifest.header["outcome"]
    if outcome == "overridden":
        return "went on by override: " + "; ".join(_overrides(manifest, denials))
    if outcome == "blocked":
        for step, standing in _standings(manifest, denials):
            if standing.denied:
                proof = standing.denials[0]
                verdict = f"({proof['result']}, {proof['reason']})"
                refused = "".join(f"; {_end(review)}" for review in _refusing(step, reviews))
                return f"was blocked by prover {proof['prover']} at step {step.step_id} {verdict}{refused}"
    failed = next((step for step in manifest.steps if step.outcome == "failed"), None)
    if outcome == "failed" and failed:
        errors = [attempt["error"] for attempt in failed.observed["attempts"] if attempt["error"]]
        why = f" ({errors[-1]['code']}: {errors[-1]['message']})" if errors else ""
        return f"failed at step {failed.step_id}{why}"
    return "" if outcome == "completed" else "was cancelled before every step had run"


def decisions(manifest: Manifest, denials: Denials, reviews: Reviews) -> Iterator[str]:
    """One sentence for each override that `ending` does not tell, and for each review that lifted no denial."""
    if manifest.header["outcome"] != "overridden":
        yield from (f"Override: {told}" for told in _overrides(manifest, denials))
    lifting = {standing.review.review_id for _, standing in _standings(manifest, denials) if standing.review}
    for review in reviews.all:
        if review.review_id not in lifting:
            void = "void, " if review.kind == "denial" and review.state is State.APPROVED else ""
            yield f"Review of {review.requirement} at step {review.step_id}: {void}{_end(review)}"


def _refusing(step: Step, reviews: Reviews) -> list[Review]:
    """Reviews of a step's denials that ended without lifting them."""
    given = (review for phase in PHASES for review in reviews.of(step.step_id, f"denial/{phase}"))
    return [review for review in given if review.state is not State.APPROVED]


def _standings(manifest: Manifest, denials: Denials) -> Iterator[tuple[Step, Standing]]:
    return ((step, denials.of(step, phase)) for step in manifest.steps for phase in PHASES)


def _overrides(manifest: Manifest, denials: Denials) -> Iterator[str]:
    for step, standing in _standings(manifest, denials):
        if standing.review is not None:
            yield f"{_verdicts(standing, step.step_id)}; {_end(standing.review)}"


def _verdicts(standing: Standing, step_id: str) -> str:
    told = [f"prover {proof['prover']} says {proof['result']} ({proof['reason']})" for proof in standing.denials]
    return f"at step {step_id} {' and '.join(told)}"


def _end(review: Review) -> str:
    """Who ended it and why; of a quorum everybody."""
    if review.state is State.APPROVED:
        said = review.said("approved")
        approved = f"approved by {' and by '.join(map(_who, said))}" if said else ""
        if not review.is_broken_glass:
            return approved
        return f"BREAK-GLASS by {_who(review.statements[-1])}" + (f", {approved}" if approved else "")
    last = review.statements[-1]
    if review.state is State.REJECTED:
        return f"rejected by {_who(last)}"
    return f"{review.state}: {quoted(last.statement['reason'])}"


def _who(approval: Approval) -> str:
    return f"{approval.approver}: {quoted(approval.statement['reason'])}"
