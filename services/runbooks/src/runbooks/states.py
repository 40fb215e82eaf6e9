"""Where a step may stand, and what may happen to it there: all legality of an execution's steps in one table."""

from __future__ import annotations

__all__ = ["TRANSITIONS", "StepRun", "StepState", "fence_off", "overall_outcome", "take_back"]

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from runbooks import events as ev
from runbooks.definition import StepDefinition
from runbooks.errors import EvidenceError, ExpressionError
from runbooks.needs import Requirement
from runbooks.reviews import Review


class StepState(StrEnum):
    """Where a step stands."""

    WAITING = "waiting"
    AWAITING = "awaiting"
    ASKING = "asking"
    PREPARED = "prepared"
    COMPUTING = "computing"
    ACTING = "acting"
    BACKOFF = "backoff"
    HELD = "held"
    SETTLED = "settled"
    SEALED = "sealed"


S = StepState

_PREPARED = frozenset({S.PREPARED, S.COMPUTING, S.AWAITING, S.WAITING, S.HELD, S.SETTLED})

# What may happen to a step, and where it may stand then. Everything that is not here is illegal.
TRANSITIONS: dict[StepState, dict[type[Any], frozenset[StepState]]] = {
    S.WAITING: {},
    # People are asked for a decision without which the step is not prepared.
    S.AWAITING: {
        ev.ReviewOpened: frozenset({S.AWAITING}),
        ev.ReviewDecided: _PREPARED | {S.ASKING},
    },
    S.ASKING: {ev.BudgetReserved: frozenset({S.ASKING}), ev.PreconditionsObserved: _PREPARED},
    S.PREPARED: {ev.AttemptStarted: frozenset({S.ACTING})},
    S.COMPUTING: {ev.AttemptSucceeded: frozenset({S.HELD, S.SETTLED}), ev.AttemptFailed: frozenset({S.SETTLED})},
    S.ACTING: {
        ev.AttemptSucceeded: frozenset({S.HELD, S.SETTLED}),
        ev.AttemptDenied: frozenset({S.HELD, S.SETTLED}),
        ev.AttemptFailed: frozenset({S.BACKOFF, S.SETTLED}),
    },
    S.BACKOFF: {ev.AttemptStarted: frozenset({S.ACTING})},
    # A proof denies, and people are asked whether the step goes on nevertheless.
    S.HELD: {
        ev.ReviewOpened: frozenset({S.HELD}),
        ev.ReviewDecided: _PREPARED | {S.ASKING},
    },
    # A review of a step that is settled can only be closed.
    S.SETTLED: {ev.StepSealed: frozenset({S.SEALED}), ev.ReviewDecided: frozenset({S.SETTLED})},
    S.SEALED: {ev.ReviewDecided: frozenset({S.SEALED})},
}


@dataclass
class StepRun:
    """What is known of one step so far.

    `wanted` are the requirements that keep it waiting, `reviews` the newest review of each requirement, `lifted` the
    subject of the denials of each phase that people approved, `reserved` the budgets it has, by prover name.
    """

    definition: StepDefinition
    missing: int
    state: StepState = S.WAITING
    outcome: str | None = None
    inputs: Any = field(default_factory=dict)
    outputs: Any = field(default_factory=dict)
    preconditions: list[dict[str, Any]] = field(default_factory=list)
    postconditions: list[dict[str, Any]] = field(default_factory=list)
    answers: Mapping[str, Any] = field(default_factory=dict)
    rows: Mapping[str, list[Any]] = field(default_factory=dict)
    attempts: list[dict[str, Any]] = field(default_factory=list)
    wanted: dict[str, Requirement] = field(default_factory=dict)
    reviews: dict[str, Review] = field(default_factory=dict)
    lifted: dict[str, str] = field(default_factory=dict)
    reserved: dict[str, Any] = field(default_factory=dict)
    ended_at: str | None = None
    failure: ExpressionError | EvidenceError | None = None
    sealed: ev.StepSealed | None = None

    @property
    def step_id(self) -> str:
        """The step's id."""
        return self.definition.step_id

    def open_review(self, requirement_id: str) -> Review | None:
        """The review of that requirement in which something can still be said."""
        review = self.reviews.get(requirement_id)
        return review if review is not None and review.is_open else None

    def decided(self, requirement: Requirement) -> Review | None:
        """The ended review that decided about just this."""
        review = self.reviews.get(requirement.requirement_id)
        is_it = review is not None and review.requirement.subject == requirement.subject and not review.is_open
        return review if is_it else None

    def takes(self, event: Any) -> bool:
        """True when the table has the event, and its numbers and subject are those that come next."""
        if type(event) not in TRANSITIONS[self.state]:
            return False
        match event:
            case ev.AttemptStarted():
                return event.attempt == len(self.attempts) + 1
            case ev.AttemptSucceeded() | ev.AttemptDenied() | ev.AttemptFailed():
                return event.attempt == max(len(self.attempts), 1)
            case ev.ReviewOpened():
                return self._is_wanted(event.statement)
            case ev.ReviewDecided():
                return self._may_be_said(event.statement)
            case _:
                return True

    def _is_wanted(self, statement: Mapping[str, Any]) -> bool:
        requirement = self.wanted.get(statement["requirementId"])
        return (
            requirement is not None
            and self.open_review(requirement.requirement_id) is None
            and (statement["subject"], statement["decision"], statement["sequence"])
            == (requirement.subject, "opened", 1)
        )

    def _may_be_said(self, statement: Mapping[str, Any]) -> bool:
        review = self.reviews.get(statement["requirementId"])
        is_over = self.state in (S.SETTLED, S.SEALED)
        return review is not None and review.allows(statement) and (statement["decision"] == "closed") == is_over


def take_back(runs: Iterable[StepRun], *states: StepState) -> None:
    """What stands there and has done nothing is prepared again later: its preconditions are asked again."""
    for run in runs:
        if run.state in states:
            run.state = S.WAITING


def fence_off(runs: Iterable[StepRun]) -> None:
    """Settle every step that is not in flight, for good (spec/execution.md, 5)."""
    for run in runs:
        if run.state in (S.WAITING, S.PREPARED, S.AWAITING):
            run.inputs, run.preconditions = {}, []
            run.state, run.outcome = S.SETTLED, "not-run"
        elif run.state is S.HELD:
            run.state, run.outcome = S.SETTLED, "blocked"
        elif run.state is S.BACKOFF:
            run.state, run.outcome, run.ended_at = S.SETTLED, "failed", run.attempts[-1]["endedAt"]


_OUTCOMES = (
    ("blocked", "blocked"),
    ("failed", "failed"),
    ("not-run", "cancelled"),
    ("overridden", "overridden"),
)


def overall_outcome(outcomes: Container[str | None]) -> str:
    """The manifest's outcome from those of its steps (spec/pcq-v1.md, 6)."""
    return next((overall for outcome, overall in _OUTCOMES if outcome in outcomes), "completed")
