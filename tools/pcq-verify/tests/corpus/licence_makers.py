"""Small makers of licences, rules and cases; a case is a plain permission with one thing changed."""

from __future__ import annotations

__all__ = ["FAIL", "NOW", "PASS", "case", "licence", "may", "must_not", "rule", "where"]

from typing import Any

Json = Any

NOW = "2026-02-03T04:05:06Z"
_FACTS: Json = {"now": NOW, "user": "agent-456", "purpose": "enrichment", "revoked": []}
PASS, FAIL = "licence.permitted", "licence.not_permitted"


def licence(name: str, *rules: Json, **members: Json) -> Json:
    """A licence `name@1` of the data, in force, for everybody."""
    common = {
        "licenceId": name,
        "version": "1",
        "title": f"Terms {name}",
        "resource": "data",
        "effectiveFrom": "2026-01-01T00:00:00Z",
        "effectiveTo": None,
        "status": "active",
        "terms": "For tests.",
    }
    return {**common, **({} if "permit" in members else {"rules": list(rules)}), **members}


def rule(kind: str, rule_id: str, action: str = "use", constraints: Json = None, duties: Json = None) -> Json:
    """A rule; without constraints and duties it has no such members."""
    made = {"ruleId": rule_id, "kind": kind, "action": action}
    made.update({} if constraints is None else {"constraints": constraints})
    return made if duties is None else {**made, "duties": duties}


def may(rule_id: str = "may", action: str = "use", constraints: Json = None, duties: Json = None) -> Json:
    """A permission."""
    return rule("permission", rule_id, action, constraints, duties)


def must_not(rule_id: str = "not", action: str = "use", constraints: Json = None) -> Json:
    """A prohibition."""
    return rule("prohibition", rule_id, action, constraints)


def where(left: str, op: str, right: Json) -> Json:
    """A constraint."""
    return {"left": left, "op": op, "right": right}


def case(name: str, licences: list[Json], reason: str, at: str = "", **members: Json) -> Json:
    """One case; `at` is `licence@version rule`, members are `claim`, `facts`, `vocabulary`, `duties`, `check`."""
    licence_name, _, rule_id = at.partition(" ")
    vocabulary = {"vocabulary": members["vocabulary"]} if "vocabulary" in members else {}
    claim = {"type": "license_registry", "check": members.get("check", "data allows use"), **members.get("claim", {})}
    if claim["type"] == "license_derived":
        del claim["check"]
    passed = reason in (PASS, "licence.sources_permit")
    failed = reason not in ("licence.malformed_check", "licence.registry_unavailable")
    return {
        "name": name,
        "registry": {"licences": licences, **vocabulary},
        "claim": claim,
        "facts": {**_FACTS, **members.get("facts", {})},
        "expect": {
            "result": "pass" if passed else "fail" if failed else "error",
            "reason": reason,
            "licence": licence_name or None,
            "rule": rule_id or None,
            "duties": members.get("duties", []),
        },
    }
