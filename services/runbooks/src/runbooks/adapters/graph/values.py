"""From the driver's records to JSON rows; what JSON cannot hold is refused, with the column's name.

Nothing is rounded, cut or guessed: an integer beyond 2^53 - 1 would lose digits in another implementation, a path or a
point has no agreed JSON form.
"""

from __future__ import annotations

__all__ = ["json_row", "json_value"]

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from neo4j.graph import Entity
from neo4j.time import Date, DateTime, Duration, Time

from runbooks.errors import PermanentPortError

_LARGEST_INTEGER = 2**53 - 1


def json_row(columns: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    """The row as an object, column name → JSON value; raises PermanentPortError, code `graph.value`."""
    if len(set(columns)) != len(columns):
        raise PermanentPortError(f"two columns have one name: {', '.join(columns)}", code="graph.value")
    return {column: json_value(value, column) for column, value in zip(columns, values, strict=True)}


def json_value(value: Any, column: str) -> Any:
    """The JSON form of one value: nodes and relationships are their properties, times ISO 8601 text.

    Raises PermanentPortError, code `graph.value`, naming `column`.
    """
    match value:
        case None | bool() | str():
            return value
        case int():
            return _integer(value, column)
        case float():
            return _number(value, column)
        case Date() | Time() | DateTime() | Duration():
            return _without_empty_fraction(value.iso_format())
        case Entity():
            return {name: json_value(item, f"{column}.{name}") for name, item in value.items()}
        case Mapping():
            return {str(name): json_value(item, f"{column}.{name}") for name, item in value.items()}
        case list():
            return [json_value(item, f"{column}[{index}]") for index, item in enumerate(value)]
        case _:
            raise _refused(column, f"a {type(value).__name__} has no JSON form")


def _integer(value: int, column: str) -> int:
    if abs(value) > _LARGEST_INTEGER:
        raise _refused(column, f"the integer {value} is beyond 2^53 - 1; return it as text with toString()")
    return value


def _number(value: float, column: str) -> float:
    if not math.isfinite(value):
        raise _refused(column, f"{value} is no JSON number")
    return value


def _without_empty_fraction(text: str) -> str:
    """The driver prints nine digits after each second; only those that say something stay."""
    return re.sub(r"\.(\d*?)0+(?!\d)", lambda match: "." + match[1] if match[1] else "", text)


def _refused(column: str, reason: str) -> PermanentPortError:
    return PermanentPortError(f"column {column}: {reason}", code="graph.value")
