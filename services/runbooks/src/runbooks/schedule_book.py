"""The schedules of one ledger: set up, changed, and settled, each in one transaction.

What is due `schedules` decides; this reads and writes. Nothing is recorded of what is refused.
"""

from __future__ import annotations

__all__ = ["ScheduleBook"]

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from runbooks.canonical import as_recorded, dumps
from runbooks.definition import Definition
from runbooks.errors import ParameterError, ScheduleError, UnknownScheduleError
from runbooks.expressions import parse_expression
from runbooks.ledger import Draft, Head
from runbooks.lint import require_parameters
from runbooks.ports import Clock, LedgerStore
from runbooks.schedules import (
    MISSED,
    NO_EXECUTION,
    Schedule,
    ScheduleEvent,
    SchedulePaused,
    ScheduleRemoved,
    ScheduleResumed,
    ScheduleSet,
    ScheduleSkipped,
    due,
    fold_schedules,
    parameters_at,
    to_draft,
)
from runbooks.timetable import parse_timetable

_MAX_BYTES = 65_536
_CHANGES: Mapping[str, tuple[type[ScheduleRemoved | SchedulePaused | ScheduleResumed], tuple[str, ...]]] = {
    "remove": (ScheduleRemoved, ("active", "paused")),
    "pause": (SchedulePaused, ("active",)),
    "resume": (ScheduleResumed, ("paused",)),
}


class ScheduleBook:
    """The schedules of one ledger."""

    def __init__(self, ledger: LedgerStore, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    def schedules(self) -> list[Schedule]:
        """Those that are not removed, in the order in which they were set."""
        found = fold_schedules(self._ledger.entries(NO_EXECUTION), self._ledger.fired)
        return [schedule for schedule in found.values() if schedule.state != "removed"]

    def find(self, schedule_id: str) -> Schedule:
        """One of them; raises UnknownScheduleError."""
        return _find({item.plan.schedule_id: item for item in self.schedules()}, schedule_id)

    def due(self) -> list[Schedule]:
        """Those that have something to settle now."""
        now = self._clock.now()
        return [schedule for schedule in self.schedules() if due(schedule, now).start or due(schedule, now).skip]

    def add(
        self,
        definition: Definition,
        *,
        cron: str,
        time_zone: str,
        missed: str,
        executed_by: str,
        parameters: Mapping[str, Any],
        compute: Mapping[str, str],
    ) -> Schedule:
        """Set up a schedule, due from now on. Nothing is recorded when something is wrong with it.

        Raises ScheduleError, ParameterError, ExpressionError.
        """
        table, now = parse_timetable(cron, time_zone), self._clock.now()
        first = table.upcoming(now)
        if first is None:
            raise ScheduleError(f"cron expression {cron!r} never comes", code="schedule.cron")
        if missed not in MISSED:
            raise ScheduleError(f"missed: expected {', '.join(MISSED)}, got {missed!r}", code="schedule.missed")
        _require_inputs(executed_by, parameters, compute)
        given = as_recorded(dict(parameters))
        plan = ScheduleSet("", definition.runbook_id, cron, time_zone, missed, executed_by, given, dict(compute), now)
        require_parameters(definition, parameters_at(plan, first))
        name = ""

        def build(head: Head) -> list[Draft]:
            nonlocal name
            count = sum(entry.draft.kind == ScheduleSet.__name__ for entry in head.entries(NO_EXECUTION))
            name = f"S{count + 1}"
            return [to_draft(replace(plan, schedule_id=name))]

        self._ledger.append(build)
        return Schedule(replace(plan, schedule_id=name), now)

    def change(self, schedule_id: str, change: str, *, by: str) -> Schedule:
        """`remove`, `pause` or `resume` a schedule; raises UnknownScheduleError, ScheduleError."""
        kind, possible = _CHANGES[change]
        at = self._clock.now()

        def build(head: Head) -> list[Draft]:
            schedule = _find(fold_schedules(head.entries(NO_EXECUTION), head.fired), schedule_id)
            if schedule.state not in possible:
                message = f"schedule {schedule_id} is {schedule.state}: it cannot {change}"
                raise ScheduleError(message, code="schedule.state")
            return [to_draft(kind(schedule_id, schedule.plan.runbook_id, by, at))]

        self._ledger.append(build)
        return _find(fold_schedules(self._ledger.entries(NO_EXECUTION), self._ledger.fired), schedule_id)

    def settle(self, schedule_id: str) -> tuple[Schedule, tuple[str, ...]]:
        """Record what is skipped now; the schedule afterwards, and the times for which executions are to start."""
        start: tuple[str, ...] = ()

        def build(head: Head) -> list[Draft]:
            nonlocal start
            schedule = _find(fold_schedules(head.entries(NO_EXECUTION), head.fired), schedule_id)
            now = self._clock.now()
            found = due(schedule, now)
            start = found.start
            event: ScheduleEvent | None = None
            if found.skip is not None:
                event = ScheduleSkipped(schedule_id, schedule.plan.runbook_id, *found.skip, now)
            return [to_draft(event)] if event else []

        self._ledger.append(build)
        return _find(fold_schedules(self._ledger.entries(NO_EXECUTION), self._ledger.fired), schedule_id), start


def _require_inputs(executed_by: str, parameters: Mapping[str, Any], compute: Mapping[str, str]) -> None:
    if not 1 <= len(executed_by) <= 256:
        raise ParameterError(f"who runs it must be named in 1 to 256 characters, got {len(executed_by)}")
    both = sorted(parameters.keys() & compute.keys())
    if both:
        raise ParameterError(f"parameter {', '.join(both)} is given and computed: take one of them out")
    for text in compute.values():
        parse_expression(text)
    if len(dumps(as_recorded(dict(parameters)))) > _MAX_BYTES:
        raise ParameterError(f"a schedule's parameters have up to {_MAX_BYTES} bytes; let a step read larger data")


def _find(schedules: Mapping[str, Schedule], schedule_id: str) -> Schedule:
    if schedule_id not in schedules:
        raise UnknownScheduleError(f"no schedule {schedule_id} in this ledger; `runbooks schedules list` lists them")
    return schedules[schedule_id]
