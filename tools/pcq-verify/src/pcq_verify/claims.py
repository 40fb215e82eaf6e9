"""The shapes of claims, one table line a kind (spec/provers.md, 2 to 15).

A claim of a kind that is not here has any members: its verdict is `prover.unknown_kind`, whatever it says. Members that
no judge reads are let be.
"""

from __future__ import annotations

__all__ = ["CLAIMS", "COMBINATIONS"]

import re
from typing import Any

from pcq_verify.needs import FOUR_EYES
from pcq_verify.shapes import (
    Checker,
    ShapeError,
    any_value,
    distinct,
    got,
    identifier,
    integer,
    mapping,
    number,
    one_of,
    open_object,
    text,
    text_or_number,
)

COMBINATIONS = ("all", "any", "at_least")

_SEVERITY: dict[str, Checker] = {"severity": one_of("block", "warn")}
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z")
_OFFSET = re.compile(r"[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]")


def _claim_of(members: dict[str, Checker], optional: dict[str, Checker] | None = None) -> Checker:
    return open_object(members, {**_SEVERITY, **(optional or {})})


def _least_one_of(names: tuple[str, ...], members: Checker) -> Checker:
    def check(value: Any) -> None:
        members(value)
        if not any(name in value for name in names):
            raise ShapeError(f"expected at least one of {', '.join(names)}")

    return check


def _spelled(pattern: re.Pattern[str], example: str) -> Checker:
    def check(value: Any) -> None:
        if type(value) is not str or not pattern.fullmatch(value):
            raise ShapeError(f"expected a text such as {example}, got {got(value)}")

    return check


def _weekday(value: Any) -> None:
    if type(value) is not int or not 1 <= value <= 7:
        raise ShapeError(f"expected 1 to 7, got {got(value)}")


def _fraction(value: Any) -> None:
    number(value)
    if not 0 <= value <= 1:
        raise ShapeError(f"expected a number from 0 to 1, got {got(value)}")


_POINTER: dict[str, Checker] = {"pointer": text}
_USE: dict[str, Checker] = {"purpose": text, "facts": mapping(text_or_number)}
# A date of no calendar has the shape: its verdict is `time_window.malformed`.
_DATE_TEXT = _spelled(_DATE, "2026-01-31T12:00:00Z")
_CLOCK_TEXT = _spelled(_CLOCK, "08:30")
_WINDOW = _least_one_of(
    ("notBefore", "notAfter", "days", "from", "to"),
    _claim_of(
        {},
        {
            "notBefore": _DATE_TEXT,
            "notAfter": _DATE_TEXT,
            "days": distinct(_weekday),
            "from": _CLOCK_TEXT,
            "to": _CLOCK_TEXT,
            "offset": _spelled(_OFFSET, "+01:00"),
        },
    ),
)
_COMBINED: dict[str, Checker] = {"provers": distinct(identifier)}

_KINDS: dict[str, Checker] = {
    "opa": _claim_of({"policy": text, "input": open_object({"action": text, "resource": text})}),
    "license_registry": _claim_of({"check": text}, _USE),
    "license_derived": _claim_of({"action": text}, _USE),
    "metric": _claim_of({"query": text, "assertion": text}),
    "citations": _claim_of({}, {"minimum": integer(1), "templates": one_of(True, False)}),
    "row_count": _least_one_of(
        ("minimum", "maximum"), _claim_of({}, {"minimum": integer(0), "maximum": integer(0), **_POINTER})
    ),
    "completeness": _claim_of({"fields": distinct(text, least=1), "minimum": _fraction}, _POINTER),
    "freshness": _claim_of({"field": text, "maximumAgeSeconds": integer(0)}, _POINTER),
    "schema": _claim_of({"schema": mapping(any_value)}, _POINTER),
    "disclosure": _claim_of(
        {},
        {
            "kinds": distinct(one_of("email", "iban", "card", "phone")),
            "smallCells": open_object({"field": text, "minimum": integer(2)}),
            **_POINTER,
        },
    ),
    "time_window": _WINDOW,
    "budget": _claim_of(
        {"counter": identifier, "limit": integer(0)},
        {"amount": text, "period": one_of("execution", "day", "month", "ever")},
    ),
    "all": _claim_of(_COMBINED),
    "any": _claim_of(_COMBINED),
    "at_least": _claim_of({**_COMBINED, "minimum": integer(1)}),
    "four_eyes": _claim_of({}, FOUR_EYES),
}
_any_claim = open_object({"type": text}, _SEVERITY)


def _claim(value: Any) -> None:
    _any_claim(value)
    _KINDS.get(value["type"], any_value)(value)


CLAIMS = open_object({}, {"preconditions": mapping(_claim), "postconditions": mapping(_claim)})
