"""JSONata, JSON Schema and SQL: here what cannot grow, in a child with limits everything else (ADR 10)."""

from __future__ import annotations

__all__ = [
    "COLUMN_TYPES",
    "ask_sql_child",
    "compile_schema",
    "evaluate_here",
    "evaluate_in_child",
    "findings_here",
    "findings_in_child",
    "hide_quoted",
    "is_plain",
    "is_small",
    "parse_expression",
]

from runbooks.evaluator.engine import evaluate_here, hide_quoted, parse_expression
from runbooks.evaluator.plain import is_plain
from runbooks.evaluator.process import ask_sql_child, evaluate_in_child, findings_in_child
from runbooks.evaluator.schemas import compile_schema, findings_here, is_small
from runbooks.evaluator.sql_tables import COLUMN_TYPES
