"""`runbooks schedules`: when runbooks run by themselves. It parses, calls the service, and prints."""

from __future__ import annotations

__all__ = ["schedules_app"]

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from runbooks.console import read_inputs, run_with
from runbooks.errors import ParameterError
from runbooks.settings import Settings, load_settings

if TYPE_CHECKING:
    from runbooks.scheduler import Tick

schedules_app = typer.Typer(no_args_is_help=True, help="Schedules: set up, list, pause, and start what is due.")

Home = Annotated[Path | None, typer.Option("--home", help="Data folder; else $RUNBOOKS_HOME, else ./.runbooks")]
ScheduleId = Annotated[str, typer.Argument(help="e.g. S1")]
Person = Annotated[str | None, typer.Option("--as", help="Who says it; else the setting `subject`")]


class Missed(StrEnum):
    """What happens to times for which nothing started."""

    latest = "latest"
    skip = "skip"
    all = "all"


@schedules_app.command()
def add(  # noqa: PLR0913, PLR0917 (its options)
    name: Annotated[str, typer.Argument(help="runbookId of a template, as it stands whenever it is due")],
    cron: Annotated[str, typer.Option(help="minute hour day-of-month month day-of-week, e.g. '0 6 * * 1'")],
    home: Home = None,
    time_zone: Annotated[str, typer.Option("--time-zone", help="e.g. Europe/Vienna")] = "UTC",
    missed: Annotated[
        Missed, typer.Option(help="Of times that were missed: start the latest, skip them, or start all of them")
    ] = Missed.latest,
    subject: Annotated[str | None, typer.Option("--as", help="Who runs it; decides every authority question")] = None,
    inputs: Annotated[list[str] | None, typer.Option("--input", help="name=value; the value may be JSON")] = None,
    compute: Annotated[
        list[str] | None, typer.Option(help="name=JSONata over the time, e.g. period=scheduled.previousWeek")
    ] = None,
) -> None:
    """Run a runbook at the times of a cron expression, from now on."""
    from runbooks.service import find_runbook, open_schedules

    settings = load_settings(home)
    definition = find_runbook(settings, name, by_id=True)
    with open_schedules(settings) as book:
        schedule = book.add(
            definition,
            cron=cron,
            time_zone=time_zone,
            missed=missed.value,
            executed_by=subject or settings.subject,
            parameters=read_inputs(inputs or []),
            compute=_texts(compute or []),
        )
    typer.echo(f"{schedule.plan.schedule_id}: {definition.runbook_id} runs first at {schedule.upcoming}")


@schedules_app.command("list")
def list_(home: Home = None) -> None:
    """List the schedules and when each is due next; a time that has passed waits for `schedules run`."""
    from runbooks.service import open_schedules

    with open_schedules(load_settings(home)) as book:
        found = book.schedules()
    for schedule in found:
        plan = schedule.plan
        when = schedule.upcoming if schedule.state == "active" else schedule.state
        named = f"{plan.schedule_id:<4} {plan.runbook_id:<12} {when!s:<21}"
        typer.echo(f"{named} {plan.cron}  {plan.time_zone}  {plan.missed}  {plan.executed_by}")
    if not found:
        typer.echo("no schedules")


@schedules_app.command()
def remove(schedule_id: ScheduleId, person: Person = None, home: Home = None) -> None:
    """Take a schedule out for good; executions that it started go on."""
    _change(home, schedule_id, "remove", person)


@schedules_app.command()
def pause(schedule_id: ScheduleId, person: Person = None, home: Home = None) -> None:
    """Start nothing until it is resumed."""
    _change(home, schedule_id, "pause", person)


@schedules_app.command()
def resume(schedule_id: ScheduleId, person: Person = None, home: Home = None) -> None:
    """Go on with a paused schedule; what was due meanwhile does not start."""
    _change(home, schedule_id, "resume", person)


@schedules_app.command()
def run(
    home: Home = None,
    until_idle: Annotated[bool, typer.Option("--until-idle", help="Look again until nothing is due")] = False,
    watch: Annotated[
        float | None, typer.Option(min=0.1, help="Look every so many seconds, until it is stopped")
    ] = None,
) -> None:
    """Start what is due, once, as a timer would call it. Exit code 1 when something could not start."""
    settings = load_settings(home)
    faults = run_with(settings, lambda runner: _run(settings, runner, until_idle=until_idle, watch=watch))
    if faults:
        raise typer.Exit(1)


async def _run(settings: Settings, runner: Any, *, until_idle: bool, watch: float | None) -> bool:
    from runbooks.service import notify, open_scheduler

    async def tell(report: Tick) -> None:
        _tell(report)
        await notify(settings, runner)

    with open_scheduler(settings, runner) as scheduler:
        found = [await scheduler.recover()]
        if watch is not None:
            await tell(found[0])
            await scheduler.watch(watch, tell)
        found.append(await (scheduler.run_until_idle() if until_idle else scheduler.tick()))
    for report in found:
        _tell(report)
    return any(report.faults for report in found)


def _tell(report: Tick) -> None:
    for occurrence, execution in report.ran:
        name = execution.started.execution_id if execution.started else ""
        typer.echo(f"{occurrence.schedule_id:<4} {occurrence.at} {name} {execution.outcome}")
    for warning in report.warnings():
        typer.echo(f"warning: {warning}", err=True)


def _change(home: Path | None, schedule_id: str, change: str, person: str | None) -> None:
    from runbooks.service import open_schedules

    settings = load_settings(home)
    with open_schedules(settings) as book:
        schedule = book.change(schedule_id, change, by=person or settings.subject)
    typer.echo(f"{schedule_id}: {schedule.state}")


def _texts(inputs: list[str]) -> dict[str, str]:
    texts = {}
    for text in inputs:
        name, equals, value = text.partition("=")
        if not equals or not name or not value.strip():
            raise ParameterError(f"--compute {text!r}: expected name=JSONata, e.g. period=scheduled.previousWeek")
        texts[name] = value
    return texts
