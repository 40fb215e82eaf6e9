"""The log of an execution: its ledger, entry by entry, in words for people. Pure.

No word holds what went in, what came out or the evidence of a proof, nor an unsalted digest of those, from which a
small value could be guessed: who may see where an execution stands may read all of its log.
"""

from __future__ import annotations

__all__ = ["Line", "log_lines"]

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from runbooks import events as ev
from runbooks.derivation import Materials
from runbooks.execution import Execution
from runbooks.provers import denies

Level = Literal["info", "warning", "error"]
_Said = tuple[Level, str]

_BAD_OUTCOMES = frozenset({"failed", "blocked", "rejected"})
_DENYING = frozenset({"rejected", "expired"})


@dataclass(frozen=True)
class Line:
    """One entry: its number in the ledger, when what it tells happened as it was observed, and what it says.

    `at` is None where nobody looked at a clock, as for a step that never began.
    """

    seq: int
    at: str | None
    kind: str
    level: Level
    step_id: str | None
    words: str


def log_lines(materials: Materials, history: Iterable[tuple[int, ev.Event]]) -> Iterator[Line]:
    """A line for each entry; verdicts are those of the moment. Raises IllegalTransitionError as the fold does."""
    execution = Execution(materials)
    for seq, event in history:
        execution.receive(event)
        level, words = _said(event, execution)
        step_id = getattr(event, "step_id", None)
        yield Line(seq, _time(event), type(event).__name__, level, step_id, words)


def _time(event: ev.Event) -> str | None:
    match event:
        case ev.ReviewOpened() | ev.ReviewDecided():
            at: str | None = event.statement["issuedAt"]
        case ev.StepSealed():
            at = event.observed["endedAt"]
        case _:
            at = event.at
    return at


def _said(event: ev.Event, execution: Execution) -> _Said:
    match event:
        case ev.ExecutionStarted():
            return "info", _started(event)
        case ev.CancelRequested():
            return "warning", f"cancelled: {event.reason}"
        case ev.PauseRequested():
            return "warning", f"paused by {event.by}: {event.reason}"
        case ev.PauseLifted():
            return "info", f"pause ended by {event.by}: {event.reason}"
        case ev.ExecutionSealed():
            return _sealed("execution", execution.outcome, f"Merkle root {event.header['merkleRoot']}")
        case ev.StepSealed():
            return _sealed("step", str(event.core["outcome"]), f"attestation {event.attestation_hash}")
        case _:
            return _said_in_step(event, execution)


def _said_in_step(event: Any, execution: Execution) -> _Said:
    run = execution.steps[event.step_id]
    match event:
        case ev.PreconditionsObserved():
            return _judged("asked before the step", run.preconditions)
        case ev.BudgetReserved():
            return "info", "a budget had room and was charged"
        case ev.AttemptStarted():
            return "info", f"attempt {event.attempt} of {run.definition.max_attempts} sent: {run.definition.kind}"
        case ev.AttemptSucceeded():
            return _judged(f"attempt {event.attempt} gave its outputs", run.postconditions)
        case ev.AttemptDenied():
            return "error", _judged(f"attempt {event.attempt} was rolled back", run.postconditions)[1]
        case ev.AttemptFailed():
            kind = "for now" if event.transient else "for good"
            return "error", f"attempt {event.attempt} failed {kind}: {event.message} [{event.code}]"
        case _:
            return _said_by_people(event)


def _said_by_people(event: ev.ReviewOpened | ev.ReviewDecided | ev.DecisionRefused) -> _Said:
    if isinstance(event, ev.DecisionRefused):
        return "warning", f"{event.approver} may not say {event.decision} in {event.review_id} [{event.code}]"
    said = event.statement
    if isinstance(event, ev.ReviewOpened):
        return "warning", f"held, people are asked in {said['reviewId']}: {said['reason']}"
    level: Level = "error" if said["decision"] in _DENYING else "info"
    return level, f"{said['decision']} by {said['approver']} in {said['reviewId']}: {said['reason']}"


def _started(event: ev.ExecutionStarted) -> str:
    context = event.context
    words = [f"run {event.execution_seq} of {context['runbookId']} {context['version']} started by {event.executed_by}"]
    if context["purpose"]:
        words.append(f"purpose {context['purpose']}")
    if event.schedule:
        words.append(f"by schedule {event.schedule['scheduleId']} for {event.schedule['at']}")
    if event.parent:
        words.append(f"for step {event.parent['stepId']} of {event.parent['executionId']}")
    if event.origin:
        words.append(f"{event.origin['as']} of {event.origin['executionId']}")
    return ", ".join([*words, f"definition {context['runbookDigest']}"])


def _judged(what: str, proofs: Sequence[Mapping[str, Any]]) -> _Said:
    verdicts = [f"{proof['prover']} {proof['result']} ({proof['reason']})" for proof in proofs]
    level: Level = "error" if any(denies(proof) for proof in proofs) else "info"
    return level, "; ".join([what, *verdicts])


def _sealed(what: str, outcome: str, mark: str) -> _Said:
    return "error" if outcome in _BAD_OUTCOMES else "info", f"{what} sealed as {outcome}, {mark}"
