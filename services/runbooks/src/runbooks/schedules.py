"""Schedules: a runbook's parameters, when it is due, and what happens to times that nobody was there for. Pure.

The ledger is the only truth. A schedule is the fold of its entries and of the newest time for which it started an
execution; `due` says from it and the clock what is to start and what to skip. Times are settled in their order, so a
time that is not later than the newest settled one is never started again (spec/ledger.md, 6).
"""

from __future__ import annotations

__all__ = [
    "CATCH_UP",
    "MISSED",
    "NO_EXECUTION",
    "ON_TIME_SECONDS",
    "Due",
    "Occurrence",
    "Schedule",
    "ScheduleEvent",
    "SchedulePaused",
    "ScheduleRemoved",
    "ScheduleResumed",
    "ScheduleSet",
    "ScheduleSkipped",
    "due",
    "fold_schedules",
    "parameters_at",
    "to_draft",
]

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import cached_property
from itertools import islice
from typing import Any, get_args

from runbooks.canonical import as_recorded, dumps, loads
from runbooks.errors import LedgerConflictError, LedgerError
from runbooks.evidence import instant
from runbooks.expressions import evaluate
from runbooks.ledger import Draft, Entry, Head
from runbooks.timetable import Timetable, parse_timetable

MISSED = ("latest", "skip", "all")
CATCH_UP = 100
ON_TIME_SECONDS = 300
# The executionId of entries that belong to no execution.
NO_EXECUTION = ""


@dataclass(frozen=True)
class ScheduleSet:
    """Somebody set up a schedule; executions start in their name. `compute` has a JSONata text a parameter."""

    schedule_id: str
    runbook_id: str
    cron: str
    time_zone: str
    missed: str
    executed_by: str
    parameters: Mapping[str, Any]
    compute: Mapping[str, str]
    at: str


@dataclass(frozen=True)
class ScheduleRemoved:
    """Nothing is due any more, for good."""

    schedule_id: str
    runbook_id: str
    by: str
    at: str


@dataclass(frozen=True)
class SchedulePaused:
    """Nothing is due until it is resumed."""

    schedule_id: str
    runbook_id: str
    by: str
    at: str


@dataclass(frozen=True)
class ScheduleResumed:
    """What was due during the pause is settled; what comes after it is due again."""

    schedule_id: str
    runbook_id: str
    by: str
    at: str


@dataclass(frozen=True)
class ScheduleSkipped:
    """No execution starts for the times from `first` to `last`, both included: nobody was there for them."""

    schedule_id: str
    runbook_id: str
    first: str
    last: str
    at: str


ScheduleEvent = ScheduleSet | ScheduleRemoved | SchedulePaused | ScheduleResumed | ScheduleSkipped
_CLASSES: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(ScheduleEvent)}


@dataclass(frozen=True)
class Schedule:
    """How a schedule stands; every time up to `settled` was started, skipped, or before its time."""

    plan: ScheduleSet
    settled: str
    state: str = "active"

    @cached_property
    def timetable(self) -> Timetable:
        """When it is due."""
        return parse_timetable(self.plan.cron, self.plan.time_zone)

    @property
    def upcoming(self) -> str | None:
        """The next time that is to be settled; None when there is none."""
        return self.timetable.upcoming(self.settled) if self.state == "active" else None

    def is_open(self, at: str) -> bool:
        """True while an execution may start for that time."""
        return self.state == "active" and instant(at) > instant(self.settled)


@dataclass(frozen=True)
class Due:
    """What is to be done now, in this order: skip the times from first to last, start the others."""

    skip: tuple[str, str] | None = None
    start: tuple[str, ...] = ()


@dataclass(frozen=True)
class Occurrence:
    """One time of one schedule, for which at most one execution starts."""

    schedule_id: str
    at: str

    def members(self) -> dict[str, str]:
        """As the execution's opening records it."""
        return {"scheduleId": self.schedule_id, "at": self.at}

    def require_open(self, head: Head) -> None:
        """Raise LedgerConflictError when by now the time is settled, or the schedule paused or removed."""
        found = fold_schedules(head.entries(NO_EXECUTION), head.fired).get(self.schedule_id)
        if found is None or not found.is_open(self.at):
            raise LedgerConflictError(f"schedule {self.schedule_id}: {self.at} is settled already, or nothing is due")


def fold_schedules(entries: Iterable[Entry], fired: Callable[[str], str | None]) -> dict[str, Schedule]:
    """All schedules by id, in the order in which they were set, removed ones too.

    `entries` are those of no execution, `fired` gives the newest time for which a schedule started an execution.
    """
    found: dict[str, Schedule] = {}
    for event in map(_event, entries):
        if isinstance(event, ScheduleSet):
            found[event.schedule_id] = Schedule(event, event.at)
        elif event is not None:
            found[event.schedule_id] = _after(found[event.schedule_id], event)
    return {name: _later(schedule, fired(name)) for name, schedule in found.items()}


def due(schedule: Schedule, now: str) -> Due:
    """What is due at that time; nothing when the clock was set back behind what is settled."""
    table, since = schedule.timetable, schedule.settled
    if schedule.state != "active" or instant(now) <= instant(since):
        return Due()
    if schedule.plan.missed == "all":
        return Due(start=tuple(islice(table.times(since, now), CATCH_UP)))
    newest = table.newest(since, now, 2)
    if not newest:
        return Due()
    is_late = instant(now) - instant(newest[-1]) > timedelta(seconds=ON_TIME_SECONDS)
    kept = () if is_late and schedule.plan.missed == "skip" else (newest[-1],)
    skipped = newest[: len(newest) - len(kept)]
    first = next(table.times(since, now))
    return Due((first, skipped[-1]) if skipped else None, kept)


def parameters_at(plan: ScheduleSet, at: str) -> dict[str, Any]:
    """The execution's parameters for that time; raises ExpressionError."""
    visible = {"scheduled": parse_timetable(plan.cron, plan.time_zone).named(at)}
    computed = {name: evaluate(text, visible) for name, text in plan.compute.items()}
    parameters: dict[str, Any] = as_recorded({**plan.parameters, **computed})
    return parameters


def to_draft(event: ScheduleEvent) -> Draft:
    """The entry to be (spec/ledger.md, 4)."""
    members = asdict(event)
    runbook_id = members.pop("runbook_id")
    return Draft(NO_EXECUTION, runbook_id, type(event).__name__, None, dumps({"members": members, "blobs": {}}))


def _event(entry: Entry) -> ScheduleEvent | None:
    kind = _CLASSES.get(entry.draft.kind)
    if kind is None:
        return None
    try:
        event: ScheduleEvent = kind(runbook_id=entry.draft.runbook_id, **loads(entry.draft.body)["members"])
    except TypeError as error:
        message = f"ledger entry {entry.seq} is of no kind that this version knows: {error}"
        raise LedgerError(message, code="ledger.record") from None
    return event


def _after(schedule: Schedule, event: ScheduleEvent) -> Schedule:
    match event:
        case ScheduleSkipped():
            return _later(schedule, event.last)
        case SchedulePaused():
            return replace(schedule, state="paused")
        case ScheduleResumed():
            return _later(replace(schedule, state="active"), event.at)
        case _:
            return replace(schedule, state="removed")


def _later(schedule: Schedule, at: str | None) -> Schedule:
    if at is None or instant(at) <= instant(schedule.settled):
        return schedule
    return replace(schedule, settled=at)
