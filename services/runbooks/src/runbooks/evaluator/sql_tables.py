"""Inputs as tables with typed columns, and result rows as JSON (spec/execution.md, 3.1)."""

from __future__ import annotations

__all__ = ["COLUMN_TYPES", "Column", "json_rows", "read_tables", "require_names"]

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from runbooks.canonical import dumps, loads
from runbooks.errors import CanonicalError, ExpressionError

COLUMN_TYPES = ("BOOLEAN", "BIGINT", "DOUBLE", "VARCHAR", "JSON")
_MAX_COLUMNS = 1_000
_MAX_INTEGER = 2**53 - 1


@dataclass(frozen=True)
class Column:
    """One column: `values` has one entry a row, None for SQL's NULL, else of the Python type of `type`."""

    name: str
    type: str
    values: list[Any]


def read_tables(inputs: Any, declared: Mapping[str, Mapping[str, str]]) -> dict[str, list[Column]]:
    """The tables of a step's inputs by name; `declared` has column types by table. Raises ExpressionError."""
    tables = {"input": inputs} if isinstance(inputs, list) else inputs
    if not isinstance(tables, Mapping) or not all(_is_rows(rows) for rows in tables.values()):
        raise _failed("expected as inputs a list of objects, or an object whose members are lists of objects")
    for name in declared:
        if name not in tables:
            raise _failed(f"columns are declared of a table {name!r}, which the inputs do not have")
    require_names("tables", list(tables))
    return {name: _columns(name, rows, declared.get(name, {})) for name, rows in tables.items()}


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, Mapping) for row in value)


def _columns(table: str, rows: Sequence[Mapping[str, Any]], declared: Mapping[str, str]) -> list[Column]:
    names = {name for row in rows for name in row} | set(declared)
    where = f"table {table!r}"
    if not names:
        raise _failed(f"{where} has no columns: no row has a member, and `columns` declares none")
    if len(names) > _MAX_COLUMNS:
        raise _failed(f"{where} has {len(names)} columns, expected at most {_MAX_COLUMNS}")
    require_names(f"columns of {where}", sorted(names))
    found = []
    for name in sorted(names, key=lambda text: text.encode("utf-16-be")):
        values = [_plain(row.get(name)) for row in rows]
        kind = declared.get(name) or _kind_of(values)
        found.append(Column(name, kind, [_fitted(value, kind, f"{where}, column {name!r}") for value in values]))
    return found


def require_names(what: str, names: Sequence[str]) -> None:
    """Raise ExpressionError where a name is empty or two are one to SQL, which does not tell cases of ASCII apart."""
    seen: dict[str, str] = {}
    for name in names:
        if not name or "\0" in name:
            raise _failed(f"{what}: the name {name!r} is empty or has a NUL")
        folded = name.encode().lower().decode()
        if folded in seen:
            raise _failed(f"{what}: {seen[folded]!r} and {name!r} are the same name to SQL")
        seen[folded] = name


def _plain(value: Any) -> Any:
    # In JSON 3.0 and 3 are one number.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _kind_of(values: Iterable[Any]) -> str:
    kinds = {_kind_of_one(value) for value in values if value is not None}
    if kinds == {"BIGINT", "DOUBLE"}:
        return "DOUBLE"
    if not kinds:
        return "VARCHAR"
    return kinds.pop() if len(kinds) == 1 else "JSON"


def _kind_of_one(value: Any) -> str:
    known = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE", str: "VARCHAR"}
    return known.get(type(value), "JSON")


def _fitted(value: Any, kind: str, where: str) -> Any:
    if value is None:
        return None
    if kind == "JSON":
        return dumps(value).decode()
    found = _kind_of_one(value)
    if kind == "DOUBLE" and found in ("BIGINT", "DOUBLE"):
        return float(value)
    if found != kind:
        raise _failed(f"{where}: expected {kind}, got {dumps(value).decode()[:60]}")
    return value


def json_rows(names: Sequence[str], types: Sequence[Any], rows: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """Rows as objects. `types` are the engine's types (`id`, `children`, text); raises ExpressionError."""
    writers = [_writer(kind, f"column {name!r}") for name, kind in zip(names, types, strict=True)]
    return [{name: write(value) for name, write, value in zip(names, writers, row, strict=True)} for row in rows]


def _writer(kind: Any, where: str) -> Callable[[Any], Any]:
    """A function from a value of this type to JSON."""
    write = _WRITERS.get(str(kind)) or _WRITERS.get(kind.id)
    if kind.id == "list":
        item = _writer(kind.children[0][1], where)
        write = lambda value: [item(part) for part in value]  # noqa: E731
    elif kind.id == "struct":
        members = {name: _writer(part, where) for name, part in kind.children}
        write = lambda value: {name: item(value[name]) for name, item in members.items()}  # noqa: E731
    if write is None:
        raise _failed(f"{where} has the type {kind}, which has no JSON; cast it to VARCHAR")
    found = write

    def checked(value: Any) -> Any:
        try:
            return None if value is None else found(value)
        except (CanonicalError, ValueError) as error:
            raise _failed(f"{where}: {error}") from None

    return checked


def _whole(value: int) -> int:
    if abs(value) > _MAX_INTEGER:
        raise ValueError(f"{value} is beyond 2^53 - 1; cast it to VARCHAR or DOUBLE")
    return value


def _number(value: float | Decimal) -> float:
    number = float(value)
    if not abs(number) <= _MAX_INTEGER:
        raise ValueError(f"{number} is infinite, no number, or beyond 2^53 - 1")
    return number


def _day(value: Any) -> str:
    # The engine's binding gives other types for days that Python has not, and its last day for infinity.
    if not isinstance(value, dt.date) or not 2 <= value.year <= 9998:
        raise ValueError(f"{value} is not in the years 2 to 9998")
    return value.isoformat()


def _json(value: str) -> Any:
    return loads(value.encode())


_WRITERS: dict[str, Callable[[Any], Any]] = {
    "JSON": _json,
    "boolean": bool,
    "varchar": str,
    "null": lambda value: None,
    "date": _day,
    "timestamp": _day,
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint", "hugeint"), _whole),
    **dict.fromkeys(("utinyint", "usmallint", "uinteger", "ubigint", "uhugeint"), _whole),
    **dict.fromkeys(("float", "double", "decimal"), _number),
}


def _failed(message: str) -> ExpressionError:
    return ExpressionError(message, code="sql.failed")
