"""The command `runbooks notify`: deliver what waits in the outbox, and say what could not be delivered."""

from __future__ import annotations

__all__ = ["notify"]

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from runbooks.settings import Settings, load_settings

if TYPE_CHECKING:
    from runbooks.notifier import DeliveryReport, Undelivered


def notify(
    home: Annotated[
        Path | None, typer.Option("--home", help="Data folder; else $RUNBOOKS_HOME, else ./.runbooks")
    ] = None,
    retry_dead: Annotated[
        bool, typer.Option("--retry-dead", help="Try again what was given up, once its cause is mended")
    ] = False,
) -> None:
    """Deliver the mails and Slack messages that are due. Exit code 1 when some were given up."""
    report = asyncio.run(_deliver(load_settings(home), retry_dead=retry_dead))
    typer.echo(f"sent {len(report.sent)}, pending {len(report.pending)}, dead {len(report.dead)}")
    for item in report.pending:
        typer.echo(_line("pending", item))
    for item in report.dead:
        typer.echo(_line("dead", item))
    if report.dead:
        raise typer.Exit(1)


async def _deliver(settings: Settings, *, retry_dead: bool) -> DeliveryReport:
    from runbooks.announcer import announce
    from runbooks.service import open_notifier, open_runner

    async with open_notifier(settings) as notifier, open_runner(settings, writes=False) as runner:
        await announce(runner, notifier)
        if retry_dead:
            notifier.retry_dead()
        return await notifier.deliver()


def _line(state: str, item: Undelivered) -> str:
    due = f", due {item.next_at}" if state == "pending" and item.next_at else ""
    return f"  {state:<7} {item.channel:<5} {item.message_id}{due}: {item.reason}"
