"""`disclosure`: no personal data in the texts, no small cells in the counts (spec/provers.md, 11).

The texts are a stranger's and long, so every pattern takes linear time. A finding names the place, never the text.
"""

from __future__ import annotations

__all__ = ["judge_disclosure"]

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pcq_verify.jcs import canonical
from pcq_verify.pointers import NOTHING, escaped
from pcq_verify.provers.judgement import Judgement, Scope
from pcq_verify.provers.rows import pointer_of, rows_at, value_at

_MOST_FINDINGS = 20

# What stands before the sign only has to end in one good character, so looking back at one is enough.
_EMAIL = re.compile(r"(?<=[A-Za-z0-9._%+-])@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)*\.[A-Za-z]{2}")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}(?![A-Za-z0-9])")
_DIGIT_GROUPS = re.compile(r"[0-9]++(?:[ -][0-9]++)*+")
_PHONE = re.compile(r"\+[1-9][0-9 ()-]{6,18}[0-9](?![0-9])")


def judge_disclosure(claim: Mapping[str, Any], scope: Scope, recorded: Mapping[str, Any]) -> Judgement:
    """From the step's own outputs."""
    del recorded
    value, cells = value_at(claim, scope), claim.get("smallCells")
    texts = [] if value is NOTHING else list(_texts(value, pointer_of(claim)))
    findings = _findings(texts, claim.get("kinds", tuple(_KINDS)))
    numbers = _numbers(claim, scope, cells["field"]) if cells else []
    smallest = min((item for item in numbers or () if item > 0), default=None)
    evidence = {
        "pointer": pointer_of(claim),
        "strings": None if value is NOTHING else len(texts),
        "findings": findings,
        "smallest": smallest,
    }
    if value is NOTHING:
        return Judgement("error", "disclosure.no_value", evidence)
    if numbers is None:
        return Judgement("error", "disclosure.no_cells", evidence)
    if findings:
        return Judgement("fail", "disclosure.personal_data", evidence)
    if cells and smallest is not None and smallest < cells["minimum"]:
        return Judgement("fail", "disclosure.small_cell", evidence)
    return Judgement("pass", "disclosure.none", evidence)


def _texts(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    """Every string at or below `value`, each with its pointer."""
    if type(value) is str:
        yield pointer, value
    elif type(value) is dict:
        for name, item in value.items():
            yield from _texts(item, f"{pointer}/{escaped(name)}")
    elif type(value) is list:
        for index, item in enumerate(value):
            yield from _texts(item, f"{pointer}/{index}")


def _findings(texts: list[tuple[str, str]], kinds: Any) -> list[dict[str, str]]:
    # A place occurs once among `texts` and a kind once among `kinds`, so findings are distinct.
    found = [{"kind": kind, "pointer": pointer} for kind in kinds for pointer, text in texts if _KINDS[kind](text)]
    return sorted(found, key=canonical)[:_MOST_FINDINGS]


def _numbers(claim: Mapping[str, Any], scope: Scope, field: str) -> list[int | float] | None:
    rows = rows_at(claim, scope)
    found = [row.get(field) for row in rows or ()]
    numbers: list[int | float] = [item for item in found if type(item) is int or type(item) is float]
    return None if rows is None or len(numbers) != len(found) else numbers


def _has_iban(text: str) -> bool:
    return any(
        int("".join(str(int(character, 36)) for character in match[0][4:] + match[0][:4])) % 97 == 1
        for match in _IBAN.finditer(text)
    )


def _has_card(text: str) -> bool:
    return any(
        _luhn(digits) == 0 for match in _DIGIT_GROUPS.finditer(text) for digits in _windows(re.split("[ -]", match[0]))
    )


def _windows(groups: list[str]) -> Iterator[str]:
    """Neighbouring whole groups of together 13 to 19 digits."""
    for start in range(len(groups)):
        digits = ""
        for group in groups[start : start + 19]:
            digits += group
            if len(digits) > 19:
                break
            if len(digits) >= 13:
                yield digits


def _luhn(digits: str) -> int:
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10


_KINDS: dict[str, Callable[[str], object]] = {
    "email": _EMAIL.search,
    "iban": _has_iban,
    "card": _has_card,
    "phone": _PHONE.search,
}
