"""`runbooks serve`: the HTTP API and the console on this machine."""

from __future__ import annotations

__all__ = ["open_listener", "serve"]

import asyncio
import ipaddress
import logging
import socket
import sys
from contextlib import AsyncExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runbooks.cli_sign_in import sign_in_link
from runbooks.console import Graph
from runbooks.errors import SettingsError
from runbooks.settings import Settings, console_folder, load_settings

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


def serve(
    home: Home = None,
    host: Annotated[str, typer.Option(help="Where to listen; loopback unless a proxy with TLS stands before it")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8741,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy with TLS stands before it: allow an address others reach")
    ] = False,
    graph: Graph = None,
    log_format: Annotated[
        LogFormat | None, typer.Option("--log-format", help="Log lines for people or as JSON; else as in settings.json")
    ] = None,
) -> None:
    """Serve the API and the console of this data folder until it is stopped; prints a link that signs a browser in."""
    from runbooks.console import run
    from runbooks.telemetry.logs import set_up_logs

    settings = load_settings(home, graph=graph)
    set_up_logs(log_format.value if log_format else settings.log_format)
    with open_listener(settings, host, port, behind_proxy=behind_proxy) as listener:
        run(_serve(settings, listener, local=not behind_proxy))


def open_listener(settings: Settings, host: str, port: int, *, behind_proxy: bool) -> socket.socket:
    """A socket that listens there; raises SettingsError for an address that must not be, or is taken."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        if not ipaddress.ip_address(address[0]).is_loopback:
            _require_proxy(settings, host, behind_proxy=behind_proxy)
        listener = socket.create_server((str(address[0]), port), family=family)
    except OSError as error:
        raise SettingsError(f"cannot listen on {host} port {port}: {error.strerror}; choose another --port") from error
    # Connections inherit it. Without it the body of an answer waits behind its head for 40 ms, until the head's
    # arrival is confirmed; asyncio sets it only on sockets that it makes itself.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _require_proxy(settings: Settings, host: str, *, behind_proxy: bool) -> None:
    if not behind_proxy:
        raise SettingsError(
            f"--host {host} can be reached by others, who could read every token and cookie on the way: put a proxy "
            "with TLS before the service and say --behind-proxy, or listen on 127.0.0.1",
            code="serve.exposed",
        )
    if not settings.origins:
        raise SettingsError(
            '--behind-proxy: say where people reach the service, `"origins": ["https://runbooks.example.com"]` in '
            f"{settings.home / 'settings.json'}",
            code="serve.origins",
        )


async def _serve(settings: Settings, listener: socket.socket, *, local: bool) -> None:
    from runbooks.api.live import Hub
    from runbooks.api.origins import Origins
    from runbooks.service import has_shared_ledger, open_runner, open_scheduler
    from runbooks.serving import open_backend
    from runbooks.telemetry import Telemetry

    address, port = listener.getsockname()[:2]
    own = f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"
    hub, origins = Hub(), Origins.of([*settings.origins, *([own] if local else [])], port)
    async with AsyncExitStack() as stack:
        telemetry = Telemetry()
        stack.callback(telemetry.close)

        def progress(event: Event, execution: Execution) -> None:
            hub.take(event, execution)
            telemetry.take(event, execution)

        opened = open_runner(settings, progress=progress, watched=telemetry.observed)
        runner = await stack.enter_async_context(opened)
        telemetry.look = lambda name: runner.get_status(name).started
        backend = await stack.enter_async_context(open_backend(settings, runner, hub, origins, telemetry))
        if not has_shared_ledger(settings):
            backend.dispatcher.recover()
        with open_scheduler(settings, runner, backend.dispatcher.run) as scheduler:
            await _invite(settings, backend, next(iter(settings.origins), own), local=local)
            await _until_stopped(backend, scheduler, listener)


async def _invite(settings: Settings, backend: Backend, origin: str, *, local: bool) -> None:
    """Print how to sign in: where others may read what is printed, without a code."""
    from runbooks.api.rights import RIGHTS
    from runbooks.serving import open_sessions

    with open_sessions(settings) as sessions:
        sessions.serve_at(origin)
        if not local:
            told = f"{origin}/console; `runbooks sign-in` makes a link that signs in"
        elif await backend.gate.allows(settings.subject, RIGHTS["GET", "/me"]):
            told = sign_in_link(origin, sessions.offer(settings.subject))
        else:
            told = f"{origin}; {settings.subject} has no role: name others with `runbooks sign-in --as`"
    sys.stdout.write(f"{told}\n")
    sys.stdout.flush()


async def _until_stopped(backend: Backend, scheduler: Scheduler, listener: socket.socket) -> None:
    import uvicorn

    from runbooks.api.app import create_app

    # Streams never end by themselves.
    app = create_app(backend, console_folder())
    config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1)
    watches = [asyncio.create_task(_watch(backend)), asyncio.create_task(_start_what_is_due(scheduler))]
    try:
        await uvicorn.Server(config).serve(sockets=[listener])
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
