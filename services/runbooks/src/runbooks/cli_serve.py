"""`runbooks serve` and `runbooks tokens`: the HTTP API on this machine."""

from __future__ import annotations

__all__ = ["serve", "tokens"]

import asyncio
import logging
from contextlib import AsyncExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runbooks.console import Graph
from runbooks.settings import Settings, load_settings

if TYPE_CHECKING:
    from runbooks.api.backend import Backend
    from runbooks.events import Event
    from runbooks.execution import Execution
    from runbooks.scheduler import Scheduler, Tick

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 10.0


class LogFormat(StrEnum):
    """How log lines look."""

    TEXT = "text"
    JSON = "json"


Home = Annotated[Path | None, typer.Option("--home", help="Data folder; else $RUNBOOKS_HOME, else ./.runbooks")]


def tokens(add: Annotated[str, typer.Option("--add", help="Whose token it will be")], home: Home = None) -> None:
    """Make a bearer token for the API; it is shown this once."""
    from runbooks.adapters.tokens import TokenFile
    from runbooks.service import locked

    settings = load_settings(home)
    with locked(settings.home):
        typer.echo(TokenFile(settings.home / "tokens.json").add(add))


def serve(
    home: Home = None,
    host: Annotated[str, typer.Option(help="Where to listen; loopback unless a proxy with TLS stands before it")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8741,
    graph: Graph = None,
    log_format: Annotated[
        LogFormat | None, typer.Option("--log-format", help="Log lines for people or as JSON; else as in settings.json")
    ] = None,
) -> None:
    """Serve the HTTP API of this data folder until it is stopped."""
    from runbooks.console import run
    from runbooks.telemetry.logs import set_up_logs

    settings = load_settings(home, graph=graph)
    set_up_logs(log_format.value if log_format else settings.log_format)
    run(_serve(settings, host, port))


async def _serve(settings: Settings, host: str, port: int) -> None:
    from runbooks.api.live import Hub
    from runbooks.service import has_shared_ledger, open_runner, open_scheduler
    from runbooks.serving import open_backend
    from runbooks.telemetry import Telemetry

    hub = Hub()
    async with AsyncExitStack() as stack:
        telemetry = Telemetry()
        stack.callback(telemetry.close)

        def progress(event: Event, execution: Execution) -> None:
            hub.take(event, execution)
            telemetry.take(event, execution)

        opened = open_runner(settings, progress=progress, watched=telemetry.observed)
        runner = await stack.enter_async_context(opened)
        telemetry.look = lambda name: runner.get_status(name).started
        backend = await stack.enter_async_context(open_backend(settings, runner, hub, telemetry))
        if not has_shared_ledger(settings):
            backend.dispatcher.recover()
        with open_scheduler(settings, runner, backend.dispatcher.run) as scheduler:
            await _until_stopped(backend, scheduler, host, port)


async def _until_stopped(backend: Backend, scheduler: Scheduler, host: str, port: int) -> None:
    import uvicorn

    from runbooks.api.app import create_app

    # Streams never end by themselves.
    config = uvicorn.Config(create_app(backend), host=host, port=port, log_config=None, timeout_graceful_shutdown=1)
    watches = [asyncio.create_task(_watch(backend)), asyncio.create_task(_start_what_is_due(scheduler))]
    try:
        await uvicorn.Server(config).serve()
    finally:
        for watch in watches:
            watch.cancel()
        await asyncio.gather(*watches, return_exceptions=True)


async def _watch(backend: Backend) -> None:
    """Let reviews expire and messages go out that nobody asks for; what fails is tried again at the next look."""
    from runbooks.errors import RunbooksError

    while True:
        try:
            await backend.runner.expire_overdue()
            await backend.after()
        except RunbooksError as error:
            _log.warning("%s [%s]", error, error.code)
        await asyncio.sleep(_LOOK_SECONDS)


async def _start_what_is_due(scheduler: Scheduler) -> None:
    """Go on with what a process before left unfinished, and start what schedules make due."""
    told: set[str] = set()

    async def tell(report: Tick) -> None:
        # What cannot start stays due and is found at every look: it is said once.
        for warning in report.warnings():
            if warning not in told:
                told.add(warning)
                _log.warning("%s", warning)

    await tell(await scheduler.recover())
    await scheduler.watch(_LOOK_SECONDS, tell)
