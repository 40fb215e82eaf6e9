"""SPDX licence expressions: whether a text is one (SPDX 2.3, Annex D).

An expression names texts; whether a use is permitted, only a licence's rules say. Which identifiers the SPDX License
List has, changes with its versions and is not looked up.
"""

from __future__ import annotations

__all__ = ["spdx_fault"]

import re

_TOKEN = re.compile(r"[()]|[^\s()]+")
_IDENTIFIER = re.compile(r"(?!LicenseRef-)[A-Za-z0-9.-]+\+?|(DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+")
_EXCEPTION = re.compile(r"[A-Za-z0-9.-]+")
_OPERATORS = ("AND", "OR", "WITH")
# What SPDX writes where there is no expression.
_NO_IDENTIFIERS = (*_OPERATORS, "NONE", "NOASSERTION")


def spdx_fault(text: str) -> str | None:
    """Why `text` is no SPDX licence expression, in a few words; None when it is one."""
    # Precedence decides what an expression means and not whether it is one, so that no tree is needed.
    tokens = [*_TOKEN.findall(text), ""]
    place = depth = 0
    while True:
        while tokens[place] == "(":
            place, depth = place + 1, depth + 1
        fault = _operand_fault(tokens[place : place + 3])
        if fault is not None:
            return fault
        place += 3 if tokens[place + 1] == "WITH" else 1
        while tokens[place] == ")":
            place, depth = place + 1, depth - 1
        if depth < 0 or (depth and not tokens[place]):
            return "a parenthesis has no other"
        if not tokens[place]:
            return None
        if tokens[place] not in ("AND", "OR"):
            return f"expected AND or OR, got {tokens[place][:60]}"
        place += 1


def _operand_fault(tokens: list[str]) -> str | None:
    """Of an identifier, and of what follows WITH."""
    if not _IDENTIFIER.fullmatch(tokens[0]) or tokens[0] in _NO_IDENTIFIERS:
        return f"expected an identifier, got {tokens[0][:60] or 'nothing'}"
    if tokens[1:2] == ["WITH"] and (not _EXCEPTION.fullmatch(tokens[2]) or tokens[2] in _NO_IDENTIFIERS):
        return f"expected an exception after WITH, got {tokens[2][:60] or 'nothing'}"
    return None
