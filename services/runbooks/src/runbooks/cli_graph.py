"""`runbooks graph`: what migrations a graph has and lacks. It parses, calls the adapter, and prints."""

from __future__ import annotations

__all__ = ["graph_app"]

from pathlib import Path
from typing import Annotated

import typer

from runbooks.console import Graph, run
from runbooks.settings import Settings, load_settings

# An index over a big graph takes minutes to build.
_MIGRATION_SECONDS = 3600.0

graph_app = typer.Typer(no_args_is_help=True, help="The graph: its constraints and indexes.")

Home = Annotated[Path | None, typer.Option("--home", help="Data folder; else $RUNBOOKS_HOME, else ./.runbooks")]


@graph_app.command()
def status(home: Home = None, graph: Graph = None) -> None:
    """Show which migrations the graph has, and when it got them; changes nothing. Exit code 1 when some are missing."""
    run(_with_graph(load_settings(home, graph=graph), migrates=False))


@graph_app.command()
def migrate(home: Home = None, graph: Graph = None) -> None:
    """Make the constraints and indexes that are missing; every command that uses the graph does so as well."""
    run(_with_graph(load_settings(home, graph=graph), migrates=True))


async def _with_graph(settings: Settings, *, migrates: bool) -> None:
    from runbooks.adapters.graph.migrations import MIGRATIONS, applied
    from runbooks.service import locked, open_graph_of

    with locked(settings.home):
        graph = await open_graph_of(settings, timeout=_MIGRATION_SECONDS, migrated=migrates)
        try:
            found = {item.id: item.at for item in await applied(graph)}
        finally:
            await graph.close()
    for migration in MIGRATIONS:
        typer.echo(f"{migration.id:<20} {found.get(migration.id, 'missing')}")
    if len(found) < len(MIGRATIONS):
        raise typer.Exit(1)
