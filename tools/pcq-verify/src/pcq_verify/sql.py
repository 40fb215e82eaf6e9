"""One statement over a step's recorded inputs, with the engine that the context names (spec/execution.md, 3.1).

Runs in the sandbox's child. The engine is an extra of this package; nothing else needs it.
"""

from __future__ import annotations

__all__ = ["StatementError", "UnavailableEngineError", "load_engine", "rows_of"]

import json
from typing import Any

from pcq_verify.jcs import canonical
from pcq_verify.sql_tree import Tree
from pcq_verify.sql_values import Table, check_names, require_type, tables_of, to_json


class StatementError(ValueError):
    """The statement is refused, or fails over these inputs."""


class UnavailableEngineError(LookupError):
    """The engine is not installed, or in another version."""


def load_engine(wanted: str | None) -> Any:
    """The engine's module if it is the one `wanted`; raises UnavailableEngineError."""
    try:
        import duckdb
    except ImportError:
        raise UnavailableEngineError("install pcq-verify[sql]") from None
    if wanted is None:
        raise UnavailableEngineError("the context names no engine for SQL")
    if wanted != f"duckdb {duckdb.__version__}":
        raise UnavailableEngineError(f"it was made with {wanted}, and duckdb {duckdb.__version__} is installed")
    return duckdb


def rows_of(engine: Any, text: str, inputs: Any, declared: dict[str, dict[str, str]]) -> list[dict[str, Any]]:
    """The rows of the statement; raises StatementError."""
    try:
        tables = tables_of(inputs, declared)
        with _database(engine) as database:
            return _rows(database, text, tables)
    except (engine.Error, ValueError, RecursionError) as error:
        # What a serialized statement met stands behind what fetching from it met.
        message = str(error)
        raise StatementError(message.partition("\nError: ")[2] or message) from None


def _database(engine: Any) -> Any:
    database = engine.connect(":memory:")
    for setting in (
        "threads = 1",
        "memory_limit = '1GB'",
        "temp_directory = ''",
        "TimeZone = 'UTC'",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "python_enable_replacements = false",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        database.execute(f"SET GLOBAL {setting}")
    return database


def _rows(database: Any, text: str, tables: dict[str, Table]) -> list[dict[str, Any]]:
    [[parsed]] = database.execute("SELECT json_serialize_sql(?)", [text]).fetchall()
    root = json.loads(parsed)
    if root["error"]:
        raise StatementError(root["error_message"])
    tree = Tree(root)
    tree.check(set(tables))
    for name, table in tables.items():
        _insert(database, name, table)
    names = database.sql(text).columns
    check_names(names)
    tree.complete(len(names))
    completed = database.execute("FROM json_execute_serialized_sql(?)", [json.dumps(tree.root)])
    found = completed.fetchall()
    types = [column[1] for column in completed.description]
    for kind in types:
        require_type(kind)
    rows = [{name: to_json(value, kind) for name, kind, value in zip(names, types, row, strict=True)} for row in found]
    return rows if tree.has_order else sorted(rows, key=canonical)


def _insert(database: Any, name: str, table: Table) -> None:
    target = _quoted(name)
    database.execute(f"CREATE TABLE {target} ({', '.join(f'{_quoted(column)} {kind}' for column, kind, _ in table)})")
    lists = ", ".join(f"unnest(CAST(? AS {kind}[]))" for _, kind, _ in table)
    database.execute(f"INSERT INTO {target} SELECT {lists}", [values for _, _, values in table])


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))
