"""What a step needs before it acts and what is due for it, from the derivation and what people decided. Pure."""

from __future__ import annotations

__all__ = [
    "approval_answer",
    "approval_wanted",
    "effect_of",
    "four_eyes_answers",
    "four_eyes_wanted",
    "is_skipped",
    "prepare",
]

from typing import Any

from runbooks.derivation import Derivation
from runbooks.effects import Action, Ask, Attempt, Compute, Each, Effect, Measure, Perform
from runbooks.errors import EvidenceError, ExpressionError
from runbooks.needs import Requirement
from runbooks.reviews import Review
from runbooks.states import StepRun, StepState


def is_skipped(derivation: Derivation, run: StepRun) -> bool:
    """True when the step is skipped; a `when` that cannot be computed makes the step fail when it acts."""
    try:
        return not derivation.is_wanted(run.definition)
    except (ExpressionError, EvidenceError):
        return False


def prepare(derivation: Derivation, run: StepRun) -> tuple[Any, Action | Each | None]:
    """The step's inputs and action; what cannot be computed is kept as its failure, for when it acts."""
    inputs: Any = {}
    run.failure = None
    try:
        derivation.is_wanted(run.definition)
        inputs = derivation.inputs(run.definition)
        return inputs, derivation.action(run.definition, inputs)
    except (ExpressionError, EvidenceError) as error:
        run.failure = error
        return inputs, None


def four_eyes_wanted(derivation: Derivation, run: StepRun) -> dict[str, Requirement]:
    """The decisions without which the step is not prepared and that nobody made yet, by requirementId."""
    if not derivation.four_eyes(run.definition):
        return {}
    try:
        derivation.is_wanted(run.definition)
        inputs = derivation.inputs(run.definition)
    except (ExpressionError, EvidenceError):
        return {}  # the step will fail: there is nothing to decide about
    items = _four_eyes(derivation, run, inputs).values()
    return {item.requirement_id: item for item in items if run.decided(item) is None}


def four_eyes_answers(derivation: Derivation, run: StepRun, inputs: Any) -> dict[str, Any]:
    """What people said of the step with these inputs, by prover name."""
    items = _four_eyes(derivation, run, inputs).items()
    return {name: {"subject": item.subject, **_answer(run.decided(item))} for name, item in items}


def approval_wanted(derivation: Derivation, run: StepRun) -> Requirement | None:
    """The decision that the step itself asks for, if it does."""
    needs = derivation.approval(run.definition)
    if needs is None:
        return None
    return Requirement("approval", derivation.action_subject(run.definition, run.inputs), needs)


def approval_answer(derivation: Derivation, run: StepRun) -> dict[str, Any] | None:
    """How the review ended that the step itself asked for; None for a step that asks nobody."""
    asked = approval_wanted(derivation, run)
    return None if asked is None else _answer(run.decided(asked))


def effect_of(derivation: Derivation, run: StepRun) -> Effect:
    """What is due for a step that is on its way."""
    step = run.definition
    match run.state:
        case StepState.ASKING:
            questions, licences = derivation.questions(step), derivation.licences(step)
            return Ask(run.step_id, questions, derivation.reservations(step, run.reserved), licences)
        case StepState.COMPUTING:
            return Compute(run.step_id)
        case StepState.ACTING:
            action = derivation.action(step, run.inputs) or Measure()
            key, metrics = derivation.effect_key(step, run.inputs), derivation.metrics(step)
            return Perform(run.step_id, len(run.attempts), key, action, metrics, step.timeout)
        case StepState.BACKOFF:
            tried = len(run.attempts)
            return Attempt(run.step_id, tried + 1, step.interval * 2 ** (tried - 1))
        case _:
            return Attempt(run.step_id, len(run.attempts) + 1, 0)


def _four_eyes(derivation: Derivation, run: StepRun, inputs: Any) -> dict[str, Requirement]:
    needs = derivation.four_eyes(run.definition)
    subject = derivation.action_subject(run.definition, inputs) if needs else ""
    return {name: Requirement(f"four_eyes/{name}", subject, need) for name, need in needs.items()}


def _answer(review: Review | None) -> dict[str, Any]:
    if review is None:
        return {"state": "none", "approvals": ()}
    return {"state": review.state, "approvals": review.approvals}
