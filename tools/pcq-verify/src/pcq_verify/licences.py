"""Decides uses under licences: default deny, a prohibition wins, what is unknown denies (spec/licences.md, 2 to 6).

Pure arithmetic over a registry and facts. Three values stand for a constraint: True, False, and None for unknown.
"""

from __future__ import annotations

__all__ = ["Decision", "Use", "decide", "decide_derived"]

import operator
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pcq_verify.encoding import instant
from pcq_verify.licence_registry import Licence, Registry, Rule

_CLAIMED = ("recipient", "spatial", "count", "fileFormat", "industry", "product", "project", "institution")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "neq": operator.ne,
    "lt": operator.lt,
    "lteq": operator.le,
    "gt": operator.gt,
    "gteq": operator.ge,
}
_PLACES = {"purpose": "purposes", "spatial": "places"}


@dataclass(frozen=True)
class Use:
    """What is asked about: an action by a user at a time, for a purpose, with what the claim states besides."""

    action: str
    now: str
    user: str
    purpose: str | None
    stated: Mapping[str, Any]

    @property
    def instant(self) -> int:
        """`now` in microseconds."""
        return instant(self.now) or 0

    def facts(self, licence: Licence) -> dict[str, Any]:
        """The facts that are known, by name; `elapsedTime` depends on the licence."""
        known = {name: self.stated.get(name) for name in _CLAIMED}
        known.update(
            dateTime=self.now,
            user=self.user,
            purpose=self.purpose,
            elapsedTime=(self.instant - licence.start) // 1_000_000,
        )
        return {name: value for name, value in known.items() if value is not None}


@dataclass(frozen=True)
class Decision:
    """Result, reason, the licence and rule that decided, and the duties of a pass (each without its licence)."""

    result: str
    reason: str
    licence: str | None = None
    rule: str | None = None
    duties: list[dict[str, Any]] = field(default_factory=list)


_UNAVAILABLE = Decision("error", "licence.registry_unavailable")


def decide(registry: Registry, resource: str, use: Use, revoked: Collection[str] | None) -> Decision:
    """One use of one resource under all its licences (spec/licences.md, 5); `revoked` is None when nobody said."""
    unknown = _unknown_word(registry, use)
    if unknown:
        return Decision("fail", unknown)
    about = [licence for licence in registry.licences if licence.resource == resource]
    if not about:
        return Decision("fail", "licence.unknown_resource")
    active = [licence for licence in about if licence.is_in_force(use.instant)]
    if not active:
        return Decision("fail", "licence.not_active", about[0].name)
    assigned = [licence for licence in active if licence.is_for(use.user)]
    if not assigned:
        return Decision("fail", "licence.not_assigned", active[0].name)
    for licence in assigned:
        rule = _first(licence, use, registry, _forbids)
        if rule:
            return Decision("fail", "licence.prohibited", licence.name, rule.rule_id)
    return _permitted(registry, assigned, use, revoked)


def _permitted(registry: Registry, assigned: Sequence[Licence], use: Use, revoked: Collection[str] | None) -> Decision:
    first: tuple[str, str] | None = None
    for licence in assigned:
        rule = _first(licence, use, registry, _permits)
        if rule and revoked is not None and licence.name not in revoked:
            duties = _duties(licence, rule, use, registry)
            return Decision("pass", "licence.permitted", licence.name, rule.rule_id, duties)
        if rule and first is None:
            first = (licence.name, rule.rule_id)
    if first is None:
        return Decision("fail", "licence.not_permitted", assigned[0].name)
    return _UNAVAILABLE if revoked is None else Decision("fail", "licence.revoked", *first)


