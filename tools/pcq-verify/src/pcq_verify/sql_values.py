"""JSON into columns and rows into JSON, as spec/execution.md, 3.1 has it. Runs in the sandbox's child."""

from __future__ import annotations

__all__ = ["MappingError", "Table", "check_names", "require_type", "tables_of", "to_json"]

import datetime as dt
from collections.abc import Iterable
from typing import Any

from pcq_verify.jcs import canonical
from pcq_verify.sql_tree import folded
from pcq_verify.strict_json import MAX_NUMBER, parse_json

_MAX_COLUMNS = 1_000
_OF_JSON = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE", str: "VARCHAR"}

# A table is its columns in order: name, type and one value a row.
Table = list[tuple[str, str, list[Any]]]


class MappingError(ValueError):
    """The inputs are no tables, or the rows no JSON."""


def tables_of(inputs: Any, declared: dict[str, dict[str, str]]) -> dict[str, Table]:
    """The tables that the inputs are; raises MappingError."""
    named = {"input": inputs} if type(inputs) is list else inputs
    if type(named) is not dict:
        raise MappingError("the inputs are neither a list nor an object")
    for name, rows in named.items():
        if type(rows) is not list or any(type(row) is not dict for row in rows):
            raise MappingError(f"{name!r} is no list of objects")
    if not declared.keys() <= named.keys():
        raise MappingError("columns are declared of a table that is not there")
    check_names(named)
    return {name: _table(rows, declared.get(name, {})) for name, rows in named.items()}


def check_names(names: Iterable[str]) -> None:
    """Raise MappingError where a name is empty, has a NUL, or is another one in other case."""
    seen: set[str] = set()
    for name in names:
        if not name or "\0" in name or folded(name) in seen:
            raise MappingError(f"the name {name!r} is empty, has a NUL, or occurs twice")
        seen.add(folded(name))


def _table(rows: list[dict[str, Any]], declared: dict[str, str]) -> Table:
    names = sorted(set(declared).union(*rows), key=lambda name: name.encode("utf-16-be"))
    if not 1 <= len(names) <= _MAX_COLUMNS:
        raise MappingError(f"{len(names)} columns, expected 1 to {_MAX_COLUMNS}")
    check_names(names)
    table = []
    for name in names:
        values = [row.get(name) for row in rows]
        kind = declared.get(name) or _type_of(values)
        table.append((name, kind, [None if value is None else _entry(value, kind) for value in values]))
    return table


def _type_of(values: list[Any]) -> str:
    found = {_type_of_one(value) for value in values if value is not None}
    if found <= {"BIGINT", "DOUBLE"} and "DOUBLE" in found:
        return "DOUBLE"
    return "VARCHAR" if not found else found.pop() if len(found) == 1 else "JSON"


def _type_of_one(value: Any) -> str:
    if type(value) is float and value.is_integer():
        return "BIGINT"
    return _OF_JSON.get(type(value), "JSON")


def _entry(value: Any, kind: str) -> Any:
    if kind == "JSON":
        return canonical(value).decode("utf-8")
    own = _type_of_one(value)
    if own != kind and (own, kind) != ("BIGINT", "DOUBLE"):
        raise MappingError(f"a value of type {own} in a column of type {kind}")
    if kind == "DOUBLE":
        return float(value)
    return int(value) if kind == "BIGINT" else value


def to_json(value: Any, kind: Any) -> Any:
    """The JSON of one value of the engine's type `kind`, which `require_type` takes; raises MappingError."""
    if value is None:
        return None
    if kind.id == "list":
        return [to_json(item, kind.children[0][1]) for item in value]
    if kind.id == "struct":
        return {name: to_json(value[name], part) for name, part in kind.children}
    return _scalar(value, kind)


def require_type(kind: Any) -> None:
    """Raise MappingError for a type that has no JSON."""
    if kind.id in ("list", "struct"):
        for _, part in kind.children:
            require_type(part)
    elif kind.id not in _SCALARS:
        raise MappingError(f"the type {kind} has no JSON")


def _scalar(value: Any, kind: Any) -> Any:
    if str(kind) == "JSON":
        try:
            return parse_json(value.encode("utf-8"))
        except ValueError as error:
            raise MappingError(f"no strict JSON: {error}") from None
    if kind.id in ("float", "double", "decimal"):
        value = float(value)
    if type(value) in (int, float) and not -MAX_NUMBER <= value <= MAX_NUMBER:
        raise MappingError(f"the number {value} is out of bounds")
    if kind.id in ("date", "timestamp"):
        # Of a day beyond Python's the binding gives a text, and of infinity its last day.
        if not isinstance(value, dt.date) or not 2 <= value.year <= 9998:
            raise MappingError(f"the time {value} is out of bounds")
        return value.isoformat()
    return value


_SCALARS = frozenset(
    {
        *(
            "boolean",
            "varchar",
            "null",
            "tinyint",
            "smallint",
            "integer",
            "bigint",
            "hugeint",
            "utinyint",
            "usmallint",
            "uinteger",
            "ubigint",
            "uhugeint",
            "float",
        ),
        *("double", "decimal", "date", "timestamp"),
    }
)
