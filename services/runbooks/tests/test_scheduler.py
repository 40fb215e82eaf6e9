"""Schedules on a real ledger: set up, due, started once by whoever is first, and faults that change nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from runbooks.adapters.ledger.sqlite import SqliteLedger
from runbooks.canonical import dumps, loads
from runbooks.definition import Definition
from runbooks.errors import LedgerConflictError, RunbooksError, SettingsError
from runbooks.ledger import verify_chain
from runbooks.runner import RunbookRunner
from runbooks.schedule_book import ScheduleBook
from runbooks.scheduler import Scheduler
from runbooks.schedules import Occurrence

from services.runbooks.tests.simulator import ClockSimulator, Faults, Mortal, ProcessDied, World, define, step

START = datetime(2026, 3, 27, 12, tzinfo=UTC)
WEEKLY: dict[str, Any] = {
    "cron": "0 6 * * 1",
    "time_zone": "Europe/Vienna",
    "missed": "all",
    "executed_by": "ann",
    "parameters": {},
    "compute": {"period": "scheduled.previousWeek"},
}
PERIOD = {"type": "object", "properties": {"period": {"type": "string", "pattern": "^[0-9]{4}-W[0-9]{2}$"}}}


def weekly(**members: Any) -> Definition:
    text = step("tell", "transform", dependsOn=[], inputs="parameters", expression="period")
    return define(text, runbookId="W", parameters={**PERIOD, "required": ["period"]}, **members)


def find(name: str) -> Definition:
    if name != "W":
        raise SettingsError(f"no runbook {name}", code="runbook.unknown")
    return weekly()


def opened(home: Path, faults: Faults | None = None, *, days: float = 0) -> World:
    world = World(home, clock=ClockSimulator(START + timedelta(days=days)))
    world.faults = faults or Faults()  # type: ignore[attr-defined]
    return world


def book_of(world: World) -> ScheduleBook:
    ledger: Any = Mortal(SqliteLedger(world.home / "ledger.sqlite"), "book", world.faults)  # type: ignore[attr-defined]
    return ScheduleBook(ledger, world.clock)


def scheduler(world: World, runner: RunbookRunner | None = None) -> Scheduler:
    return Scheduler(book_of(world), runner or world.runner(world.faults), world.clock, find)  # type: ignore[attr-defined]


def started(world: World) -> list[tuple[str, str]]:
    """(nominal time, period) of every scheduled execution."""
    found = [item for item in world.runner().executions() if item.schedule is not None]
    return [(item.schedule["at"], item.parameters["period"]) for item in found if item.schedule]


async def test_each_week_starts_once_in_the_name_of_who_set_it_up(memory_path: Path) -> None:
    world = opened(memory_path)
    assert book_of(world).add(weekly(), **WEEKLY).plan.schedule_id == "S1"
    assert (await scheduler(world).tick()).ran == []
    later = opened(memory_path, days=11)
    report = await scheduler(later).run_until_idle()
    assert [execution.outcome for _, execution in report.ran] == ["completed"] * 2
    assert started(later) == [("2026-03-30T04:00:00Z", "2026-W13"), ("2026-04-06T04:00:00Z", "2026-W14")]
    assert {item.executed_by for item in later.runner().executions()} == {"ann"}
    assert (await scheduler(later).tick()).ran == []
    assert (await scheduler(opened(memory_path, days=-30)).tick()).ran == []
    assert [item.upcoming for item in book_of(later).schedules()] == ["2026-04-13T04:00:00Z"]
    assert verify_chain(SqliteLedger(memory_path / "ledger.sqlite").entries()) > 5


async def test_the_latest_starts_and_what_was_missed_is_recorded_as_skipped(memory_path: Path) -> None:
    world = opened(memory_path)
    book_of(world).add(weekly(), **{**WEEKLY, "missed": "latest"})
    later = opened(memory_path, days=25)
    await scheduler(later).tick()
    assert started(later) == [("2026-04-20T04:00:00Z", "2026-W16")]
    [entry] = SqliteLedger(memory_path / "ledger.sqlite").entries(kind="ScheduleSkipped")
    members = loads(entry.draft.body)["members"]
    assert (members["first"], members["last"]) == ("2026-03-30T04:00:00Z", "2026-04-13T04:00:00Z")
    assert (entry.draft.execution_id, entry.draft.runbook_id, entry.draft.step_id) == ("", "W", None)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "cron": ({"cron": "61 * * * *"}, "schedule.cron"),
    "a cron that never comes": ({"cron": "0 0 30 2 *"}, "schedule.cron"),
    "zone": ({"time_zone": "Mars/Olympus"}, "schedule.time_zone"),
    "missed": ({"missed": "some"}, "schedule.missed"),
    "a parameter that does not fit": ({"compute": {"period": "scheduled.date"}}, "parameter.invalid"),
    "a parameter that is missing": ({"compute": {}}, "parameter.invalid"),
    "a parameter that is unknown": ({"parameters": {"n": 1}}, "parameter.invalid"),
    "a parameter given twice": ({"parameters": {"period": "2026-W01"}}, "parameter.invalid"),
    "an expression that does not parse": ({"compute": {"period": "1 +"}}, "expression.syntax"),
    "a clock in an expression": ({"compute": {"period": "$now()"}}, "expression.refused"),
    "an expression that fails": ({"compute": {"period": "$error('no')"}}, "expression.failed"),
    "nobody": ({"executed_by": ""}, "parameter.invalid"),
    "too much": ({"parameters": {"x": "a" * 70_000}}, "parameter.invalid"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_schedule_with_a_fault_is_refused_and_nothing_is_recorded(memory_path: Path, name: str) -> None:
    members, code = BAD[name]
    with pytest.raises(RunbooksError) as caught:
        book_of(opened(memory_path)).add(weekly(), **{**WEEKLY, **members})
    assert caught.value.code == code
    assert SqliteLedger(memory_path / "ledger.sqlite").entries() == []


def test_a_schedule_is_paused_resumed_and_removed_once(memory_path: Path) -> None:
    book = book_of(opened(memory_path))
    book.add(weekly(), **WEEKLY)
    assert book.change("S1", "pause", by="ben").state == "paused"
    for change, code in (("pause", "schedule.state"), ("resume", ""), ("resume", "schedule.state"), ("remove", "")):
        if not code:
            book.change("S1", change, by="ben")
            continue
        with pytest.raises(RunbooksError) as caught:
            book.change("S1", change, by="ben")
        assert caught.value.code == code
    assert book.schedules() == []
    for name, code in (("S1", "schedule.state"), ("S2", "schedule.unknown")):
        with pytest.raises(RunbooksError) as caught:
            book.change(name, "remove", by="ben")
        assert caught.value.code == code
    assert book.add(weekly(), **WEEKLY).plan.schedule_id == "S2"


async def test_what_cannot_start_stays_due_and_starts_when_it_can(memory_path: Path) -> None:
    world = opened(memory_path)
    book_of(world).add(weekly(), **WEEKLY)
    later = opened(memory_path, days=4)
    gone = Scheduler(book_of(later), later.runner(), later.clock, lambda name: find("gone"))
    report = await gone.run_until_idle()
    assert report.warnings() == ["schedule S1, 2026-03-30T04:00:00Z: no runbook gone [runbook.unknown]"]
    assert [item.plan.schedule_id for item in book_of(later).due()] == ["S1"]
    assert len((await scheduler(later).tick()).ran) == 1


async def test_authority_is_asked_when_it_runs_and_of_who_set_it_up(memory_path: Path) -> None:
    claim = {"type": "opa", "policy": "acl.allow", "input": {"action": "read", "resource": "entity"}}
    text = step("tell", "transform", dependsOn=[], expression="1", preconditions=["may"])
    gated = define(text, runbookId="W", parameters=PERIOD, provers={"preconditions": {"may": claim}})
    for name in ("ann", "eve"):
        book_of(opened(memory_path)).add(gated, **{**WEEKLY, "executed_by": name})
    later = opened(memory_path, days=4)
    report = await Scheduler(book_of(later), later.runner(), later.clock, lambda name: gated).tick()
    outcomes = {item.started.executed_by: item.outcome for _, item in report.ran if item.started}
    assert outcomes == {"ann": "completed", "eve": "held"}


async def test_a_time_that_is_settled_or_paused_meanwhile_does_not_start(memory_path: Path) -> None:
    world = opened(memory_path)
    book_of(world).add(weekly(), **WEEKLY)
    runner = opened(memory_path, days=4).runner()
    once = Occurrence("S1", "2026-03-30T04:00:00Z")
    runner.start(weekly(), {"period": "2026-W13"}, executed_by="ann", occurrence=once)
    book = book_of(opened(memory_path, days=4))
    book.change("S1", "pause", by="ben")
    for occurrence in (once, Occurrence("S1", "2026-04-06T04:00:00Z"), Occurrence("S9", "2026-04-06T04:00:00Z")):
        with pytest.raises(LedgerConflictError):
            runner.start(weekly(), {"period": "2026-W13"}, executed_by="ann", occurrence=occurrence)
    assert len(runner.executions()) == 1


async def test_a_death_at_any_moment_starts_no_time_twice_and_loses_none(memory_path: Path) -> None:
    book_of(opened(memory_path / "first")).add(weekly(), **WEEKLY)
    expected = [("2026-03-30T04:00:00Z", "2026-W13"), ("2026-04-06T04:00:00Z", "2026-W14")]
    counted = Faults()
    shutil.copytree(memory_path / "first", memory_path / "counted")
    await scheduler(opened(memory_path / "counted", counted, days=11)).run_until_idle()
    names = {moment.split()[1] for moment in counted.moments}
    assert names >= {"book.append", "book.entries", "book.fired", "ledger.append", "blobs.put", "step_signer.sign"}
    unfinished = 0
    for at in range(len(counted.moments)):
        home = memory_path / str(at)
        shutil.copytree(memory_path / "first", home)
        with suppress(ProcessDied):
            await scheduler(opened(home, Faults(at), days=11)).run_until_idle()
        world = opened(home, days=11)
        following = scheduler(world)
        unfinished += len((await following.recover()).ran)
        await following.run_until_idle()
        assert started(world) == expected, counted.moments[at]
        assert {world.runner().get_status(item.execution_id).outcome for item in world.runner().executions()} == {
            "completed"
        }
    assert unfinished > 0


PROCESS = """
import asyncio, sys
from pathlib import Path
from services.runbooks.tests.test_scheduler import opened, scheduler
async def main():
    world = opened(Path(sys.argv[1]), days=200)
    print("ready", flush=True)
    sys.stdin.readline()
    report = await scheduler(world).run_until_idle()
    assert not report.faults, report.warnings()
    print(len(report.ran))
