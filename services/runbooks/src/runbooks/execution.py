"""One execution as a state machine without I/O: events in, effects out.

`receive` is the only way to change it, legality is the table of `states`, and an illegal event raises and changes
nothing. State is a fold over recorded events, so a crash, a replay and a first run meet the same code. While a step is
*held* for a review, or people *paused* it, no other step starts. After the first blocked or failed step, or a cancel,
the *fence* is up: no step starts for good, those in flight end, the rest is `not-run` (spec/execution.md, 5).
"""

from __future__ import annotations

__all__ = ["TRANSITIONS", "Execution", "StepRun", "StepState", "fold"]

from collections.abc import Iterable, Mapping
from typing import Any

from runbooks import events as ev
from runbooks.canonical import as_recorded
from runbooks.derivation import Derivation, Materials
from runbooks.effects import CloseReview, Effect, Finish, Measure, MutateGraph, OpenReview, Seal
from runbooks.errors import IllegalTransitionError
from runbooks.legality import require_legal
from runbooks.needs import Requirement
from runbooks.preparation import (
    approval_answer,
    approval_wanted,
    effect_of,
    four_eyes_answers,
    four_eyes_wanted,
    is_skipped,
    prepare,
)
from runbooks.provers import denies
from runbooks.reviews import Review, ReviewState
from runbooks.states import TRANSITIONS, StepRun, StepState, fence_off, overall_outcome, take_back

S = StepState

_ROLLED_BACK = {"code": "mutation.rolled_back", "message": "its postconditions denied it; nothing was written"}


