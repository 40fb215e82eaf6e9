"""Writes RFC 8785 bytes: one value, one spelling.

Member names are sorted by UTF-16 code units, numbers are spelled as ECMAScript spells them, and strings escape only
what they must.
"""

from __future__ import annotations

__all__ = ["canonical"]

import re
from collections.abc import Callable
from typing import Any

_MUST_ESCAPE = re.compile(r'["\\\x00-\x1f]')
_NAMED = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def canonical(value: Any) -> bytes:
    """The RFC 8785 form of a JSON value; raises ValueError for a number that is not finite or a lone surrogate."""
    parts: list[str] = []
    _write(value, parts.append)
    return "".join(parts).encode("utf-8")


def _write(value: Any, put: Callable[[str], None]) -> None:
    kind = type(value)
    if kind is str:
        put(_string(value))
    elif kind is dict:
        _write_object(value, put)
    elif kind is list:
        separator = "["
        for item in value:
            put(separator)
            _write(item, put)
            separator = ","
        put("]" if value else "[]")
    elif kind is float:
        put(_number(value))
    elif value is None:
        put("null")
    elif kind is bool:
        put("true" if value else "false")
    elif kind is int:
        put(str(value))
    else:
        raise TypeError(f"a {kind.__name__} is no JSON value")


def _write_object(members: dict[str, Any], put: Callable[[str], None]) -> None:
    separator = "{"
    for name in _sorted_names(members):
        put(f"{separator}{_string(name)}:")
        value = members[name]
        if type(value) is str:
            put(_string(value))
        else:
            _write(value, put)
        separator = ","
    put("}" if members else "{}")


def _sorted_names(members: dict[str, Any]) -> list[str]:
    # Code points and UTF-16 code units give the same order unless a name leaves ASCII.
    if "".join(members).isascii():
        return sorted(members)
    return sorted(members, key=lambda name: name.encode("utf-16-be"))


def _string(text: str) -> str:
    if _MUST_ESCAPE.search(text):
        text = _MUST_ESCAPE.sub(lambda match: _NAMED.get(match[0]) or f"\\u{ord(match[0]):04x}", text)
    return f'"{text}"'


def _number(value: float) -> str:
    """ECMAScript's Number::toString: the shortest digits that read back as `value`, in its four layouts."""
    if value - value != 0:
        raise ValueError(f"{value} is not finite")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    digits, point = _shortest(abs(value))
    count = len(digits)
    if count <= point <= 21:
        return f"{sign}{digits}{'0' * (point - count)}"
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    mantissa = digits if count == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{sign}{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def _shortest(value: float) -> tuple[str, int]:
    """Digits d and n with value = 0.d x 10^n, d without zeros at either end (repr() gives the shortest)."""
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading = len(whole + fraction) - len(digits)
    return digits.rstrip("0"), len(whole) - leading + int(exponent or 0)
