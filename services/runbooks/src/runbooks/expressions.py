"""JSONata expressions with limits, and without the functions that are not a function of their data.

One evaluator, `jsonatapy`, serves inputs, transforms, aggregates and assertions; a verifier uses the same
(spec/execution.md, 2). A result is I-JSON or the evaluation is an error.
"""

from __future__ import annotations

__all__ = ["engine", "evaluate", "parse_expression", "split_comparison"]

import re
from functools import lru_cache
from typing import Any

from runbooks.canonical import require_recordable
from runbooks.errors import CanonicalError, ExpressionError

_MAX_MILLISECONDS = 2_000
_MAX_STACK = 500
_MAX_SEQUENCE = 1_000_000

_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`|/\*.*?\*/", re.DOTALL)
_REFUSED_NAMES = ("now", "millis", "random", "shuffle", "eval")
_REFUSED = re.compile(r"\$(" + "|".join(_REFUSED_NAMES) + r")\b")
_COMPARISON = re.compile(r">=|<=|!=|>|<|=")

# A regular expression literal may hold a quote, which hides what follows it from `_QUOTED`. A binding of the same name
# stands before the built-in function, so a call that slipped through fails instead of reading a clock.
_NO_FUNCTIONS = dict.fromkeys(_REFUSED_NAMES)


@lru_cache(maxsize=1)
def engine() -> str:
    """Version of the evaluator, for the context's `engines`."""
    from importlib.metadata import version

    return "jsonatapy " + version("jsonatapy")


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Any:
    """The compiled expression; raises ExpressionError when it does not parse or names a refused function."""
    import jsonatapy

    refused = _REFUSED.search(_QUOTED.sub(" ", text))
    if refused:
        raise ExpressionError(
            f"${refused[1]} is not allowed: its value is not a function of the recorded data", code="expression.refused"
        )
    try:
        return jsonatapy.compile(text)
    except (ValueError, RuntimeError) as error:
        raise ExpressionError(f"expression {text!r} does not parse: {error}", code="expression.syntax") from None


def evaluate(text: str, data: Any) -> Any:
    """The expression's value over `data`; no result is None. Raises ExpressionError."""
    expression = parse_expression(text)
    bindings = _NO_FUNCTIONS if any("$" + name in text for name in _REFUSED_NAMES) else None
    try:
        value = expression.evaluate(
            data, bindings, timeout=_MAX_MILLISECONDS, max_stack_depth=_MAX_STACK, max_sequence_length=_MAX_SEQUENCE
        )
    except (ValueError, RuntimeError) as error:
        raise ExpressionError(f"expression {text!r} failed: {error}", code="expression.failed") from None
    try:
        require_recordable(value)
    except CanonicalError as error:
        code = "expression.too_deep" if error.code == "json.depth" else "expression.not_finite"
        raise ExpressionError(f"expression {text!r} gave no JSON: {error}", code=code) from None
    return value


def split_comparison(text: str) -> tuple[str, str, str]:
    """`left`, operator and `right` of a metric's assertion (spec/provers.md, 4); raises ExpressionError."""
    masked = _mask_nested(_QUOTED.sub(lambda match: "\0" * len(match[0]), text))
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
