"""One expression through `jsonatapy`, with the limits that the engine itself holds (spec/execution.md, 2).

They do not bound memory, and some functions do not look at the time; `plain` says which expressions need no more.
"""

from __future__ import annotations

__all__ = ["evaluate_here", "hide_quoted", "parse_expression"]

import re
from functools import lru_cache
from typing import Any

from runbooks.canonical import require_recordable
from runbooks.errors import CanonicalError, ExpressionError

_MAX_MILLISECONDS = 2_000
_MAX_STACK = 500
_MAX_SEQUENCE = 1_000_000
_MOST_SHOWN = 120

_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`|/\*.*?\*/", re.DOTALL)
_REFUSED_NAMES = ("now", "millis", "random", "shuffle", "eval")
_REFUSED = re.compile(r"\$(" + "|".join(_REFUSED_NAMES) + r")\b")

# A regular expression literal may hold a quote, which hides what follows it from `_QUOTED`. A binding of the same name
# stands before the built-in function, so a call that slipped through fails instead of reading a clock.
_NO_FUNCTIONS = dict.fromkeys(_REFUSED_NAMES)


def hide_quoted(text: str) -> str:
    """`text` with every string, quoted name and comment replaced by as many NUL."""
    return _QUOTED.sub(lambda match: "\0" * len(match[0]), text)


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Any:
    """The compiled expression; raises ExpressionError when it does not parse or names a refused function."""
    import jsonatapy

    refused = _REFUSED.search(hide_quoted(text))
    if refused:
        raise ExpressionError(
            f"${refused[1]} is not allowed: its value is not a function of the recorded data", code="expression.refused"
        )
    try:
        return jsonatapy.compile(text)
    except (ValueError, RuntimeError) as error:
        raise ExpressionError(f"expression {_cut(text)!r} does not parse: {error}", code="expression.syntax") from None


def _cut(text: str) -> str:
    """The expression for a message: what follows it is the reason, and must be seen."""
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"


def evaluate_here(text: str, data: Any) -> Any:
    """The expression's value over `data` in this process; no result is None. Raises ExpressionError."""
    expression = parse_expression(text)
    bindings = _NO_FUNCTIONS if any("$" + name in text for name in _REFUSED_NAMES) else None
    try:
        value = expression.evaluate(
            data, bindings, timeout=_MAX_MILLISECONDS, max_stack_depth=_MAX_STACK, max_sequence_length=_MAX_SEQUENCE
        )
    except (ValueError, RuntimeError) as error:
        raise ExpressionError(f"expression {_cut(text)!r} failed: {error}", code="expression.failed") from None
    try:
        require_recordable(value)
    except CanonicalError as error:
        code = "expression.too_deep" if error.code == "json.depth" else "expression.not_finite"
        raise ExpressionError(f"expression {_cut(text)!r} gave no JSON: {error}", code=code) from None
    return value
