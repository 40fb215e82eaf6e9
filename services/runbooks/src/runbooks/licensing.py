"""Licences: who may do what with which data, under which constraints and duties (spec/licences.md).

A decidable subset of ODRL. Default deny, a prohibition wins, and what is unknown denies: a permission needs
constraints that are true, a prohibition applies unless its constraints are false. Terms decide first; what the
registry said of revocation takes permissions away and nothing else.
"""

from __future__ import annotations

__all__ = ["Decision", "Use", "decide", "decide_sources", "licence_name", "names_for", "names_known"]

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runbooks.evidence import instant

Licence = Mapping[str, Any]
Rule = Mapping[str, Any]

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "lt": lambda left, right: bool(left < right),
    "lteq": lambda left, right: bool(left <= right),
    "gt": lambda left, right: bool(left > right),
    "gteq": lambda left, right: bool(left >= right),
}
_STATED = ("recipient", "spatial", "count", "fileFormat", "industry", "product", "project", "institution")
_HIERARCHIES = {"purpose": "purposes", "spatial": "places"}


@dataclass(frozen=True)
class Use:
    """What is asked about: an action, by whom, when, for what purpose, and what the claim states besides."""

    action: str
    user: str
    now: str
    purpose: str | None
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Decision:
    """A verdict on a use; `licence` (its name) and `rule` are what decided it, `duties` what a permitted use owes."""

    result: str
    reason: str
    licence: str | None = None
    rule: str | None = None
    duties: list[dict[str, Any]] = field(default_factory=list)


def licence_name(licence: Licence) -> str:
    """`licenceId@version`."""
    return f"{licence['licenceId']}@{licence['version']}"


def names_for(registry: Mapping[str, Any], resource: str) -> list[str]:
    """Names of the licences of `resource`, in their order: what a registry is asked about (spec/licences.md, 7)."""
    about = (item for item in registry["licences"] if item["resource"] == resource)
    return [licence_name(item) for item in _sorted(about)]


