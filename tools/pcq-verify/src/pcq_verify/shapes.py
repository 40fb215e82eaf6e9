"""A small language for closed shapes: checkers that take a value and raise ShapeError where it does not fit.

A checker costs nothing on the way down; the path to the fault is put together while the error climbs.
"""

from __future__ import annotations

__all__ = [
    "Checker",
    "ShapeError",
    "any_value",
    "array",
    "base64_bytes",
    "closed",
    "digest_text",
    "distinct",
    "identifier",
    "integer",
    "mapping",
    "nullable",
    "number",
    "one_of",
    "open_object",
    "text",
    "text_or_number",
    "time",
]

import re
from collections.abc import Callable, Mapping
from typing import Any

from pcq_verify.encoding import decode_base64, instant, is_digest

Checker = Callable[[Any], None]

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@\[\]>=<-]{0,127}")


class ShapeError(ValueError):
    """A value does not fit; `path` leads to it from the value that was checked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.path: list[str] = []

    @property
    def where(self) -> str:
        """The path as member names joined by dots."""
        return ".".join(reversed(self.path)) or "top level"


def got(value: Any) -> str:
    """The value for a message, cut short."""
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def any_value(value: Any) -> None:
    """Anything."""
    del value


def text(value: Any, *, least: int = 0, most: int | None = None) -> None:
    """A string of `least` to `most` characters."""
    if type(value) is not str:
        raise ShapeError(f"expected a string, got {got(value)}")
    if len(value) < least or (most is not None and len(value) > most):
        raise ShapeError(f"expected {least} to {most} characters, got {len(value)}")


def one_of(*allowed: Any) -> Checker:
    """Exactly one of these values, of the same type."""

    def check(value: Any) -> None:
        if not any(type(value) is type(item) and value == item for item in allowed):
            expected = " or ".join(repr(item) for item in allowed)
            raise ShapeError(f"expected {expected}, got {got(value)}")

    return check


def integer(least: int, most: int | None = None) -> Checker:
    """An integer of at least `least`, and at most `most` if that is given."""
    bounds = f"of at least {least}" if most is None else f"from {least} to {most}"

    def check(value: Any) -> None:
        if type(value) is not int or value < least or (most is not None and value > most):
            raise ShapeError(f"expected an integer {bounds}, got {got(value)}")

    return check


def number(value: Any) -> None:
    """A number; true and false are none."""
    if type(value) not in (int, float):
        raise ShapeError(f"expected a number, got {got(value)}")


def text_or_number(value: Any) -> None:
    """A string or a number."""
    if type(value) not in (str, int, float):
        raise ShapeError(f"expected a string or a number, got {got(value)}")


def identifier(value: Any) -> None:
    """An identifier (spec/pcq-v1.md, 1.3)."""
    if type(value) is not str or not _IDENTIFIER.fullmatch(value):
        raise ShapeError(f"expected an identifier, got {got(value)}")


def digest_text(value: Any) -> None:
    """`sha256:` and 64 hexadecimal digits."""
    if not is_digest(value):
        raise ShapeError(f"expected sha256: and 64 lowercase hexadecimal digits, got {got(value)}")


def time(value: Any) -> None:
    """An RFC 3339 time in UTC (spec/pcq-v1.md, 1.4)."""
    if instant(value) is None:
        raise ShapeError(f"expected a time such as 2026-01-31T12:00:00Z, got {got(value)}")


def base64_bytes(length: int | None = None) -> Checker:
    """`base64:` and canonical Base64, of `length` bytes if that is given."""

    def check(value: Any) -> None:
        data = decode_base64(value)
        if data is None:
            raise ShapeError(f"expected base64: and canonical padded Base64, got {got(value)}")
        if length is not None and len(data) != length:
            raise ShapeError(f"expected {length} bytes, got {len(data)}")

    return check


def nullable(checker: Checker) -> Checker:
    """Null, or what `checker` takes."""

    def check(value: Any) -> None:
        if value is not None:
            checker(value)

    return check


def array(item: Checker, *, least: int = 0, most: int | None = None) -> Checker:
    """A list of `least` to `most` items."""

    def check(value: Any) -> None:
        if type(value) is not list:
            raise ShapeError(f"expected an array, got {got(value)}")
        if len(value) < least or (most is not None and len(value) > most):
            raise ShapeError(f"expected {least} to {most} items, got {len(value)}")
        for index, element in enumerate(value):
            _enter(item, element, str(index))

    return check


def distinct(item: Checker, *, least: int = 0) -> Checker:
    """A list of at least `least` items, strings or numbers, none of which occurs twice."""
    items = array(item, least=least)

    def check(value: Any) -> None:
        items(value)
        if len(set(value)) != len(value):
            raise ShapeError("an item occurs twice")

    return check


def mapping(item: Checker, *, name: Checker = text) -> Checker:
    """An object with any names that `name` takes and values that `item` takes."""

    def check(value: Any) -> None:
        if type(value) is not dict:
            raise ShapeError(f"expected an object, got {got(value)}")
        for key, element in value.items():
            _enter(name, key, key)
            _enter(item, element, key)

    return check


def closed(members: Mapping[str, Checker], optional: Mapping[str, Checker] | None = None) -> Checker:
    """An object with exactly `members`, and `optional` ones if they are there."""
    return _object(members, optional or {}, is_open=False)


def open_object(members: Mapping[str, Checker], optional: Mapping[str, Checker] | None = None) -> Checker:
    """An object with at least `members`; further members are let be."""
    return _object(members, optional or {}, is_open=True)


def _object(members: Mapping[str, Checker], optional: Mapping[str, Checker], *, is_open: bool) -> Checker:
    table = {**members, **optional}

    def check(value: Any) -> None:
        if type(value) is not dict:
            raise ShapeError(f"expected an object, got {got(value)}")
        for key, element in value.items():
            checker = table.get(key)
            if checker is not None:
                _enter(checker, element, key)
            elif not is_open:
                raise ShapeError(f"unknown member {got(key)}")
        for key in members:
            if key not in value:
                raise ShapeError(f"member {key!r} is missing")

    return check


def _enter(checker: Checker, value: Any, name: str) -> None:
    try:
        checker(value)
    except ShapeError as error:
        error.path.append(name)
        raise
