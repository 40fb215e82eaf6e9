"""SQL over a step's inputs: one SELECT whose rows are a function of the tables alone (spec/execution.md, 3.1)."""

from __future__ import annotations

__all__ = ["COLUMN_TYPES", "check_sql", "run_sql", "sql_engine"]

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from runbooks.evaluator import COLUMN_TYPES, ask_sql_child


@lru_cache(maxsize=1)
def sql_engine() -> str:
    """Version of the engine, for the context's `engines`; found without loading it."""
    from importlib.metadata import version

    return "duckdb " + version("duckdb")


@lru_cache(maxsize=1024)
def check_sql(text: str) -> None:
    """Raise ExpressionError (`sql.refused`, `sql.limit`) when the statement does not parse or is not allowed."""
    ask_sql_child(text)


def run_sql(text: str, inputs: Any, columns: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """The statement's rows, at most 64 MiB of JSON, over the tables of `inputs`; `columns` declares types by table.

    Raises ExpressionError (`sql.refused`, `sql.failed`, `sql.limit`).
    """
    rows: list[dict[str, Any]] = ask_sql_child(text, inputs, columns)
    return rows
