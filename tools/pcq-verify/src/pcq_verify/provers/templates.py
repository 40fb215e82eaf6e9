"""Templates of claims: what they may hold, and what they say with their values (spec/provers.md, 5)."""

from __future__ import annotations

__all__ = ["REASONS", "is_template_claim", "reason_against"]

import re
from collections.abc import Iterator, Mapping
from typing import Any
from unicodedata import category

from pcq_verify.encoding import digest
from pcq_verify.jcs import canonical

_PART = re.compile(r"\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}|(?P<brace>[{}])|(?P<words>[^{}]+)")

REASONS = ("placeholders", "literal_number", "value", "text")


def is_template_claim(item: Mapping[str, Any]) -> bool:
    """True when `template` and `values` of a claim are of their shape; a claim with neither is so too."""
    if "template" not in item and "values" not in item:
        return True
    if type(item.get("template")) is not str or type(item.get("values")) is not dict:
        return False
    return all(
        type(told) is dict and type(told.get("stepId")) is str and type(told.get("pointer")) is str and "value" in told
        for told in item["values"].values()
    )


def reason_against(item: Mapping[str, Any], found: Mapping[str, str | None]) -> str | None:
    """The reason of the first rule that the claim breaks, or None; `found` are digests of what the record has."""
    broken = set(_broken(item, found))
    return next((f"citations.{name}" for name in REASONS if name in broken), None)


def _broken(item: Mapping[str, Any], found: Mapping[str, str | None]) -> Iterator[str]:
    values, seen, written = item["values"], set(), []
    for part in _PART.finditer(item["template"]):
        if part["brace"]:
            yield "placeholders"
        elif part["words"]:
            written.append(part["words"])
            if any(category(letter) in ("Nd", "Nl", "No") for letter in part["words"]):
                yield "literal_number"
        elif part["name"] in values:
            seen.add(part["name"])
            written.append(_spelled(values[part["name"]]["value"]))
        else:
            yield "placeholders"
    if seen != set(values):
        yield "placeholders"
    for name, told in values.items():
        if type(told["value"]) not in (str, int, float) or found[name] != digest(canonical(told["value"])):
            yield "value"
    if "".join(written) != item["text"]:
        yield "text"


def _spelled(value: Any) -> str:
    return value if type(value) is str else canonical(value).decode("utf-8")
