"""One execution as a state machine without I/O: events in, effects out.

`receive` is the only way to change it, legality is the table below, and an illegal event raises and
changes nothing. State is a fold over recorded events, so a crash, a replay and a first run
meet the same code. After the first blocked or failed step, or a cancel, the *fence* is up: no
further step starts, steps in flight end, the rest is `not-run` (spec/execution.md, 5).
"""

from __future__ import annotations

__all__ = ["TRANSITIONS", "Execution", "StepRun", "StepState", "fold"]

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from runbooks import events as ev
from runbooks.definition import StepDefinition
from runbooks.derivation import Derivation, Materials
from runbooks.effects import Ask, Attempt, Compute, Effect, Finish, Measure, Perform, Seal
from runbooks.errors import EvidenceError, ExpressionError, IllegalTransitionError
from runbooks.provers import denies


class StepState(StrEnum):
    """Where a step stands."""

    WAITING = "waiting"
    ASKING = "asking"
    PREPARED = "prepared"
    COMPUTING = "computing"
    ACTING = "acting"
    BACKOFF = "backoff"
    SETTLED = "settled"
    SEALED = "sealed"


S = StepState

# What may happen to a step, and where it may stand then. Everything that is not here is illegal.
TRANSITIONS: dict[StepState, dict[type[Any], frozenset[StepState]]] = {
    S.WAITING: {},
    S.ASKING: {
        ev.BudgetReserved: frozenset({S.ASKING}),
        ev.PreconditionsObserved: frozenset({S.PREPARED, S.COMPUTING, S.SETTLED}),
    },
    S.PREPARED: {ev.AttemptStarted: frozenset({S.ACTING})},
    S.COMPUTING: {ev.AttemptSucceeded: frozenset({S.SETTLED}), ev.AttemptFailed: frozenset({S.SETTLED})},
    S.ACTING: {ev.AttemptSucceeded: frozenset({S.SETTLED}), ev.AttemptFailed: frozenset({S.BACKOFF, S.SETTLED})},
    S.BACKOFF: {ev.AttemptStarted: frozenset({S.ACTING})},
    S.SETTLED: {ev.StepSealed: frozenset({S.SEALED})},
    S.SEALED: {},
}


@dataclass
class StepRun:
    """What is known of one step so far."""

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
    ended_at: str | None = None
    failure: ExpressionError | EvidenceError | None = None
    sealed: ev.StepSealed | None = None

    @property
    def step_id(self) -> str:
        """The step's id."""
        return self.definition.step_id


