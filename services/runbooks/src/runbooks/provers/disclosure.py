"""`disclosure`: no personal data and no small cells in what goes out (spec/provers.md, 11)."""

from __future__ import annotations

__all__ = ["Disclosure"]

import re
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any

from runbooks.canonical import dumps, pointer_to
from runbooks.evidence import Scope, resolve_pointer
from runbooks.provers.prover import Claim, Prover, Verdict
from runbooks.provers.rows import POINTER, find_rows

_MAX_FINDINGS = 20
# Each pattern is linear: what it repeats cannot be read in two ways.
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2}", re.ASCII)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}(?![A-Za-z0-9])", re.ASCII)
_DIGIT_GROUPS = re.compile(r"[0-9]+(?:[ -][0-9]+)*", re.ASCII)
_DOUBLED = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]
_PHONE = re.compile(r"\+[1-9][0-9 ()-]{6,18}[0-9](?![0-9])", re.ASCII)


class Disclosure(Prover):
    """Names the places of what it finds, never the text."""

    kind = "disclosure"
    phase = "postconditions"
    members = {
        "kinds": {
            "type": "array",
            "uniqueItems": True,
            "items": {"enum": ["email", "iban", "card", "phone"]},
        },
        "smallCells": {
            "type": "object",
            "additionalProperties": False,
            "required": ["field", "minimum"],
            "properties": {"field": {"type": "string"}, "minimum": {"type": "integer", "minimum": 2}},
        },
        **POINTER,
    }

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """From the strings and the counts below the claim's pointer."""
        del answer
        pointer = claim.get("pointer", "")
        found, value = resolve_pointer(scope.outputs, pointer)
        evidence: dict[str, Any] = {"pointer": pointer, "strings": None, "findings": [], "smallest": None}
        if not found:
            return Verdict("error", "disclosure.no_value", evidence)
        strings = list(_strings(value, ()))
        evidence["strings"] = len(strings)
        evidence["findings"] = _findings(strings, claim.get("kinds", list(_FINDERS)), pointer)
        cells = _cells(claim, scope)
        if cells is None:
            return Verdict("error", "disclosure.no_cells", evidence)
        evidence["smallest"] = min((cell for cell in cells if cell > 0), default=None)
        if evidence["findings"]:
            return Verdict("fail", "disclosure.personal_data", evidence)
        if evidence["smallest"] is not None and evidence["smallest"] < claim["smallCells"]["minimum"]:
            return Verdict("fail", "disclosure.small_cell", evidence)
        return Verdict("pass", "disclosure.none", evidence)


def _strings(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list | dict):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for name, item in items:
            yield from _strings(item, (*path, name))


def _findings(strings: list[tuple[tuple[str | int, ...], str]], kinds: list[str], pointer: str) -> list[dict[str, str]]:
    found = [
        {"kind": kind, "pointer": pointer + pointer_to(path)}
        for path, text in strings
        for kind in kinds
        if _FINDERS[kind](text)
    ]
    return sorted(found, key=dumps)[:_MAX_FINDINGS]


def _cells(claim: Claim, scope: Scope) -> list[int | float] | None:
    if "smallCells" not in claim:
        return []
    rows = find_rows(claim, scope)
    values = [row.get(claim["smallCells"]["field"]) for row in rows or ()]
    if rows is None or not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return None
    return [value for value in values if isinstance(value, int | float)]


def _is_iban(text: str) -> bool:
    digits = "".join(str(int(character, 36)) for character in text[4:] + text[:4])
    return int(digits) % 97 == 1


def _has_card(text: str) -> bool:
    runs = (match[0] for match in _DIGIT_GROUPS.finditer(text))
    return any(_has_card_in(re.split("[ -]", run)) for run in runs if len(run) >= 13)


def _has_card_in(groups: list[str]) -> bool:
    # Luhn sums of all numbers in one pass: two running sums, with every digit at an odd or at an even place doubled.
    # A number's sum is 0 modulo 10 when the running sum in which its last digit stands undoubled is the same
    # before and after it.
    digits = [int(character) for character in "".join(groups)]
    doubled = [_DOUBLED[digit] for digit in digits]
    sums = [_running([*digits], doubled, 1), _running([*digits], doubled, 0)]
    bounds = [0, *accumulate(len(group) for group in groups)]
    ends = [-1] * (len(digits) + 1)
    for end in bounds[1:]:
        ends[end] = sums[(end - 1) % 2][end]
    return any(
        sums[start % 2][start] in ends[start + 13 : start + 20 : 2]
        or sums[1 - start % 2][start] in ends[start + 14 : start + 20 : 2]
        for start in bounds
    )


def _running(digits: list[int], doubled: list[int], first: int) -> list[int]:
    """Sums modulo 10 before each digit and after the last, every second digit from `first` on doubled."""
    digits[first::2] = doubled[first::2]
    return [found % 10 for found in accumulate(digits, initial=0)]


_FINDERS: dict[str, Callable[[str], bool]] = {
    "card": _has_card,
    "email": lambda text: _EMAIL.search(text) is not None,
    "iban": lambda text: any(_is_iban(match[0]) for match in _IBAN.finditer(text)),
    "phone": lambda text: _PHONE.search(text) is not None,
}
