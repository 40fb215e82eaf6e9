"""One statement through DuckDB: a database of its own in memory, one thread, nothing of the machine (ADR 12).

Runs in the child only.
"""

from __future__ import annotations

__all__ = ["check_here", "run_here"]

from collections.abc import Mapping
from typing import Any

import duckdb
import orjson

from runbooks.canonical import dumps
from runbooks.errors import ExpressionError
from runbooks.evaluator.sql_statement import is_ordered, make_total, require_allowed
from runbooks.evaluator.sql_tables import Column, json_rows, read_tables, require_names

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "1GB",
    "temp_directory": "",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}


def check_here(text: str) -> None:
    """Raise ExpressionError when the statement does not parse or is refused whatever its tables are."""
    with _open() as database:
        tree = _parse(database, text)
        require_allowed(tree, None)
        make_total(tree, 1)


def run_here(text: str, inputs: Any, declared: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """The statement's rows over the tables of `inputs`; raises ExpressionError."""
    tables = read_tables(inputs, declared)
    with _open() as database:
        tree = _parse(database, text)
        require_allowed(tree, tables)
        try:
            for name, columns in tables.items():
                _create(database, name, columns)
            # Bound, not run: this gives the columns' names before orders are completed, which names speak of.
            names = database.sql(text).columns
            require_names("columns of the result", names)
            make_total(tree, len(names))
            result = database.execute("FROM json_execute_serialized_sql($1)", [orjson.dumps(tree).decode()])
            values = result.fetchall()
            rows = json_rows(names, [column[1] for column in result.description], values)
        except duckdb.Error as error:
            message = str(error)
            raise _failed(message, code="sql.limit" if "Out of Memory" in message else "sql.failed") from None
    return rows if is_ordered(tree) else sorted(rows, key=dumps)


def _open() -> duckdb.DuckDBPyConnection:
    database = duckdb.connect(":memory:", config=_SETTINGS)
    # Not among the settings above, which are set in any order: this one locks some of them.
    database.execute("SET enable_external_access = false")
    database.execute("SET GLOBAL TimeZone = 'UTC'")
    database.execute("SET lock_configuration = true")
    return database


def _parse(database: duckdb.DuckDBPyConnection, text: str) -> Any:
    try:
        found = database.execute("SELECT json_serialize_sql($1)", [text]).fetchone()
    except duckdb.Error as error:
        raise _failed(str(error)) from None
    try:
        tree = orjson.loads(found[0] if found else "")
    except orjson.JSONDecodeError:
        raise _failed("it is nested too deeply", code="sql.refused") from None
    if tree["error"]:
        raise _failed(tree["error_message"], code="sql.refused")
    return tree


def _create(database: duckdb.DuckDBPyConnection, name: str, columns: list[Column]) -> None:
    definition = ", ".join(f"{_quoted(column.name)} {column.type}" for column in columns)
    database.execute(f"CREATE TABLE {_quoted(name)} ({definition})")
    if columns[0].values:
        lists = ", ".join(f"unnest(${place}::{column.type}[])" for place, column in enumerate(columns, 1))
        database.execute(f"INSERT INTO {_quoted(name)} SELECT {lists}", [column.values for column in columns])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _failed(message: str, *, code: str = "sql.failed") -> ExpressionError:
    # What a serialized statement met stands behind what fetching from it met.
    reason = message.partition("\nError: ")[2] or message
    lines = reason.strip().splitlines() or ["no reason given"]
    return ExpressionError(f"the statement failed: {lines[0][:300]}", code=code)
