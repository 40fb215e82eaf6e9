"""Starts what schedules make due, and keeps them in the ledger: `schedules` decides, this reads, writes and runs.

Any number of processes may share a ledger: whether a time is still open is asked inside the transaction that would
settle it. What cannot start now (no such runbook, parameters that no longer fit) stays due and is said.
"""

from __future__ import annotations

__all__ = ["Fault", "ScheduleBook", "Scheduler", "Tick"]

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from runbooks.canonical import as_recorded, dumps
from runbooks.definition import Definition
from runbooks.errors import (
    LedgerConflictError,
    ParameterError,
    RunbooksError,
    ScheduleError,
    UnknownScheduleError,
)
from runbooks.execution import Execution
from runbooks.expressions import parse_expression
from runbooks.ledger import Draft, Head
from runbooks.lint import require_parameters
from runbooks.ports import Clock, LedgerStore
from runbooks.runner import RunbookRunner
from runbooks.schedules import (
    MISSED,
    NO_EXECUTION,
    Occurrence,
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


@dataclass(frozen=True)
class Fault:
    """What could not be done now, for which time if it is one, and why."""

    occurrence: Occurrence | None
    error: RunbooksError


@dataclass
class Tick:
    """What one look gave: executions as far as they went, and what could not start."""

    ran: list[tuple[Occurrence, Execution]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def warnings(self) -> list[str]:
        """What could not be done, a sentence each."""
        return [f"{_where(fault)}: {fault.error} [{fault.error.code}]" for fault in self.faults]


class Scheduler:
    """Starts executions; `find` gives a runbook by its id, as it stands when it is due.

    `shared`: processes on other data folders write to the same ledger, and what they began is theirs to go on with.
    """

    def __init__(
        self,
        book: ScheduleBook,
        runner: RunbookRunner,
        clock: Clock,
        find: Callable[[str], Definition],
        *,
        shared: bool = False,
    ) -> None:
        self._shared = shared
        self._book = book
        self._runner = runner
        self._clock = clock
        self._find = find

    async def recover(self) -> Tick:
        """Go on with scheduled executions that a process left unfinished; those that wait for people wait on."""
        report = Tick()
        if self._shared:
            return report
        try:
            sealed = self._runner.ended()
            found = [item for item in self._runner.executions() if item.execution_id not in sealed]
        except RunbooksError as error:
            return Tick(faults=[Fault(None, error)])
        for started in found:
            if started.schedule is None:
                continue
            occurrence = Occurrence(started.schedule["scheduleId"], started.schedule["at"])
            try:
                report.ran.append((occurrence, await self._runner.resume(started.execution_id)))
            except RunbooksError as error:
                report.faults.append(Fault(occurrence, error))
        return report

    async def tick(self) -> Tick:
        """Settle everything that is due: different schedules side by side, the times of one after each other."""
        report = Tick()
        await asyncio.gather(*(self.catch_up(item.plan.schedule_id, report) for item in self._book.due()))
        return report

    async def run_until_idle(self) -> Tick:
        """Look again until nothing is due but what cannot start."""
        report = await self.tick()
        found = report
        while found.ran and not found.faults:
            found = await self.tick()
            report.ran += found.ran
            report.faults += found.faults
        return report

    async def watch(self, seconds: float, tell: Callable[[Tick], Awaitable[None]]) -> None:
        """Look every so many seconds, for ever; a schedule whose execution still runs holds up no other."""
        busy: dict[str, asyncio.Task[None]] = {}

        async def settle(schedule_id: str) -> None:
            report = Tick()
            await self.catch_up(schedule_id, report)
            await tell(report)

        try:
            while True:
                try:
                    names = [schedule.plan.schedule_id for schedule in self._book.due()]
                except RunbooksError as error:
                    await tell(Tick(faults=[Fault(None, error)]))
                    names = []
                for name in names:
                    if name not in busy or busy[name].done():
                        busy[name] = asyncio.create_task(settle(name))
                await self._clock.sleep(seconds)
        finally:
            for task in busy.values():
                task.cancel()
            await asyncio.gather(*busy.values(), return_exceptions=True)

    async def catch_up(self, schedule_id: str, report: Tick) -> None:
        """Settle what is due of one schedule, and add to the report what came of it."""
        try:
            schedule, times = self._book.settle(schedule_id)
        except RunbooksError as error:
            report.faults.append(Fault(None, error))
            return
        for at in times:
            occurrence = Occurrence(schedule_id, at)
            try:
                report.ran.append((occurrence, await self._run(schedule.plan, occurrence)))
            except LedgerConflictError:
                return  # another process was first, or somebody removed it
            except RunbooksError as error:
                report.faults.append(Fault(occurrence, error))
                return

    async def _run(self, plan: ScheduleSet, occurrence: Occurrence) -> Execution:
        definition = self._find(plan.runbook_id)
        parameters = parameters_at(plan, occurrence.at)
        execution, _ = self._runner.start(definition, parameters, executed_by=plan.executed_by, occurrence=occurrence)
        name = execution.started.execution_id if execution.started else ""
        return await self._runner.resume(name)


def _where(fault: Fault) -> str:
    named = fault.occurrence
    return f"schedule {named.schedule_id}, {named.at}" if named else "schedules"


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