class Execution:
    """The life of one execution; see the module."""

    def __init__(self, materials: Materials) -> None:
        self.materials = materials
        self.plan = materials.plan
        self.steps = {step.step_id: StepRun(step, len(step.depends_on)) for step in self.plan.steps}
        self.reviews: dict[str, Review] = {}
        self.approvals: list[dict[str, Any]] = []
        self.started: ev.ExecutionStarted | None = None
        self.ended: ev.ExecutionSealed | None = None
        self.cancelled: ev.CancelRequested | None = None
        # The pause that lasts; none does where no step is left to start.
        self.paused: ev.PauseRequested | None = None
        # Steps whose own executions wait for people; who looks after those says so, no event does.
        self.awaited: set[str] = set()
        self.fenced = False
        self._derive: Derivation | None = None
        self._sealed = 0
        self._held = 0

    @property
    def derivation(self) -> Derivation:
        """What follows from the record; raises IllegalTransitionError before the start."""
        if self._derive is None:
            raise IllegalTransitionError("execution has not started: expected ExecutionStarted first")
        return self._derive

    @property
    def outcome(self) -> str:
        """The manifest's outcome (spec/pcq-v1.md, 6), or `paused`, `held`, `waiting` for people, or `running`."""
        if self._sealed < len(self.steps):
            if self.paused:
                return "paused"
            if self._held:
                return "held"
            due = [effect for effect in self.outstanding() if getattr(effect, "step_id", None) not in self.awaited]
            return "waiting" if self.started and not due else "running"
        return overall_outcome({run.outcome for run in self.steps.values()})

    @property
    def sealed_count(self) -> int:
        """How many steps are sealed, in canonical order."""
        return self._sealed

    @property
    def may_start(self) -> bool:
        """True while a step that is ready may start."""
        return not self.fenced and not self._held and not self.paused

    @property
    def is_cancellable(self) -> bool:
        """True while a CancelRequested is legal: nobody asked before, and a step is left to be sealed."""
        return self.started is not None and not self.cancelled and self._sealed < len(self.steps)

    @property
    def is_pausable(self) -> bool:
        """True while a PauseRequested is legal: a step may be left to start, and no pause lasts."""
        return self.started is not None and not (self.fenced or self.paused) and self._sealed < len(self.steps)

    def open_reviews(self) -> list[Review]:
        """The reviews in which something can still be said, in the order in which they were opened."""
        return [review for review in self.reviews.values() if review.is_open]

    def receive(self, event: ev.Event) -> list[Effect]:
        """Take in a recorded event; the effects that it makes due. Raises IllegalTransitionError."""
        require_legal(self, event)
        due = self._due_at_the_end()
        effects = self._take(event)
        return effects + [effect for effect in self._due_at_the_end() if effect not in due]

    def _take(self, event: ev.Event) -> list[Effect]:
        match event:
            case ev.ExecutionStarted():
                self.started = event
                self._derive = Derivation(self.materials, event)
                return [effect for step in self.plan.steps for effect in self._make_ready(self.steps[step.step_id])]
            case ev.CancelRequested():
                self.cancelled = event
                self._fence()
                return []
            case ev.PauseRequested():
                self.paused = event
                take_back(self.steps.values(), S.PREPARED, S.COMPUTING)
                return []
            case ev.PauseLifted():
                self.paused = None
                return self._release()
            case ev.ExecutionSealed():
                self.ended = event
                return []
            case ev.BudgetReserved() | ev.DecisionRefused():
                return []
            case _:
                return self._take_of_step(self.steps[event.step_id], event)

    def _take_of_step(self, run: StepRun, event: Any) -> list[Effect]:
        match event:
            case ev.PreconditionsObserved():
                return self._on_preconditions(run, event)
            case ev.AttemptStarted():
                return self._on_attempt_started(run, event)
            case ev.AttemptSucceeded():
                return self._on_outputs(run, event, None)
            case ev.AttemptDenied():
                return self._on_outputs(run, event, dict(_ROLLED_BACK))
            case ev.AttemptFailed():
                return self._on_attempt_failed(run, event)
            case ev.ReviewOpened() | ev.ReviewDecided():
                return self._on_review(run, event)
            case _:
                run.state, run.sealed = S.SEALED, event
                self._sealed += 1
                self.paused = self.paused if self._sealed < len(self.steps) else None
                return []

    def outstanding(self) -> list[Effect]:
        """Every effect that is due and not answered yet: where a resumed execution goes on."""
        if self.started is None or self.ended is not None:
            return []
        effects: list[Effect] = []
        for run in self.steps.values():
            if run.state in (S.AWAITING, S.HELD):
                effects += self._openings(run)
            elif run.state not in (S.WAITING, S.SETTLED, S.SEALED) and (run.state is not S.BACKOFF or self.may_start):
                effects.append(effect_of(self.derivation, run))
        return effects + self._due_at_the_end()

    def sealable(self) -> list[StepRun]:
        """The settled steps that come next in canonical order."""
        found: list[StepRun] = []
        # By index: a slice of what is left would make a long chain's cost grow with its square.
        for index in range(self._sealed, len(self.plan.steps)):
            run = self.steps[self.plan.steps[index].step_id]
            if run.state is not S.SETTLED:
                break
            found.append(run)
        return found

    def _make_ready(self, run: StepRun) -> list[Effect]:
        if not self._is_ready(run):
            return []
        if is_skipped(self.derivation, run):
            return self._settle(run, "skipped", None)
        return self._begin(run)

    def _is_ready(self, run: StepRun) -> bool:
        return run.state is S.WAITING and not run.missing and self.may_start

    def _begin(self, run: StepRun) -> list[Effect]:
        # What was judged before a pause is judged again.
        run.inputs, run.preconditions, run.wanted = {}, [], four_eyes_wanted(self.derivation, run)
        if run.wanted:
            run.state = S.AWAITING
            return self._openings(run)
        derive, step = self.derivation, run.definition
        if derive.questions(step) or derive.reservations(step, run.reserved) or derive.licences(step):
            run.state = S.ASKING
            return [effect_of(self.derivation, run)]
        return self._judge_preconditions(run, None)

    def _judge_preconditions(self, run: StepRun, at: str | None) -> list[Effect]:
        step = run.definition
        inputs, action = prepare(self.derivation, run)
        answers = {**run.answers, **four_eyes_answers(self.derivation, run, inputs)}
        proofs = self.derivation.preconditions(step, answers)
        subject = self.derivation.denial_subject(step, "preconditions", inputs, proofs)
        is_denied = subject is not None and subject != run.lifted.get("preconditions")
        if not is_denied and self.fenced:
            return self._settle(run, "not-run", None)
        if not is_denied and not self.may_start:
            run.state = S.WAITING
            return []
        run.preconditions, run.inputs = proofs, inputs
        if is_denied and subject is not None:
            return self._deny(run, "preconditions", subject, at)
        return self._go_on(run, action)

    def _go_on(self, run: StepRun, action: Any) -> list[Effect]:
        asked = approval_wanted(self.derivation, run)
        if asked is not None and run.failure is None and run.decided(asked) is None:
            run.state, run.wanted = S.AWAITING, {asked.requirement_id: asked}
            return self._openings(run)
        run.state = S.COMPUTING if action is None else S.PREPARED
        return [effect_of(self.derivation, run)]

    def _on_preconditions(self, run: StepRun, event: ev.PreconditionsObserved) -> list[Effect]:
        for name, wanted in self.derivation.reservations(run.definition, run.reserved).items():
            answer = event.answers.get(name)
            if answer and answer["before"] + wanted.amount <= wanted.limit:
                run.reserved[name] = answer
        run.answers = {**run.reserved, **event.answers}
        return self._judge_preconditions(run, event.at)

    def is_derived(self, step_id: str) -> bool:
        """True when the step's outputs follow from its inputs, reviews and metrics alone."""
        run = self.steps[step_id]
        return run.state is S.COMPUTING or isinstance(self.derivation.action(run.definition, run.inputs), Measure)

    def compute(self, step_id: str, rows: Mapping[str, list[Any]]) -> Any:
        """Outputs of a derived step; raises the ExpressionError or EvidenceError that makes it fail."""
        run = self.steps[step_id]
        if run.failure is not None:
            raise run.failure
        return self.outputs_of(step_id, None, rows)

    def outputs_of(self, step_id: str, answer: Any, rows: Mapping[str, list[Any]]) -> Any:
        """The step's outputs from what the world, or people, answered; raises what makes it fail."""
        run = self.steps[step_id]
        said = approval_answer(self.derivation, run)
        outputs = self.derivation.outputs_of(run.definition, run.inputs, answer if said is None else said, rows)
        return as_recorded(outputs)

    def is_denied(self, step_id: str, outputs: Any, rows: Mapping[str, list[Any]]) -> bool:
        """True when postconditions deny these outputs and nobody lifted just that."""
        run = self.steps[step_id]
        proofs = self.derivation.postconditions(run.definition, outputs, rows)
        subject = self.derivation.denial_subject(run.definition, "postconditions", run.inputs, proofs)
        return subject is not None and subject != run.lifted.get("postconditions")

    def _on_attempt_started(self, run: StepRun, event: ev.AttemptStarted) -> list[Effect]:
        run.attempts.append({"attempt": event.attempt, "startedAt": event.at, "endedAt": None, "error": None})
        run.state = S.ACTING
        return [effect_of(self.derivation, run)]

    def _on_outputs(
        self, run: StepRun, event: ev.AttemptSucceeded | ev.AttemptDenied, error: dict[str, str] | None
    ) -> list[Effect]:
        self._end_attempt(run, event.at, error)
        run.outputs, run.rows = event.outputs, event.metrics
        run.postconditions = self.derivation.postconditions(run.definition, event.outputs, event.metrics)
        subject = self.derivation.denial_subject(run.definition, "postconditions", run.inputs, run.postconditions)
        is_lifted = isinstance(event, ev.AttemptSucceeded) and subject == run.lifted.get("postconditions")
        if subject is not None and not is_lifted:
            return self._deny(run, "postconditions", subject, event.at)
        return self._succeed(run, event.at)

    def _succeed(self, run: StepRun, at: str | None) -> list[Effect]:
        is_overridden = any(denies(proof) for proof in (*run.preconditions, *run.postconditions))
        return self._settle(run, "overridden" if is_overridden else "done", at)

    def _on_attempt_failed(self, run: StepRun, event: ev.AttemptFailed) -> list[Effect]:
        self._end_attempt(run, event.at, {"code": event.code, "message": event.message})
        tried = len(run.attempts)
        if event.transient and run.state is S.ACTING and tried < run.definition.max_attempts and not self.fenced:
            run.state = S.BACKOFF
            return [effect_of(self.derivation, run)] if self.may_start else []
        return self._settle(run, "failed", event.at)

    def _end_attempt(self, run: StepRun, at: str, error: dict[str, str] | None) -> None:
        if not run.attempts:  # a pure step has no intent
            run.attempts.append({"attempt": 1, "startedAt": at})
        run.attempts[-1].update(endedAt=at, error=error)

    def _deny(self, run: StepRun, phase: str, subject: str, at: str | None) -> list[Effect]:
        if self.fenced:
            return self._settle(run, "blocked", at)
        requirement = Requirement(f"denial/{phase}", subject, self.derivation.review(run.definition))
        run.state, run.ended_at, run.wanted = S.HELD, at, {requirement.requirement_id: requirement}
        self._held += 1
        take_back(self.steps.values(), S.PREPARED)
        return self._openings(run)

    def _openings(self, run: StepRun) -> list[Effect]:
        return [OpenReview(run.step_id, item) for name, item in run.wanted.items() if run.open_review(name) is None]

    def _on_review(self, run: StepRun, event: ev.ReviewOpened | ev.ReviewDecided) -> list[Effect]:
        statement = event.statement
        approval = {"statement": dict(statement), "keyid": event.keyid, "signature": event.signature}
        name = statement["requirementId"]
        if isinstance(event, ev.ReviewOpened):
            review = Review(run.step_id, run.wanted[name], (approval,))
        else:
            review = run.reviews[name].take(approval)
        run.reviews[name] = self.reviews[review.review_id] = review
        self.approvals.append(approval)
        if review.is_open or run.state in (S.SETTLED, S.SEALED):
            return []
        del run.wanted[name]
        if run.state is S.HELD:
            return self._on_denial_decided(run, review)
        if run.wanted:
            return []
        run.state = S.WAITING
        return self._make_ready(run)

    def _on_denial_decided(self, run: StepRun, review: Review) -> list[Effect]:
        self._held -= 1
        if review.state is not ReviewState.APPROVED:
            return self._settle(run, "blocked", run.ended_at)
        phase = review.requirement.requirement_id.partition("/")[2]
        run.lifted[phase] = review.requirement.subject
        is_repeated = isinstance(self.derivation.action(run.definition, run.inputs), MutateGraph)
        if phase == "postconditions" and not is_repeated:
            return self._succeed(run, run.ended_at) + self._release()
        run.outputs, run.postconditions, run.rows = {}, [], {}
        run.state = S.WAITING
        return self._release()

    def _release(self) -> list[Effect]:
        effects: list[Effect] = []
        for run in self.steps.values():
            if run.state is S.WAITING:
                effects += self._make_ready(run)
            elif run.state is S.BACKOFF and self.may_start:
                effects.append(effect_of(self.derivation, run))
        return effects

    def _settle(self, run: StepRun, outcome: str, at: str | None) -> list[Effect]:
        run.state, run.outcome, run.ended_at = S.SETTLED, outcome, at
        if outcome in ("done", "overridden"):
            self.derivation.outputs[run.step_id] = run.outputs
            self.derivation.proofs[run.step_id] = run.preconditions
            return self._pass_on(run)
        if outcome == "skipped":
            return self._pass_on(run)
        if not self.fenced:
            self._fence()
        return []

    def _pass_on(self, run: StepRun) -> list[Effect]:
        """Make ready what waited for it; by a list, for a branch that is skipped may be long."""
        effects: list[Effect] = []
        settled = [run]
        while settled:
            for name in self.plan.dependents[settled.pop().step_id]:
                waiting = self.steps[name]
                waiting.missing -= 1
                if not self._is_ready(waiting):
                    continue
                if is_skipped(self.derivation, waiting):
                    waiting.state, waiting.outcome = S.SETTLED, "skipped"
                    settled.append(waiting)
                else:
                    effects += self._begin(waiting)
        return effects

    def _fence(self) -> None:
        self.fenced, self.paused, self._held = True, None, 0
        fence_off(self.steps.values())

    def _due_at_the_end(self) -> list[Effect]:
        """Closings of reviews whose steps are settled, the next seal, the end."""
        due: list[Effect] = [
            CloseReview(review.step_id, review.review_id)
            for review in self.reviews.values()
            if review.is_open and self.steps[review.step_id].state in (S.SETTLED, S.SEALED)
        ]
        if self._sealed == len(self.steps):
            return due if due or self.ended else [Finish()]
        upcoming = self.plan.steps[self._sealed].step_id
        return [*due, Seal(upcoming)] if self.steps[upcoming].state is S.SETTLED else due


def fold(materials: Materials, events: Iterable[ev.Event]) -> Execution:
    """The execution as its recorded events leave it; raises IllegalTransitionError for a history that cannot be."""
    execution = Execution(materials)
    for event in events:
        execution.receive(event)
    return execution
