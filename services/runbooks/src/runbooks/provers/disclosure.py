"""`disclosure`: no personal data and no small cells in what goes out (spec/provers.md, 11)."""

from __future__ import annotations

__all__ = ["Disclosure"]

import re
from collections.abc import Callable, Iterator
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
    return any(_has_card_in(re.split("[ -]", match[0])) for match in _DIGIT_GROUPS.finditer(text))


def _has_card_in(groups: list[str]) -> bool:
    # Neighbouring whole groups: a group has at least one digit, so at most 19 of them count.
    for start in range(len(groups)):
        number = ""
        for group in groups[start : start + 19]:
            number += group[:20]
            if 13 <= len(number) <= 19 and _is_card(number):
                return True
    return False


def _is_card(number: str) -> bool:
    digits = [int(character) for character in number]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


_FINDERS: dict[str, Callable[[str], bool]] = {
    "card": _has_card,
    "email": lambda text: _EMAIL.search(text) is not None,
    "iban": lambda text: any(_is_iban(match[0]) for match in _IBAN.finditer(text)),
    "phone": lambda text: _PHONE.search(text) is not None,
}
