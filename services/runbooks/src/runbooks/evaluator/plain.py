"""Which expressions cannot make much out of little: those alone are evaluated in the service's own process (ADR 10).

A plain expression is paths, predicates, literals, operators, constructors and functions that make nothing longer. What
a constructor or `&` made is never a step's or a predicate's left side, so nothing made is made from again: a value is
at most as many times its data as the expression has places. Whatever is not known to be plain is not plain.
"""

from __future__ import annotations

__all__ = ["is_plain"]

import re
from functools import lru_cache

_MAX_LENGTH = 256
_MAX_PLACES = 12
_MAX_JOINTS = 3  # each `&` writes all that stands before it again

# No range, binding, lambda, `$$`, `**`, `%`, sort, escape in a string, or letter beyond ASCII has a part here.
_TOKEN = re.compile(
    r"""\s+|"[^"\\]*"|'[^'\\]*'|`[^`]*`|[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|\$[A-Za-z0-9_]+|\$(?!\$)"""
    r"""|[A-Za-z_][A-Za-z0-9_]*|!=|<=|>=|\.(?!\.)|\*(?!\*)|:(?!=)|[,+\-/=<>&?()\[\]{}]""",
    re.ASCII,
)
_FUNCTIONS = frozenset(
    "$" + name
    for name in (
        *("abs", "average", "boolean", "ceil", "contains", "count", "exists", "floor", "length", "lookup"),
        *("lowercase", "max", "min", "not", "number", "round", "sqrt", "substring", "substringAfter"),
        *("substringBefore", "sum", "trim", "type", "uppercase"),
    )
)
_WORDS = frozenset({"and", "or", "in"})
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_MAKING = frozenset({",", "&", ":", "{"})
_TAKING = frozenset({".", "[", "{", "("})


@lru_cache(maxsize=4096)
def is_plain(text: str) -> bool:
    """True when the value of `text` is small for what it is made of, whatever the data."""
    parts = _parts(text) if len(text) <= _MAX_LENGTH else None
    if parts is None or sum(part in _MAKING for part in parts) > _MAX_PLACES or parts.count("&") > _MAX_JOINTS:
        return False
    previous = ""
    for part in parts:
        # Where no operand stands before it, a slash begins a regular expression, in which a quote is no quote.
        if part == "/" and not _is_operand(previous):
            return False
        if part == "function" or (part[0] == "$" and len(part) > 1 and part not in _FUNCTIONS):
            return False
        previous = part
    return not _takes_what_it_made(parts)


def _parts(text: str) -> list[str] | None:
    found, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        position = match.end()
        if not match[0].isspace():
            found.append(match[0])
    return found


def _is_operand(part: str) -> bool:
    is_name = bool(part) and (part[0].isalnum() or part[0] in "_$\"'`")
    return part in _CLOSING or (is_name and part not in _WORDS)


def _takes_what_it_made(parts: list[str]) -> bool:
    makes = [False]
    was_made = False
    for part in parts:
        if was_made and part in _TAKING:
            return True
        was_made = False
        makes[-1] = makes[-1] or part in _MAKING
        if part in _OPENING:
            makes.append(part in _MAKING)
        elif part in _CLOSING and len(makes) > 1:
            was_made = makes.pop()
            makes[-1] = makes[-1] or was_made
    return False
