"""Which event may come next in an execution: the one place that refuses. Pure.

Where a step may stand is the table of `states`; here is what only the whole execution knows.
"""

from __future__ import annotations

__all__ = ["Standing", "require_legal"]

from typing import Any, Protocol

from runbooks import events as ev
from runbooks.errors import IllegalTransitionError
from runbooks.plan import Plan
from runbooks.reviews import Review
from runbooks.states import StepRun


class Standing(Protocol):
    """Where an execution stands."""

    plan: Plan
    steps: dict[str, StepRun]
    reviews: dict[str, Review]
    started: ev.ExecutionStarted | None
    ended: ev.ExecutionSealed | None
    paused: ev.PauseRequested | None

    @property
    def may_start(self) -> bool:
        """True while a step that is ready may start."""
        ...

    @property
    def is_cancellable(self) -> bool:
        """True while a CancelRequested is legal."""
        ...

    @property
    def is_pausable(self) -> bool:
        """True while a PauseRequested is legal."""
        ...

    @property
    def sealed_count(self) -> int:
        """How many steps are sealed, in canonical order."""
        ...

    def open_reviews(self) -> list[Review]:
        """The reviews in which something can still be said."""
        ...


def require_legal(execution: Standing, event: ev.Event) -> None:
    """Raise IllegalTransitionError, which names what stands where, for an event that cannot come now."""
    if isinstance(event, ev.ExecutionStarted):
        allowed = execution.started is None
    elif execution.started is None or execution.ended is not None:
        allowed = False
    elif isinstance(event, ev.CancelRequested):
        allowed = execution.is_cancellable
    elif isinstance(event, ev.PauseRequested):
        allowed = execution.is_pausable
    elif isinstance(event, ev.PauseLifted):
        allowed = execution.paused is not None
    elif isinstance(event, ev.ExecutionSealed):
        allowed = execution.sealed_count == len(execution.steps) and not execution.open_reviews()
    elif isinstance(event, ev.DecisionRefused):
        allowed = event.review_id in execution.reviews
    else:
        allowed = _is_step_event_legal(execution, event)
    if not allowed:
        state = "ended" if execution.ended else "running" if execution.started else "new"
        where = getattr(event, "step_id", None)
        run = execution.steps.get(where) if where else None
        stands = f"step {where} is {run.state if run else 'unknown'}" if where else f"execution is {state}"
        raise IllegalTransitionError(f"{type(event).__name__} is not possible: {stands}")


def _is_step_event_legal(execution: Standing, event: Any) -> bool:
    run = execution.steps.get(event.step_id)
    if run is None or not run.takes(event):
        return False
    if isinstance(event, ev.AttemptStarted):
        return execution.may_start
    if isinstance(event, ev.StepSealed):
        return execution.plan.index[event.step_id] == execution.sealed_count
    if isinstance(event, ev.ReviewOpened):
        return event.statement["reviewId"] not in execution.reviews
    return True
