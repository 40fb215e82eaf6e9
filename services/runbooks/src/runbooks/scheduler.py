"""Starts what schedules make due: `schedules` decides, `schedule_book` reads and writes, this runs.

Any number of processes may share a ledger: whether a time is still open is asked inside the transaction that would
settle it. What cannot start now (no such runbook, parameters that no longer fit) stays due and is said.
"""

from __future__ import annotations

__all__ = ["Fault", "GoOn", "Scheduler", "Tick"]

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from runbooks.definition import Definition
from runbooks.errors import LedgerConflictError, RunbooksError
from runbooks.execution import Execution
from runbooks.ports import Clock
from runbooks.runner import RunbookRunner
from runbooks.schedule_book import ScheduleBook
from runbooks.schedules import Occurrence, ScheduleSet, parameters_at

# Goes on with the execution of that id, for that subject.
GoOn = Callable[[str, str], Awaitable[Execution]]


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
    `go_on` lets an execution go on as far as it goes, in the name of a subject; the runner does it at once without one.
    """

    def __init__(
        self,
        book: ScheduleBook,
        runner: RunbookRunner,
        clock: Clock,
        find: Callable[[str], Definition],
        *,
        shared: bool = False,
        go_on: GoOn | None = None,
    ) -> None:
        self._shared = shared
        self._book = book
        self._runner = runner
        self._clock = clock
        self._find = find
        self._go_on = go_on or (lambda execution_id, _: runner.resume(execution_id))

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
                report.ran.append((occurrence, await self._go_on(started.execution_id, started.executed_by)))
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
        return await self._go_on(name, plan.executed_by)


def _where(fault: Fault) -> str:
    named = fault.occurrence
    return f"schedule {named.schedule_id}, {named.at}" if named else "schedules"
