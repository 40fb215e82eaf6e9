"""`runbooks schedules` as people and timers call it, and `runbooks serve`, which starts what is due by itself."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from runbooks.adapters.ledger.sqlite import SqliteLedger
from runbooks.lint import load_definition
from runbooks.schedule_book import ScheduleBook

from services.runbooks.tests.simulator import ClockSimulator
from services.runbooks.tests.test_serve_command import RUNBOOKS, command, served

pytestmark = pytest.mark.real

RUNBOOK = {
    "runbookId": "W",
    "name": "weekly",
    "version": "1",
    "parameters": {"type": "object", "properties": {"period": {"type": "string"}}, "required": ["period"]},
    "steps": [{"stepId": "a", "type": "transform", "inputs": "parameters", "expression": "period"}],
}
SET = ("schedules", "add", "W", "--cron", "0 6 * * 1", "--time-zone", "Europe/Vienna", "--as", "ann")
COMPUTE = ("--compute", "period=scheduled.previousWeek")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "w.json").write_text(json.dumps(RUNBOOK))
    (tmp_path / "settings.json").write_text('{"templates": "templates"}')
    return tmp_path


def set_long_ago(home: Path) -> None:
    ledger = SqliteLedger(home / "ledger.sqlite")
    book = ScheduleBook(ledger, ClockSimulator(datetime(2026, 3, 1, tzinfo=UTC)))
    plan = {"cron": "0 6 * * 1", "time_zone": "UTC", "missed": "latest", "executed_by": "ann"}
    definition = load_definition(json.dumps(RUNBOOK).encode())
    book.add(definition, **plan, parameters={}, compute={"period": "scheduled.week"})  # type: ignore[arg-type]
    ledger.close()


def test_schedules_are_set_listed_paused_resumed_and_removed(home: Path) -> None:
    assert command(home, "schedules", "list").stdout == "no schedules\n"
    refused = command(home, *SET)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert '"period" is a required property' in refused.stderr
    assert "expected name=JSONata" in command(home, *SET, "--compute", "period").stderr
    assert "no runbook Q" in command(home, "schedules", "add", "Q", "--cron", "0 6 * * 1").stderr
    assert command(home, "schedules", "list").stdout == "no schedules\n"
    assert command(home, *SET, *COMPUTE).stdout.startswith("S1: W runs first at 20")
    assert command(home, "schedules", "pause", "S1").stdout == "S1: paused\n"
    listed = command(home, "schedules", "list").stdout
    assert listed == "S1   W            paused                0 6 * * 1  Europe/Vienna  latest  ann\n"
    assert command(home, "schedules", "resume", "S1").stdout == "S1: active\n"
    assert command(home, "schedules", "remove", "S1").stdout == "S1: removed\n"
    assert command(home, "schedules", "remove", "S1").returncode == 1
    assert "no execution S1" in command(home, "status", "S1").stderr
    assert command(home, "fsck").stdout == "ledger intact: 4 entries\n"


def test_a_timer_starts_what_is_due_and_is_told_what_cannot_start(home: Path) -> None:
    set_long_ago(home)
    template = home / "templates" / "w.json"
    template.rename(home / "w.json")
    missing = command(home, "schedules", "run", "--until-idle")
    assert missing.returncode == 1
    assert "no runbook W; known: none" in missing.stderr
    (home / "w.json").rename(template)
    ran = command(home, "schedules", "run", "--until-idle")
    assert ran.returncode == 0, ran.stderr
    assert "W-0001-" in ran.stdout.splitlines()[-1]
    assert ran.stdout.splitlines()[-1].endswith(" completed")
    again = command(home, "schedules", "run")
    assert (again.returncode, again.stdout) == (0, "")


def test_a_watch_starts_what_is_due_until_it_is_stopped(home: Path) -> None:
    set_long_ago(home)
    watch = [RUNBOOKS, "schedules", "run", "--watch", "0.2", "--home", str(home)]
    with subprocess.Popen(watch, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any("completed" in line for line in process.stdout)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    assert command(home, "status").stdout.count("completed") == 1


def test_serve_starts_what_is_due_while_schedules_are_changed_beside_it(home: Path) -> None:
    set_long_ago(home)
    with served(home):
        until = time.monotonic() + 30
        while time.monotonic() < until and "completed" not in command(home, "status").stdout:
            time.sleep(0.2)
        assert command(home, "status").stdout.count("completed") == 1
        assert command(home, "schedules", "pause", "S1").returncode == 0
    assert command(home, "fsck").returncode == 0