def decide_derived(
    registry: Registry, sources: Sequence[str], use: Use, revoked: Collection[str] | None, *, uncovered: bool = False
) -> Decision:
    """One use of what was made of `sources`, licence names in order, each asked alone (spec/licences.md, 6).

    `uncovered` when some of the data came under no licence at all.
    """
    unknown = _unknown_word(registry, use)
    if unknown:
        return Decision("fail", unknown)
    if uncovered:
        return Decision("fail", "licence.source_denies")
    if not sources:
        return Decision("fail", "licence.no_source")
    known, duties = {licence.name: licence for licence in registry.licences}, []
    for name in sources:
        licence = known.get(name)
        rule = _permitting(licence, use, registry) if licence else None
        if licence is None or rule is None:
            return Decision("fail", "licence.source_denies", name)
        duties += [{"licence": name, **duty} for duty in _duties(licence, rule, use, registry)]
    if revoked is None:
        return _UNAVAILABLE
    gone = next((name for name in sources if name in revoked), None)
    if gone is not None:
        return Decision("fail", "licence.revoked", gone)
    return Decision("pass", "licence.sources_permit", duties=duties)


def _unknown_word(registry: Registry, use: Use) -> str:
    vocabulary = registry.vocabulary
    if "actions" in vocabulary and use.action not in vocabulary["actions"]:
        return "licence.unknown_action"
    if "purposes" in vocabulary and use.purpose is not None and use.purpose not in vocabulary["purposes"]:
        return "licence.unknown_purpose"
    return ""


def _permitting(licence: Licence, use: Use, registry: Registry) -> Rule | None:
    if not licence.is_in_force(use.instant) or not licence.is_for(use.user):
        return None
    return None if _first(licence, use, registry, _forbids) else _first(licence, use, registry, _permits)


_Test = Callable[[Rule, Use, Registry, Mapping[str, Any]], bool]


def _first(licence: Licence, use: Use, registry: Registry, test: _Test) -> Rule | None:
    facts = use.facts(licence)
    return next((rule for rule in licence.rules if test(rule, use, registry, facts)), None)


def _permits(rule: Rule, use: Use, registry: Registry, facts: Mapping[str, Any]) -> bool:
    if rule.kind != "permission" or rule.action not in registry.broader("actions", use.action):
        return False
    return _together(rule, facts, registry) is True


def _forbids(rule: Rule, use: Use, registry: Registry, facts: Mapping[str, Any]) -> bool:
    # A prohibition of a part of what is asked forbids the whole: who may not print may not use without limit.
    is_about = rule.action in registry.broader("actions", use.action)
    is_about = is_about or use.action in registry.broader("actions", rule.action)
    return rule.kind == "prohibition" and is_about and _together(rule, facts, registry) is not False


def _duties(licence: Licence, permitting: Rule, use: Use, registry: Registry) -> list[dict[str, Any]]:
    facts, duties = use.facts(licence), []
    for rule in licence.rules:
        if rule is permitting:
            duties += [
                {"rule": rule.rule_id, "action": duty["action"], "seconds": duty.get("seconds")} for duty in rule.duties
            ]
        elif rule.kind == "obligation" and _together(rule, facts, registry) is not False:
            duties.append({"rule": rule.rule_id, "action": rule.action, "seconds": None})
    return duties


def _together(rule: Rule, facts: Mapping[str, Any], registry: Registry) -> bool | None:
    values = [_holds(constraint, facts, registry) for constraint in rule.constraints]
    if False in values:
        return False
    return None if None in values else True


def _holds(constraint: Mapping[str, Any], facts: Mapping[str, Any], registry: Registry) -> bool | None:
    name, sign, right = constraint["left"], constraint["op"], constraint["right"]
    if name not in facts:
        return None
    left = facts[name]
    if sign in _COMPARISONS:
        return _compared(name, left, sign, right)
    if sign in ("isAnyOf", "isNoneOf"):
        if type(right) is not list or not all(type(item) in (str, int, float) for item in right):
            return None
        return (left in right) is (sign == "isAnyOf")
    if sign == "isPartOf" and type(left) is str and type(right) is str:
        return right in registry.broader(_PLACES[name], left) if name in _PLACES else left == right
    return None


def _compared(name: str, left: Any, sign: str, right: Any) -> bool | None:
    if name == "dateTime":
        left, right = instant(left), instant(right)
        return None if right is None else _COMPARISONS[sign](left, right)
    if type(left) is str and type(right) is str:
        return _COMPARISONS[sign](left, right) if sign in ("eq", "neq") else None
    if type(left) in (int, float) and type(right) in (int, float):
        return _COMPARISONS[sign](left, right)
    return None
