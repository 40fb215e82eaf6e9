"""`runbooks tokens` and `runbooks sign-in`: who may call the API, by token and by browser."""

from __future__ import annotations

__all__ = ["sign_in", "sign_in_link", "tokens"]

from pathlib import Path
from typing import Annotated

import typer

from runbooks.errors import ParameterError, SettingsError
from runbooks.settings import load_settings

Home = Annotated[Path | None, typer.Option("--home", help="Data folder; else $RUNBOOKS_HOME, else ./.runbooks")]


def tokens(
    add: Annotated[
        str | None, typer.Option("--add", help="Make one for that person or agent; it is shown once")
    ] = None,
    expires: Annotated[float | None, typer.Option(min=0.001, max=3650, help="With --add: for so many days")] = None,
    show: Annotated[bool, typer.Option("--list", help="All of them, without what opens")] = False,
    revoke: Annotated[str | None, typer.Option("--revoke", help="Take that one back, by its id in the list")] = None,
    home: Home = None,
) -> None:
    """Make, list and revoke the bearer tokens of the API; a running service sees it at once."""
    from runbooks.callers import rfc3339
    from runbooks.serving import open_tokens

    if sum((add is not None, show, revoke is not None)) != 1:
        raise ParameterError("say one of --add NAME, --list, --revoke ID")
    if expires is not None and add is None:
        raise ParameterError("--expires goes with --add")
    file = open_tokens(load_settings(home))
    if add is not None:
        typer.echo(file.add(add, days=expires))
    elif revoke is not None:
        typer.echo(f"revoked {revoke} of {file.revoke(revoke).subject}")
    else:
        for token in file.all():
            typer.echo(f"{token.token_id}  {rfc3339(token.expires) or 'never expires':<20}  {token.subject}")


def sign_in(
    subject: Annotated[str | None, typer.Option("--as", help="Who signs in; else `subject` of the settings")] = None,
    sign_out: Annotated[bool, typer.Option("--sign-out", help="End all sessions of that person instead")] = False,
    home: Home = None,
) -> None:
    """Print a link that signs a browser in, once and within ten minutes; the service must be running."""
    from runbooks.serving import open_sessions

    settings = load_settings(home)
    who = subject if subject is not None else settings.subject
    if not 1 <= len(who) <= 256:
        raise ParameterError("--as: expected 1 to 256 characters")
    with open_sessions(settings) as sessions:
        if sign_out:
            typer.echo(f"{sessions.end_all(who)} sessions of {who} ended")
            return
        origin = sessions.origin()
        if origin is None:
            raise SettingsError(f"no service has run on {settings.home}: start `runbooks serve --home {settings.home}`")
        typer.echo(sign_in_link(origin, sessions.offer(who)))


def sign_in_link(origin: str, code: str) -> str:
    """Where a browser signs in. The code is behind the #: no browser sends it, so no log has it."""
    return f"{origin}/console/sign-in#code={code}"
