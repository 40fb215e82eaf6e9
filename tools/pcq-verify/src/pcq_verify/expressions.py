"""JSONata without the functions whose value is not a function of the data (spec/execution.md, 2), and comparisons.

Runs in the sandbox's child; `split_comparison` is plain text work and runs anywhere.
"""

from __future__ import annotations

__all__ = ["ExpressionError", "evaluate", "split_comparison"]

import re
from functools import lru_cache
from typing import Any

_REFUSED_NAMES = ("now", "millis", "random", "eval", "shuffle")
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*+\"|'(?:\\.|[^'\\])*+'|`[^`]*+`|/\*.*?\*/", re.DOTALL)
_REFUSED = re.compile(r"\$(" + "|".join(_REFUSED_NAMES) + r")\b")
_COMPARISON = re.compile(r">=|<=|!=|>|<|=")

# A regular expression literal may hold a quote, which hides what follows from the pattern above. A binding of the same
# name stands before the built-in function, so a call that slipped through fails instead of reading a clock.
_POISON = dict.fromkeys(_REFUSED_NAMES)


class ExpressionError(ValueError):
    """The expression is refused, does not parse, or fails."""


def evaluate(expression: str, data: Any) -> Any:
    """The value of `expression` over `data`; no value is None. Raises ExpressionError."""
    bindings = _POISON if any("$" + name in expression for name in _REFUSED_NAMES) else None
    try:
        return _compiled(expression).evaluate(
            data, bindings, timeout=2_000, max_stack_depth=500, max_sequence_length=1_000_000
        )
    except (ValueError, RuntimeError, TypeError) as error:
        raise ExpressionError(str(error)) from None


@lru_cache(maxsize=1024)
def _compiled(expression: str) -> Any:
    import jsonatapy

    refused = _REFUSED.search(_QUOTED.sub(" ", expression))
    if refused:
        raise ExpressionError(f"${refused[1]} is not allowed: its value is no function of the recorded data")
    return jsonatapy.compile(expression)


def split_comparison(assertion: str) -> tuple[str, str, str]:
    """Left side, operator and right side of a metric's assertion (spec/provers.md, 4); raises ExpressionError."""
    masked = _QUOTED.sub(lambda match: "\0" * len(match[0]), assertion)
    found, depth = [], 0
    for match in re.finditer(r"[(\[{]|[)\]}]|>=|<=|!=|>|<|=", masked):
        if match[0] in "([{":
            depth += 1
        elif match[0] in ")]}":
            depth -= 1
        elif depth <= 0:
            found.append(match)
    if len(found) != 1:
        raise ExpressionError("expected `left op right` with exactly one of >=, <=, !=, >, <, = at the top level")
    return assertion[: found[0].start()].strip(), found[0][0], assertion[found[0].end() :].strip()