def names_known(registry: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Those of `names` that the registry has, in their order."""
    known = {licence_name(item) for item in registry["licences"]}
    return [name for name in names if name in known]


def decide(registry: Mapping[str, Any], resource: str, use: Use, revoked: Collection[str] | None) -> Decision:
    """May `resource` be used so? (spec/licences.md, 5)

    `revoked` are the names that may not be used any more; None when the registry did not say.
    """
    unknown = _unknown_term(registry, use)
    if unknown is not None:
        return unknown
    matching = _sorted(item for item in registry["licences"] if item["resource"] == resource)
    if not matching:
        return Decision("fail", "licence.unknown_resource")
    in_force = [item for item in matching if _is_in_force(item, use.now)]
    if not in_force:
        return Decision("fail", "licence.not_active", licence_name(matching[0]))
    assigned = [item for item in in_force if _is_for(item, use.user)]
    if not assigned:
        return Decision("fail", "licence.not_assigned", licence_name(in_force[0]))
    return _decide_among(_Vocabulary(registry), assigned, use, revoked)


def decide_sources(
    registry: Mapping[str, Any],
    sources: Sequence[str],
    use: Use,
    revoked: Collection[str] | None,
    *,
    unnamed: bool = False,
) -> Decision:
    """May what was made of all `sources` (licence names) be used so? (spec/licences.md, 6); `revoked` as in `decide`.

    `unnamed`: data that no licence covers are among them. The duties are those of all sources, each with its `licence`.
    """
    unknown = _unknown_term(registry, use)
    if unknown is not None:
        return unknown
    if unnamed or not sources:
        return Decision("fail", "licence.source_denies" if unnamed else "licence.no_source")
    by_name = {licence_name(item): item for item in registry["licences"]}
    duties = []
    for name in sources:
        found = _decide_alone(registry, by_name.get(name), use)
        if found is None or found.result != "pass":
            return Decision("fail", "licence.source_denies", name)
        duties += [{"licence": name, **duty} for duty in found.duties]
    if revoked is None:
        return Decision("error", "licence.registry_unavailable")
    for name in sources:
        if name in revoked:
            return Decision("fail", "licence.revoked", name)
    return Decision("pass", "licence.sources_permit", None, None, duties)


def _decide_alone(registry: Mapping[str, Any], licence: Licence | None, use: Use) -> Decision | None:
    if licence is None or not _is_in_force(licence, use.now) or not _is_for(licence, use.user):
        return None
    return _decide_among(_Vocabulary(registry), [licence], use, ())


def _decide_among(
    vocabulary: _Vocabulary, licences: Sequence[Licence], use: Use, revoked: Collection[str] | None
) -> Decision:
    # A revoked licence's prohibitions still bind: otherwise a revocation could turn a denial into a pass.
    for licence in licences:
        for rule in _rules(licence):
            if rule["kind"] == "prohibition" and vocabulary.forbids(rule, licence, use):
                return Decision("fail", "licence.prohibited", licence_name(licence), rule["ruleId"])
    permitting = [
        (licence, rule)
        for licence in licences
        for rule in _rules(licence)
        if rule["kind"] == "permission" and vocabulary.permits(rule, licence, use)
    ]
    if not permitting:
        return Decision("fail", "licence.not_permitted", licence_name(licences[0]))
    if revoked is None:
        return Decision("error", "licence.registry_unavailable")
    for licence, rule in permitting:
        name = licence_name(licence)
        if name not in revoked:
            duties = vocabulary.duties(licence, rule, use)
            return Decision("pass", "licence.permitted", name, rule["ruleId"], duties)
    licence, rule = permitting[0]
    return Decision("fail", "licence.revoked", licence_name(licence), rule["ruleId"])


class _Vocabulary:
    """The registry's terms, and what rules mean with them."""

    def __init__(self, registry: Mapping[str, Any]) -> None:
        self._terms: Mapping[str, Mapping[str, str | None]] = registry.get("vocabulary", {})

    def permits(self, rule: Rule, licence: Licence, use: Use) -> bool:
        is_covered = rule["action"] in self._broader("actions", use.action)
        return is_covered and self._constraints(rule, licence, use) is True

    def forbids(self, rule: Rule, licence: Licence, use: Use) -> bool:
        # A use that includes a forbidden part is forbidden as well.
        is_covered = rule["action"] in self._broader("actions", use.action)
        is_part = use.action in self._broader("actions", rule["action"])
        return (is_covered or is_part) and self._constraints(rule, licence, use) is not False

    def duties(self, licence: Licence, permitting: Rule, use: Use) -> list[dict[str, Any]]:
        owed = []
        for rule in _rules(licence):
            if rule["ruleId"] == permitting["ruleId"]:
                owed += [(rule, duty) for duty in rule.get("duties", ())]
            elif rule["kind"] == "obligation" and self._constraints(rule, licence, use) is not False:
                owed.append((rule, {"action": rule["action"]}))
        return [
            {"rule": rule["ruleId"], "action": duty["action"], "seconds": duty.get("seconds")} for rule, duty in owed
        ]

    def _constraints(self, rule: Rule, licence: Licence, use: Use) -> bool | None:
        facts = _facts(licence, use)
        values = [self._constraint(item, facts) for item in rule.get("constraints", ())]
        if False in values:
            return False
        return None if None in values else True

    def _constraint(self, constraint: Mapping[str, Any], facts: Mapping[str, Any]) -> bool | None:
        left, operator, right = facts.get(constraint["left"]), constraint["op"], constraint["right"]
        if left is None:
            return None
        if operator in ("isAnyOf", "isNoneOf"):
            return _among(left, operator, right)
        if operator == "isPartOf":
            if not isinstance(left, str) or not isinstance(right, str):
                return None
            return right in self._broader(_HIERARCHIES.get(constraint["left"], ""), left)
        if constraint["left"] == "dateTime":
            left, right = _instant_of(left), _instant_of(right)
        return _compare(left, operator, right)

    def _broader(self, terms: str, term: str) -> list[str]:
        found = []
        current: str | None = term
        while current is not None and current not in found:
            found.append(current)
            current = self._terms.get(terms, {}).get(current)
        return found


def _unknown_term(registry: Mapping[str, Any], use: Use) -> Decision | None:
    vocabulary = registry.get("vocabulary", {})
    if "actions" in vocabulary and use.action not in vocabulary["actions"]:
        return Decision("fail", "licence.unknown_action")
    if "purposes" in vocabulary and use.purpose is not None and use.purpose not in vocabulary["purposes"]:
        return Decision("fail", "licence.unknown_purpose")
    return None


def _facts(licence: Licence, use: Use) -> dict[str, Any]:
    elapsed = instant(use.now) - instant(licence["effectiveFrom"])
    stated = {name: use.facts.get(name) for name in _STATED}
    return {
        **stated,
        "dateTime": use.now,
        "user": use.user,
        "purpose": use.purpose,
        "elapsedTime": elapsed.days * 86_400 + elapsed.seconds,
    }


def _among(left: Any, operator: str, right: Any) -> bool | None:
    if not isinstance(right, list) or not all(_is_scalar(item) for item in right):
        return None
    is_there = any(_kind(item) == _kind(left) and item == left for item in right)
    return is_there if operator == "isAnyOf" else not is_there


def _compare(left: Any, operator: str, right: Any) -> bool | None:
    if left is None or right is None or _kind(left) != _kind(right):
        return None
    if operator in ("eq", "neq"):
        return bool(left == right) is (operator == "eq")
    if operator not in _ORDER or isinstance(left, str):
        return None
    return _ORDER[operator](left, right)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else type(value).__name__


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str) or _kind(value) == "number"


def _instant_of(value: Any) -> Any:
    try:
        return instant(value) if isinstance(value, str) and value.endswith("Z") else None
    except ValueError:
        return None


def _rules(licence: Licence) -> Iterable[Rule]:
    if "rules" in licence:
        return list(licence["rules"])
    kinds = (("permit", "permission"), ("prohibit", "prohibition"))
    return [
        {"ruleId": f"{member}/{number}", "kind": kind, "action": action}
        for member, kind in kinds
        for number, action in enumerate(licence[member])
    ]


def _is_in_force(licence: Licence, now: str) -> bool:
    if licence["status"] != "active" or instant(licence["effectiveFrom"]) > instant(now):
        return False
    end = licence["effectiveTo"]
    return end is None or instant(now) < instant(end)


def _is_for(licence: Licence, user: str) -> bool:
    return "assignees" not in licence or user in licence["assignees"]


def _sorted(licences: Iterable[Licence]) -> list[Licence]:
    return sorted(licences, key=lambda item: licence_name(item).encode())
