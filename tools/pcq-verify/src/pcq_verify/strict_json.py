"""Reads strict JSON: bytes in, values out, or one error that says where (spec/pcq-v1.md, 1).

Refused are a byte order mark, bytes that are no UTF-8, a member name that occurs twice after unescaping, a lone
surrogate, a number beyond 2^53 - 1 however it is spelled, more than 64 levels of arrays and objects, more than 10,000
members in an object, more than 64 MiB. Time is linear in the length of the input, hostile input included: patterns are
possessive, recursion ends at level 64 and no number is converted by a quadratic algorithm.

Values are dict, list, str, bool, None, and int for every number without a fraction (`1e3` is 1000), else float.
"""

from __future__ import annotations

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_MEMBERS", "MAX_NUMBER", "StrictJsonError", "parse_json"]

import re
from typing import Any

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 64
MAX_MEMBERS = 10_000
MAX_NUMBER = 2**53 - 1

_WS = r"[ \t\n\r]*+"
_PLAIN = r'"([^"\\\x00-\x1f]*+)"'
_NUMBER = r"(-?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+)"
_VALUE = rf"(?:(?:{_PLAIN}|{_NUMBER}|(true|false|null)){_WS}([,\]}}])|([\[{{]))"

# One match takes a whole member or element with its delimiter; what it cannot take (escapes, faults) goes the slow way.
_MEMBER = re.compile(rf"{_WS}{_PLAIN}{_WS}:{_WS}{_VALUE}")
_ELEMENT = re.compile(rf"{_WS}{_VALUE}")
_STRING = re.compile(r'"((?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+)"')
_ESCAPE = re.compile(
    r'\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(["\\/bfnrt]))'
)
_SCALAR = re.compile(rf"{_NUMBER}|(true|false|null)")
_SPACE = re.compile(_WS)

_LITERALS = {"true": True, "false": False, "null": None}
_SHORT_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class StrictJsonError(ValueError):
    """The bytes are not strict JSON; the message says at which character and why."""


