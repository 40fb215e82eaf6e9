"""Events: facts already recorded, past tense. The ledger holds them; state is a fold over them.

`to_body` and `from_body` are the JSON form of an entry's body (spec/ledger.md, 4). The recorded wall
clock `at` never decides anything; it is shown and signed as an observation.
"""

from __future__ import annotations

__all__ = [
    "AttemptDenied",
    "AttemptFailed",
    "AttemptStarted",
    "AttemptSucceeded",
    "BudgetReserved",
    "CancelRequested",
    "DecisionRefused",
    "Event",
    "ExecutionSealed",
    "ExecutionStarted",
    "PauseLifted",
    "PauseRequested",
    "PreconditionsObserved",
    "ReviewDecided",
    "ReviewOpened",
    "StepSealed",
    "from_body",
    "to_body",
]

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, get_args


@dataclass(frozen=True)
class ExecutionStarted:
    """The execution was opened; everything that its outcome may depend on is named here.

    `schedule` has the scheduleId and the nominal time, `at`, when a schedule started it; `parent` has the executionId,
    the stepId and the effect's key when a step of another execution did; `origin` has the executionId of which it is
    another run, and `as`: `rerun` or `fork`. Older ledgers do not have them.
    """

    execution_id: str
    execution_seq: int
    executed_by: str
    context: Mapping[str, Any]
    parameters: Mapping[str, Any]
    at: str
    schedule: Mapping[str, str] | None = None
    parent: Mapping[str, str] | None = None
    origin: Mapping[str, str] | None = None


@dataclass(frozen=True)
class PreconditionsObserved:
    """What was asked before the step: prover name → the answer.

    {decision, engine} of a policy, {before} of a budget, {revoked} of licences.
    """

    step_id: str
    answers: Mapping[str, Mapping[str, Any]]
    at: str


@dataclass(frozen=True)
class BudgetReserved:
    """A budget had room and was charged; recorded together with the answer that says so."""

    step_id: str
    counter: str
    period: str
    amount: int
    at: str


@dataclass(frozen=True)
class AttemptStarted:
    """The intent: from here on the action under `key` may have happened."""

    step_id: str
    attempt: int
    key: str
    at: str


@dataclass(frozen=True)
class AttemptSucceeded:
    """The step's outputs, and for each metric the rows that its query gave."""

    step_id: str
    attempt: int
    outputs: Any
    metrics: Mapping[str, list[Any]]
    at: str


@dataclass(frozen=True)
class AttemptDenied:
    """A mutation's postconditions denied it, and it was rolled back; `outputs` are those of the roll-back."""

    step_id: str
    attempt: int
    outputs: Any
    metrics: Mapping[str, list[Any]]
    at: str


@dataclass(frozen=True)
class AttemptFailed:
    """The attempt ended in an error; a transient one may be tried again after `wait` seconds."""

    step_id: str
    attempt: int
    code: str
    message: str
    transient: bool
    at: str


@dataclass(frozen=True)
class ReviewOpened:
    """People were asked; the statement is signed (spec/reviews.md, 3)."""

    step_id: str
    statement: Mapping[str, Any]
    keyid: str
    signature: str


@dataclass(frozen=True)
class ReviewDecided:
    """Somebody said something in a review; the statement is signed."""

    step_id: str
    statement: Mapping[str, Any]
    keyid: str
    signature: str


@dataclass(frozen=True)
class DecisionRefused:
    """Somebody tried to decide who may not, or not so; it changes nothing and is not forgotten."""

    step_id: str
    review_id: str
    decision: str
    approver: str
    reason: str
    code: str
    at: str


@dataclass(frozen=True)
class CancelRequested:
    """Somebody asked that no further step start."""

    reason: str
    at: str


@dataclass(frozen=True)
class PauseRequested:
    """Somebody asked that no further step start until somebody lifts the pause."""

    by: str
    reason: str
    at: str


@dataclass(frozen=True)
class PauseLifted:
    """Somebody let steps start again."""

    by: str
    reason: str
    at: str


@dataclass(frozen=True)
class StepSealed:
    """The step is attested: its core, hash and signature, and what was observed."""

    step_id: str
    core: Mapping[str, Any]
    attestation_hash: str
    keyid: str
    signature: str
    observed: Mapping[str, Any]


@dataclass(frozen=True)
class ExecutionSealed:
    """The manifest's header is signed; nothing follows."""

    header: Mapping[str, Any]
    signature: str
    manifest_hash: str
    at: str


Event = (
    ExecutionStarted
    | PreconditionsObserved
    | BudgetReserved
    | AttemptStarted
    | AttemptSucceeded
    | AttemptDenied
    | AttemptFailed
    | ReviewOpened
    | ReviewDecided
    | DecisionRefused
    | CancelRequested
    | PauseRequested
    | PauseLifted
    | StepSealed
    | ExecutionSealed
)

_CLASSES: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Event)}
_NAMES = {kind: [field.name for field in fields(kind)] for kind in _CLASSES.values()}
# A member that came later is recorded only when it says something.
_OPTIONAL = {kind: {field.name for field in fields(kind) if field.default is None} for kind in _CLASSES.values()}


def to_body(event: Event) -> dict[str, Any]:
    """The event's members as JSON."""
    members = {name: getattr(event, name) for name in _NAMES[type(event)]}
    return {name: value for name, value in members.items() if value is not None or name not in _OPTIONAL[type(event)]}


def from_body(kind: str, body: Mapping[str, Any]) -> Event:
    """The event of class `kind`; raises KeyError for an unknown class and TypeError for other members."""
    event: Event = _CLASSES[kind](**body)
    return event