asyncio.run(main())
"""


def test_two_processes_start_each_time_once_between_them(tmp_path: Path) -> None:
    world = opened(tmp_path)
    book = book_of(world)
    book.add(weekly(), **WEEKLY)
    book.add(weekly(), **{**WEEKLY, "cron": "0 6 * * 1,4", "missed": "latest"})
    root = Path(__file__).parents[3]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(tmp_path)],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    ran = [int(process.communicate(timeout=120)[0]) for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    found = [item.schedule for item in world.runner().executions() if item.schedule]
    counts = Counter((item["scheduleId"], item["at"]) for item in found)
    assert set(counts.values()) == {1}
    assert sum(ran) == len(found) == 29 + 1
    assert [item["at"] for item in found if item["scheduleId"] == "S1"] == sorted(
        item["at"] for item in found if item["scheduleId"] == "S1"
    )
    assert verify_chain(SqliteLedger(tmp_path / "ledger.sqlite").entries()) > 29


async def test_a_ledger_of_before_there_were_schedules_is_read_and_an_unscheduled_start_says_nothing_of_them(
    memory_path: Path,
) -> None:
    world = opened(memory_path)
    await world.runner().execute(weekly(), {"period": "2026-W01"}, executed_by="ann")
    ledger = SqliteLedger(memory_path / "ledger.sqlite")
    [entry] = ledger.entries(kind="ExecutionStarted")
    members = json.loads(entry.draft.body)["members"]
    assert "schedule" not in members
    assert dumps({"members": members, "blobs": {}}) == entry.draft.body
    assert world.runner().executions()[0].schedule is None
    assert (ledger.fired("S1"), book_of(world).schedules()) == (None, [])
