"""`runbooks resume` goes on from the record as far as a pause lets it, and ends the pause when it is told why."""

from __future__ import annotations

import asyncio
from pathlib import Path

from runbooks.cli import app
from runbooks.service import open_runner
from runbooks.settings import load_settings
from typer.testing import CliRunner

from services.runbooks.tests.simulator import define, step


async def paused(home: Path) -> str:
    async with open_runner(load_settings(home)) as runner:
        started, _ = runner.start(define(step("s", "transform", dependsOn=[], expression="1")), {}, executed_by="ann")
        name = started.started.execution_id if started.started else ""
        runner.pause(name, "the source is being moved", by="bob")
        return name


def test_a_paused_execution_waits_until_its_pause_is_lifted(tmp_path: Path) -> None:
    name, shell = asyncio.run(paused(tmp_path)), CliRunner()
    found = shell.invoke(app, ["resume", name, "--home", str(tmp_path)])
    assert (found.exit_code, "paused by bob" in found.output) == (6, True), found.output
    found = shell.invoke(app, ["resume", name, "--lift-pause", "it is back", "--home", str(tmp_path)])
    assert (found.exit_code, "completed" in found.output) == (0, True), found.output
    found = shell.invoke(app, ["resume", name, "--lift-pause", "again", "--home", str(tmp_path)])
    assert found.exit_code == 1
