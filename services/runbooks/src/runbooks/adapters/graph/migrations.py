"""What a graph must have before runbooks use it: constraints and indexes, made by numbered migrations, each once.

Applied migrations are nodes `(:RunbookMigration {id, at})`. A migration's statements can be repeated, so a process that
dies between them and the node, or races another one, does no harm; a uniqueness constraint lets one node in. Rules: a
released migration never changes, a new one goes to the end, and every statement is portable Cypher (docs/adr/0004).
"""

from __future__ import annotations

__all__ = ["MIGRATIONS", "Applied", "MigratableGraph", "Migration", "applied", "migrate"]

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from runbooks.errors import PermanentPortError

_SHOWN_VALUES = 3


@dataclass(frozen=True)
class Migration:
    """`unique` and `indexed` are pairs of a label and a property."""

    id: str
    unique: Sequence[tuple[str, str]] = ()
    indexed: Sequence[tuple[str, str]] = ()


# The ids are text: a unique property holds text on every product (docs/adr/0004).
MIGRATIONS: tuple[Migration, ...] = (
    Migration("0001-receipts", unique=[("RunbookReceipt", "key")]),
    Migration("0002-identities", unique=[("Entity", "id"), ("Document", "id"), ("Technique", "id")]),
    Migration(
        "0003-lookups", indexed=[("Entity", "kind"), ("Document", "publishedOn"), ("Document", "publishedIn")]
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Applied:
    """A migration that the graph has; `at` is RFC 3339 in UTC."""

    id: str
    at: str


class MigratableGraph(Protocol):
    """What a graph must offer to be migrated."""

    async def query(self, statement: str, parameters: dict[str, Any]) -> list[Any]:
        """Rows of a statement that reads."""
        ...

    async def execute(self, statement: str, parameters: dict[str, Any]) -> None:
        """Run and commit one statement, a schema command too; raises PortError."""
        ...


async def applied(graph: MigratableGraph) -> list[Applied]:
    """The migrations that the graph has, in order; changes nothing.

    Raises PermanentPortError, code `graph.newer`, when a later version of runbooks has migrated the graph.
    """
    rows = await graph.query("MATCH (m:RunbookMigration) RETURN m.id AS id, m.at AS at ORDER BY id", {})
    unknown = [str(row["id"]) for row in rows if row["id"] not in {migration.id for migration in MIGRATIONS}]
    if unknown:
        raise PermanentPortError(
            f"the graph has migration {', '.join(unknown)}, which this version does not know; "
            f"its last one is {MIGRATIONS[-1].id}: use the version of runbooks that made it, or a later one",
            code="graph.newer",
        )
    return [Applied(row["id"], row["at"]) for row in rows]


async def migrate(graph: MigratableGraph) -> list[str]:
    """Apply what the graph lacks, in order; the ids of what this call applied.

    Raises PermanentPortError: `graph.newer`, `graph.constraint` naming values that are there twice, `graph.forbidden`
    for an account that may not change the schema.
    """
    done = {item.id for item in await applied(graph)}
    pending = [migration for migration in MIGRATIONS if migration.id not in done]
    if not pending:
        return []
    await _apply(graph, Migration("the migrations themselves", unique=[("RunbookMigration", "id")]))
    return [migration.id for migration in pending if await _applied_now(graph, migration)]


async def _applied_now(graph: MigratableGraph, migration: Migration) -> bool:
    """False when another process was faster to say so."""
    await _apply(graph, migration)
    at = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    try:
        await graph.execute("CREATE (:RunbookMigration {id: $id, at: $at})", {"id": migration.id, "at": at})
    except PermanentPortError as error:
        if error.code != "graph.constraint":
            raise
        return False
    return True


async def _apply(graph: MigratableGraph, migration: Migration) -> None:
    for label, prop in migration.unique:
        statement = (
            f"CREATE CONSTRAINT runbooks_{label}_{prop}_unique IF NOT EXISTS "
            f"FOR (node:{label}) REQUIRE node.{prop} IS UNIQUE"
        )
        try:
            await _change(graph, migration, statement)
        except PermanentPortError:
            await _require_unique(graph, migration, label, prop)
            raise
    for label, prop in migration.indexed:
        statement = f"CREATE INDEX runbooks_{label}_{prop} IF NOT EXISTS FOR (node:{label}) ON (node.{prop})"
        await _change(graph, migration, statement)


async def _change(graph: MigratableGraph, migration: Migration, statement: str) -> None:
    try:
        try:
            await graph.execute(statement, {})
        except PermanentPortError as error:
            if error.code != "graph.failed":
                raise
            # Where two processes make the same at once, Neo4j fails in spite of IF NOT EXISTS; now it is there.
            await graph.execute(statement, {})
    except PermanentPortError as error:
        message = f"the graph's migration {migration.id} failed: {error}"
        if error.code == "graph.forbidden":
            message += "; run `runbooks graph migrate` once with an account that may change the schema"
        raise PermanentPortError(message, code=error.code) from error


async def _require_unique(graph: MigratableGraph, migration: Migration, label: str, prop: str) -> None:
    statement = (
        f"MATCH (node:{label}) WHERE node.{prop} IS NOT NULL WITH node.{prop} AS value, count(*) AS nodes "
        f"WHERE nodes > 1 RETURN value, nodes ORDER BY nodes DESC, value LIMIT {_SHOWN_VALUES + 1}"
    )
    rows = await graph.query(statement, {})
    if rows:
        shown = ", ".join(f"{row['value']!r} ({row['nodes']} nodes)" for row in rows[:_SHOWN_VALUES])
        more = " and others" if len(rows) > _SHOWN_VALUES else ""
        raise PermanentPortError(
            f"the graph's migration {migration.id} needs {label}.{prop} to be unique, but it is not: {shown}{more}; "
            "make one node of each, or change the property, and open the graph again",
            code="graph.constraint",
        )
