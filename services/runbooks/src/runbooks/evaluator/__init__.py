"""Evaluators of JSONata and SQL: in this process what cannot grow, in a child with limits everything else (ADR 10)."""

from __future__ import annotations

__all__ = [
    "COLUMN_TYPES",
    "ask_sql_child",
    "evaluate_here",
    "evaluate_in_child",
    "hide_quoted",
    "is_plain",
    "parse_expression",
]

from runbooks.evaluator.engine import evaluate_here, hide_quoted, parse_expression
from runbooks.evaluator.plain import is_plain
from runbooks.evaluator.process import ask_sql_child, evaluate_in_child
from runbooks.evaluator.sql_tables import COLUMN_TYPES
