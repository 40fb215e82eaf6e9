"""JSONata expressions with limits, and without the functions that are not a function of their data.

One evaluator serves inputs, transforms, aggregates and assertions; a verifier uses the same (spec/execution.md, 2).
A result is I-JSON or the evaluation is an error.
"""

from __future__ import annotations

__all__ = ["engine", "evaluate", "parse_expression", "split_comparison"]

import re
from functools import lru_cache
from typing import Any

from runbooks.errors import ExpressionError
from runbooks.evaluator import evaluate_here, evaluate_in_child, hide_quoted, is_plain, parse_expression

_COMPARISON = re.compile(r">=|<=|!=|>|<|=")


@lru_cache(maxsize=1)
def engine() -> str:
    """Version of the evaluator, for the context's `engines`."""
    from importlib.metadata import version

    return "jsonatapy " + version("jsonatapy")


def evaluate(text: str, data: Any) -> Any:
    """The expression's value over `data`; no result is None. Raises ExpressionError."""
    if is_plain(text):
        return evaluate_here(text, data)
    # What does not parse needs no child to say so.
    parse_expression(text)
    return evaluate_in_child(text, data)


def split_comparison(text: str) -> tuple[str, str, str]:
    """`left`, operator and `right` of a metric's assertion (spec/provers.md, 4); raises ExpressionError."""
    masked = _mask_nested(hide_quoted(text))
    found = list(_COMPARISON.finditer(masked))
    if len(found) != 1:
        raise ExpressionError(
            f"assertion {text!r} must be `left op right` with exactly one of >=, <=, !=, >, <, = at its top level",
            code="expression.comparison",
        )
    left, right = text[: found[0].start()].strip(), text[found[0].end() :].strip()
    parse_expression(left)
    parse_expression(right)
    return left, found[0][0], right


def _mask_nested(text: str) -> str:
    depth, out = 0, []
    for character in text:
        depth -= character in ")]}"
        out.append("\0" if depth > 0 else character)
        depth += character in "([{"
    return "".join(out)
