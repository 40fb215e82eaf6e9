"""What all commands share: a runner to work with, an execution's last lines, exit codes."""

from __future__ import annotations

__all__ = ["EXIT_CODES", "Graph", "fail", "finish", "read_inputs", "require_graph", "run", "run_with", "terminal"]

import sys
from collections.abc import Coroutine
from typing import Annotated, Any, NoReturn, TypeVar

import typer

from runbooks.errors import ParameterError
from runbooks.settings import Settings

T = TypeVar("T")

# A password is never an option: command lines are read by everybody on the machine.
Graph = Annotated[
    str | None,
    typer.Option("--graph", help="A graph instead of the setting's: arcadedb:, bolt://…, neo4j://…, neo4j+s://…"),
]

EXIT_CODES = {
    "completed": 0,
    "overridden": 0,
    "blocked": 3,
    "held": 3,
    "failed": 4,
    "cancelled": 5,
    "waiting": 6,
    "paused": 6,
}


def run(work: Coroutine[Any, Any, T]) -> T:
    """The work's result; Ctrl-C is an exit with 130."""
    import asyncio

    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        fail("interrupted; nothing is lost: `runbooks resume last` goes on from the record", 130)


def run_with(settings: Settings, act: Any, *, writes: bool = True) -> Any:
    """What `act` gives with the runner of that data folder."""
    return run(_with_runner(settings, act, writes=writes))


async def _with_runner(settings: Settings, act: Any, *, writes: bool) -> Any:
    from runbooks.progress import ProgressView
    from runbooks.service import notify, open_runner

    async with open_runner(settings, progress=ProgressView(terminal()), writes=writes) as runner:
        result = await act(runner)
        report = await notify(settings, runner) if writes else None
        for item in (*report.pending, *report.dead) if report else ():
            told = f"not delivered by {item.channel}: {item.reason}; `runbooks notify` tries again"
            typer.echo(f"warning: {told}", err=True)
        return result


def require_graph(settings: Settings) -> None:
    """Raise SettingsError for a graph that no step could use: before an execution is opened that none could end."""
    from runbooks.adapters.graph import check_graph

    reader = (settings.graph_reader, settings.graph_reader_password) if settings.graph_reader else None
    check_graph(settings.graph, password=settings.graph_password, reader=reader)


def finish(execution: Any) -> NoReturn:
    """Say how an execution stands, and exit with its code."""
    from runbooks.progress import print_outcome

    print_outcome(terminal(), execution)
    raise typer.Exit(EXIT_CODES[execution.outcome])


def read_inputs(inputs: list[str]) -> dict[str, Any]:
    """The parameters of options `name=value`, whose values may be JSON; raises ParameterError."""
    from runbooks.canonical import loads
    from runbooks.errors import CanonicalError

    parameters = {}
    for text in inputs:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise ParameterError(f"--input {text!r}: expected name=value")
        try:
            parameters[name] = loads(value.encode())
        except CanonicalError as error:
            if error.code != "json.syntax":
                raise ParameterError(f"--input {name}: {error}") from error
            parameters[name] = value
    return parameters


def terminal() -> Any:
    """Where people read. When nobody does any more (`| head`), the work goes on in silence."""
    import os

    from rich.console import Console

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            # Rich would end the process here, and with it an execution in its midst.
            self.quiet = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    return Terminal(highlight=False, soft_wrap=True)


def fail(message: str, code: int) -> NoReturn:
    """Say why, and exit."""
    typer.echo(f"error: {message}", err=True)
    sys.exit(code)
