"""`runbooks serve` and `runbooks tokens`: the HTTP API on this machine."""

from __future__ import annotations

__all__ = ["serve", "tokens"]

from pathlib import Path
from typing import Annotated

import typer

from runbooks.settings import Settings, load_settings

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
) -> None:
    """Serve the HTTP API of this data folder until it is stopped."""
    from runbooks.console import run

    run(_serve(load_settings(home), host, port))


async def _serve(settings: Settings, host: str, port: int) -> None:
    import uvicorn

    from runbooks.adapters.tokens import TokenFile
    from runbooks.api.app import create_app
    from runbooks.api.desk import Desk
    from runbooks.service import find_runbook, notify, open_runner

    known = TokenFile(settings.home / "tokens.json")
    async with open_runner(settings) as runner:
        desk = Desk(
            runner,
            lambda name: find_runbook(settings, name, by_id=True),
            known.subject,
            lambda: notify(settings, runner),
        )
        app = create_app(desk)
        await uvicorn.Server(uvicorn.Config(app, host=host, port=port, log_level="warning")).serve()