class Execution:
    """The life of one execution; see the module."""

    def __init__(self, materials: Materials) -> None:
        self.materials = materials
        self.plan = materials.plan
        self.steps = {step.step_id: StepRun(step, len(step.depends_on)) for step in self.plan.steps}
        self.started: ev.ExecutionStarted | None = None
        self.ended: ev.ExecutionSealed | None = None
        self.cancelled: ev.CancelRequested | None = None
        self.fenced = False
        self._derive: Derivation | None = None
        self._sealed = 0

    @property
    def derivation(self) -> Derivation:
        """What follows from the record; raises IllegalTransitionError before the start."""
        if self._derive is None:
            raise IllegalTransitionError("execution has not started: expected ExecutionStarted first")
        return self._derive

    @property
    def outcome(self) -> str:
        """The manifest's outcome (spec/pcq-v1.md, 6), or `running`."""
        if self._sealed < len(self.steps):
            return "running"
        outcomes = {run.outcome for run in self.steps.values()}
        for outcome, name in (("blocked", "blocked"), ("failed", "failed"), ("not-run", "cancelled")):
            if outcome in outcomes:
                return name
        return "completed"

    @property
    def is_cancellable(self) -> bool:
        """True while a CancelRequested is legal: nobody asked before, and a step is left to be sealed."""
        return self.started is not None and not self.cancelled and self._sealed < len(self.steps)

    def receive(self, event: ev.Event) -> list[Effect]:
        """Take in a recorded event; the effects that it makes due. Raises IllegalTransitionError."""
        self._require_legal(event)
        due = self._due_seals()
        effects = self._take(event)
        return effects + [seal for seal in self._due_seals() if seal not in due]

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
            case ev.ExecutionSealed():
                self.ended = event
                return []
            case ev.BudgetReserved():
                return []
            case ev.PreconditionsObserved():
                return self._on_preconditions(self.steps[event.step_id], event)
            case ev.AttemptStarted():
                return self._on_attempt_started(self.steps[event.step_id], event)
            case ev.AttemptSucceeded():
                return self._on_attempt_succeeded(self.steps[event.step_id], event)
            case ev.AttemptFailed():
                return self._on_attempt_failed(self.steps[event.step_id], event)
            case ev.StepSealed():
                return self._on_sealed(self.steps[event.step_id], event)

    def outstanding(self) -> list[Effect]:
        """Every effect that is due and not answered yet: where a resumed execution goes on."""
        if self.started is None or self.ended is not None:
            return []
        effects: list[Effect] = []
        for run in self.steps.values():
            if run.state not in (S.WAITING, S.SETTLED, S.SEALED):
                effects.append(self._effect_of(run))
        return effects + self._due_seals()

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

    def _require_legal(self, event: ev.Event) -> None:
        if isinstance(event, ev.ExecutionStarted):
            allowed = self.started is None
        elif self.started is None or self.ended is not None:
            allowed = False
        elif isinstance(event, ev.CancelRequested):
            allowed = self.is_cancellable
        elif isinstance(event, ev.ExecutionSealed):
            allowed = self._sealed == len(self.steps)
        else:
            allowed = self._is_step_event_legal(event)
        if not allowed:
            state = "ended" if self.ended else "running" if self.started else "new"
            where = getattr(event, "step_id", None)
            run = self.steps.get(where) if where else None
            stands = f"step {where} is {run.state if run else 'unknown'}" if where else f"execution is {state}"
            raise IllegalTransitionError(f"{type(event).__name__} is not possible: {stands}")

    def _is_step_event_legal(self, event: Any) -> bool:
        run = self.steps.get(event.step_id)
        if run is None or type(event) not in TRANSITIONS[run.state]:
            return False
        if isinstance(event, ev.AttemptStarted):
            return event.attempt == len(run.attempts) + 1
        if isinstance(event, ev.AttemptSucceeded | ev.AttemptFailed):
            return event.attempt == max(len(run.attempts), 1)
        if isinstance(event, ev.StepSealed):
            return self.plan.index[event.step_id] == self._sealed
        return True

    def _make_ready(self, run: StepRun) -> list[Effect]:
        if run.missing or self.fenced:
            return []
        derive, step = self.derivation, run.definition
        if derive.questions(step) or derive.reservations(step) or derive.licences(step):
            run.state = S.ASKING
            return [self._effect_of(run)]
        return self._judge_preconditions(run, None)

    def _judge_preconditions(self, run: StepRun, at: str | None) -> list[Effect]:
        step = run.definition
        proofs = self.derivation.preconditions(step, run.answers)
        denied = any(denies(proof) for proof in proofs)
        if self.fenced and not denied:
            return self._settle(run, "not-run", None)
        run.preconditions = proofs
        action = None
        try:
            run.inputs = self.derivation.inputs(step)
            action = self.derivation.action(step, run.inputs)
        except (ExpressionError, EvidenceError) as error:
            run.failure = error
        if denied:
            return self._settle(run, "blocked", at)
        run.state = S.COMPUTING if action is None else S.PREPARED
        return [self._effect_of(run)]

    def is_derived(self, step_id: str) -> bool:
        """True when the step's outputs follow from its inputs and metrics alone."""
        run = self.steps[step_id]
        return run.state is S.COMPUTING or isinstance(self.derivation.action(run.definition, run.inputs), Measure)

    def compute(self, step_id: str, rows: Mapping[str, list[Any]]) -> Any:
        """Outputs of a derived step; raises the ExpressionError or EvidenceError that makes it fail."""
        run = self.steps[step_id]
        if run.failure is not None:
            raise run.failure
        return self.derivation.outputs_of(run.definition, run.inputs, None, rows)

    def _effect_of(self, run: StepRun) -> Effect:
        step = run.definition
        match run.state:
            case S.ASKING:
                derive = self.derivation
                return Ask(run.step_id, derive.questions(step), derive.reservations(step), derive.licences(step))
            case S.COMPUTING:
                return Compute(run.step_id)
            case S.ACTING:
                action = self.derivation.action(step, run.inputs) or Measure()
                key, metrics = self.derivation.effect_key(step, run.inputs), self.derivation.metrics(step)
                return Perform(run.step_id, len(run.attempts), key, action, metrics, step.timeout)
            case _:
                tried = len(run.attempts)
                return Attempt(run.step_id, tried + 1, step.interval * 2 ** (tried - 1) if tried else 0)

    def _on_preconditions(self, run: StepRun, event: ev.PreconditionsObserved) -> list[Effect]:
        run.answers = event.answers
        return self._judge_preconditions(run, event.at)

    def _on_attempt_started(self, run: StepRun, event: ev.AttemptStarted) -> list[Effect]:
        run.attempts.append({"attempt": event.attempt, "startedAt": event.at, "endedAt": None, "error": None})
        run.state = S.ACTING
        return [self._effect_of(run)]

    def _on_attempt_succeeded(self, run: StepRun, event: ev.AttemptSucceeded) -> list[Effect]:
        self._end_attempt(run, event.at, None)
        run.outputs, run.rows = event.outputs, event.metrics
        run.postconditions = self.derivation.postconditions(run.definition, event.outputs, event.metrics)
        denied = any(denies(proof) for proof in run.postconditions)
        return self._settle(run, "blocked" if denied else "done", event.at)

    def _on_attempt_failed(self, run: StepRun, event: ev.AttemptFailed) -> list[Effect]:
        self._end_attempt(run, event.at, {"code": event.code, "message": event.message})
        tried = len(run.attempts)
        if event.transient and run.state is S.ACTING and tried < run.definition.max_attempts and not self.fenced:
            run.state = S.BACKOFF
            return [self._effect_of(run)]
        return self._settle(run, "failed", event.at)

    def _end_attempt(self, run: StepRun, at: str, error: dict[str, str] | None) -> None:
        if not run.attempts:  # a pure step has no intent
            run.attempts.append({"attempt": 1, "startedAt": at})
        run.attempts[-1].update(endedAt=at, error=error)

    def _settle(self, run: StepRun, outcome: str, at: str | None) -> list[Effect]:
        run.state, run.outcome, run.ended_at = S.SETTLED, outcome, at
        effects: list[Effect] = []
        if outcome == "done":
            self.derivation.outputs[run.step_id] = run.outputs
            self.derivation.proofs[run.step_id] = run.preconditions
            for name in self.plan.dependents[run.step_id]:
                self.steps[name].missing -= 1
                effects += self._make_ready(self.steps[name])
        elif not self.fenced:
            self._fence()
        return effects

    def _fence(self) -> None:
        self.fenced = True
        for run in self.steps.values():
            if run.state in (S.WAITING, S.PREPARED):
                run.inputs, run.preconditions = {}, []
                run.state, run.outcome = S.SETTLED, "not-run"
            elif run.state is S.BACKOFF:
                run.state, run.outcome, run.ended_at = S.SETTLED, "failed", run.attempts[-1]["endedAt"]

    def _due_seals(self) -> list[Effect]:
        if self._sealed == len(self.steps):
            return [Finish()] if self.ended is None else []
        upcoming = self.plan.steps[self._sealed].step_id
        return [Seal(upcoming)] if self.steps[upcoming].state is S.SETTLED else []

    def _on_sealed(self, run: StepRun, event: ev.StepSealed) -> list[Effect]:
        run.state, run.sealed = S.SEALED, event
        self._sealed += 1
        return []


def fold(materials: Materials, events: Iterable[ev.Event]) -> Execution:
    """The execution as its recorded events leave it; raises IllegalTransitionError for a history that cannot be."""
    execution = Execution(materials)
    for event in events:
        execution.receive(event)
    return execution
