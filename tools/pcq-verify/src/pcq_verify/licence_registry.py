"""The licence registry: its closed shape, and its licences as rules (spec/licences.md, 1).

An unknown member is refused at every level: a misspelt `constraints` would make a permission wider than it was meant.
"""

from __future__ import annotations

__all__ = ["Licence", "Registry", "Rule", "check_licences", "read_registry"]

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pcq_verify.encoding import instant
from pcq_verify.shapes import (
    Checker,
    ShapeError,
    any_value,
    array,
    closed,
    integer,
    mapping,
    nullable,
    one_of,
    text,
    time,
)
from pcq_verify.strict_json import MAX_NUMBER

_RULE = closed(
    {"ruleId": text, "kind": one_of("permission", "prohibition", "obligation"), "action": text},
    {
        "constraints": array(closed({"left": text, "op": text, "right": any_value})),
        "duties": array(closed({"action": text}, {"seconds": integer(-MAX_NUMBER)})),
    },
)
_COMMON: dict[str, Checker] = {
    "licenceId": text,
    "version": text,
    "title": text,
    "resource": text,
    "effectiveFrom": time,
    "effectiveTo": nullable(time),
    "status": one_of("draft", "active", "suspended", "revoked", "expired"),
    "terms": text,
}
_OPTIONAL: dict[str, Checker] = {"assigner": text, "assignees": array(text), "spdx": text}
_simple = closed({**_COMMON, "permit": array(text), "prohibit": array(text)}, _OPTIONAL)
_ruled = closed({**_COMMON, "rules": array(_RULE)}, _OPTIONAL)
_terms = mapping(nullable(text))


def _licence(value: Any) -> None:
    if type(value) is not dict or "rules" not in value:
        _simple(value)
        return
    _ruled(value)
    _must_differ([rule["ruleId"] for rule in value["rules"]], "ruleId")


def _must_differ(names: list[str], what: str) -> None:
    if len(set(names)) != len(names):
        raise ShapeError(f"a {what} occurs twice")


_registry = closed(
    {"licences": array(_licence)},
    {"vocabulary": closed({}, {"actions": _terms, "purposes": _terms, "places": _terms})},
)


def check_licences(value: Any) -> None:
    """Raise ShapeError where `value` is no licence registry."""
    _registry(value)
    _must_differ([_name(item) for item in value["licences"]], "licenceId@version")


def _name(licence: Mapping[str, Any]) -> str:
    return f"{licence['licenceId']}@{licence['version']}"


@dataclass(frozen=True)
class Rule:
    """One permission, prohibition or obligation."""

    rule_id: str
    kind: str
    action: str
    constraints: tuple[Mapping[str, Any], ...] = ()
    duties: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Licence:
    """One licence; `start` and `end` are instants in microseconds, `assignees` is None when it is for everybody."""

    name: str
    resource: str
    status: str
    start: int
    end: int | None
    assignees: frozenset[str] | None
    rules: tuple[Rule, ...]

    def is_in_force(self, now: int) -> bool:
        """Active, and `now` not before its start and before its end."""
        return self.status == "active" and self.start <= now and (self.end is None or now < self.end)

    def is_for(self, user: str) -> bool:
        """True when nobody is named, or this user is."""
        return self.assignees is None or user in self.assignees


@dataclass(frozen=True)
class Registry:
    """All licences in the order of the UTF-8 bytes of their names, and the vocabulary."""

    licences: tuple[Licence, ...]
    vocabulary: Mapping[str, Mapping[str, str | None]]

    def broader(self, kind: str, term: str) -> set[str]:
        """`term` and its broader terms; a chain that comes back to itself ends there."""
        terms, found = self.vocabulary.get(kind, {}), set()
        reached: str | None = term
        while reached is not None and reached not in found:
            found.add(reached)
            reached = terms.get(reached)
        return found


def read_registry(value: Mapping[str, Any]) -> Registry:
    """The registry of a value that `check_licences` accepts."""
    licences = sorted((_read_licence(item) for item in value["licences"]), key=lambda item: item.name.encode())
    return Registry(tuple(licences), value.get("vocabulary", {}))


def _read_licence(item: Mapping[str, Any]) -> Licence:
    assignees = item.get("assignees")
    return Licence(
        name=_name(item),
        resource=item["resource"],
        status=item["status"],
        start=instant(item["effectiveFrom"]) or 0,
        end=instant(item["effectiveTo"]),
        assignees=None if assignees is None else frozenset(assignees),
        rules=tuple(_read_rules(item)),
    )


def _read_rules(item: Mapping[str, Any]) -> list[Rule]:
    if "rules" not in item:
        return [
            Rule(f"{member}/{index}", kind, action)
            for member, kind in (("permit", "permission"), ("prohibit", "prohibition"))
            for index, action in enumerate(item[member])
        ]
    return [
        Rule(
            rule["ruleId"],
            rule["kind"],
            rule["action"],
            tuple(rule.get("constraints", ())),
            tuple(rule.get("duties", ())),
        )
        for rule in item["rules"]
    ]