def parse_json(data: bytes) -> Any:
    """The value of `data`; raises StrictJsonError."""
    if len(data) > MAX_BYTES:
        raise StrictJsonError(f"{len(data)} bytes: expected at most {MAX_BYTES}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise StrictJsonError(f"byte {error.start}: no UTF-8") from None
    if text.startswith("\ufeff"):
        raise StrictJsonError("byte 0: a byte order mark")
    return _Reader(text).document()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text

    def document(self) -> Any:
        value, position = self._value(self._skip(0), 0)
        if self._skip(position) != len(self._text):
            raise self._fault(position, "expected the end of the text")
        return value

    def _object(self, position: int, depth: int) -> tuple[dict[str, Any], int]:
        text, members, match_member = self._text, {}, _MEMBER.match
        end = self._empty(position, "}")
        while not end:
            match = match_member(text, position)
            if match is None:
                name, value, position, delimiter = self._slow_member(position, depth)
            else:
                name, value, position, delimiter = self._taken(match, 2, depth, match[1])
            if name in members:
                raise self._fault(position, f"member {name[:40]!r} occurs twice")
            members[name] = value
            if delimiter == "]":
                raise self._fault(position - 1, "expected `,` or `}`")
            end = position if delimiter == "}" else 0
            if len(members) > MAX_MEMBERS:
                raise self._fault(position, f"more than {MAX_MEMBERS} members in one object")
        return members, end

    def _array(self, position: int, depth: int) -> tuple[list[Any], int]:
        text, items, match_element = self._text, [], _ELEMENT.match
        end = self._empty(position, "]")
        while not end:
            match = match_element(text, position)
            if match is None:
                value, position = self._value(self._skip(position), depth)
                position, delimiter = self._delimiter(position)
            else:
                _, value, position, delimiter = self._taken(match, 1, depth, "")
            items.append(value)
            if delimiter == "}":
                raise self._fault(position - 1, "expected `,` or `]`")
            end = position if delimiter == "]" else 0
        return items, end

    def _taken(self, match: re.Match[str], first: int, depth: int, name: str) -> tuple[str, Any, int, str]:
        kind = match.lastindex or 0
        if kind == first + 4:
            value, position = self._container(match.end(), depth, match[kind])
            position, delimiter = self._delimiter(position)
            return name, value, position, delimiter
        plain = match[first]
        if plain is not None:
            return name, plain, match.end(), match[kind]
        number = match[first + 1]
        value = _LITERALS[match[first + 2]] if number is None else self._number(number, match.start(first + 1))
        return name, value, match.end(), match[kind]

    def _slow_member(self, position: int, depth: int) -> tuple[str, Any, int, str]:
        name, position = self._string(self._skip(position))
        position = self._skip(position)
        if self._text[position : position + 1] != ":":
            raise self._fault(position, "expected `:`")
        value, position = self._value(self._skip(position + 1), depth)
        position, delimiter = self._delimiter(position)
        return name, value, position, delimiter

    def _value(self, position: int, depth: int) -> tuple[Any, int]:
        first = self._text[position : position + 1]
        if first == '"':
            return self._string(position)
        if first in ("{", "["):
            return self._container(position + 1, depth, first)
        match = _SCALAR.match(self._text, position)
        if match is None:
            raise self._fault(position, "expected a value")
        number = match[1]
        return (_LITERALS[match[2]] if number is None else self._number(number, position)), match.end()

    def _container(self, position: int, depth: int, opening: str) -> tuple[Any, int]:
        if depth >= MAX_DEPTH:
            raise self._fault(position - 1, f"more than {MAX_DEPTH} levels of arrays and objects")
        return self._object(position, depth + 1) if opening == "{" else self._array(position, depth + 1)

    def _empty(self, position: int, closing: str) -> int:
        position = self._skip(position)
        return position + 1 if self._text[position : position + 1] == closing else 0

    def _delimiter(self, position: int) -> tuple[int, str]:
        position = self._skip(position)
        delimiter = self._text[position : position + 1]
        if delimiter not in (",", "]", "}") or not delimiter:
            raise self._fault(position, "expected `,` or the end of the array or object")
        return position + 1, delimiter

    def _string(self, position: int) -> tuple[str, int]:
        match = _STRING.match(self._text, position)
        if match is None:
            raise self._fault(position, "expected a string without control characters or unknown escapes")
        inner = match[1]
        if "\\" in inner:
            inner = _ESCAPE.sub(lambda escape: self._unescaped(escape, position), inner)
        return inner, match.end()

    def _unescaped(self, escape: re.Match[str], position: int) -> str:
        if escape[4] is not None:
            return _SHORT_ESCAPES[escape[4]]
        if escape[1] is not None:
            return chr(0x10000 + ((int(escape[1], 16) - 0xD800) << 10) + int(escape[2], 16) - 0xDC00)
        code = int(escape[3], 16)
        if 0xD800 <= code <= 0xDFFF:
            raise self._fault(position, "a lone surrogate in the string")
        return chr(code)

    def _number(self, spelling: str, position: int) -> int | float:
        # 16 digits reach 2^53 - 1, so a longer integer is refused unread: int() is quadratic in the digits.
        if len(spelling) <= 17 and spelling.lstrip("-").isdecimal():
            whole = int(spelling)
        elif spelling.lstrip("-").isdecimal():
            whole = MAX_NUMBER + 1
        else:
            value = float(spelling)
            if not value.is_integer() and abs(value) <= MAX_NUMBER:
                return value
            whole = int(value) if abs(value) <= MAX_NUMBER else MAX_NUMBER + 1
        if abs(whole) > MAX_NUMBER:
            raise self._fault(position, "a number beyond 2^53 - 1")
        return whole

    def _skip(self, position: int) -> int:
        match = _SPACE.match(self._text, position)
        return match.end() if match else position

    def _fault(self, position: int, message: str) -> StrictJsonError:
        got = self._text[position : position + 12]
        return StrictJsonError(
            f"character {position}: {message}, got {got!r}" if got else f"character {position}: {message}"
        )
