"""`license_registry`: does a licence in force permit this use? Default deny; prohibition wins (spec/provers.md, 3)."""

from __future__ import annotations

__all__ = ["LicenceCheck"]

import re
from collections.abc import Mapping
from typing import Any

from runbooks.evidence import Scope, instant
from runbooks.provers.prover import Claim, Prover, Verdict

_CHECK = re.compile(r"(\S+) allows (\S+)")


class LicenceCheck(Prover):
    """`<resource> allows <action>`, decided at the execution's logical time."""

    kind = "license_registry"
    phase = "preconditions"
    members = {"check": {"type": "string", "minLength": 1}}
    required = ("check",)

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """From the registry alone."""
        del answer
        check = _CHECK.fullmatch(claim["check"])
        resource, action = check.groups() if check else (None, None)
        result, reason, licence = _decide(scope, resource, action)
        evidence = {
            "registry": scope.licences_digest,
            "resource": resource,
            "action": action,
            "now": scope.logical_time,
            "licence": licence and _name(licence),
        }
        return Verdict(result, reason, evidence)  # type: ignore[arg-type]


def _decide(scope: Scope, resource: str | None, action: str | None) -> tuple[str, str, Mapping[str, Any] | None]:
    if resource is None:
        return "error", "licence.malformed_check", None
    matching = [item for item in scope.licences.get("licences", ()) if item["resource"] == resource]
    matching.sort(key=lambda item: _name(item).encode())
    if not matching:
        return "fail", "licence.unknown_resource", None
    active = [item for item in matching if _is_active(item, scope.logical_time)]
    if not active:
        return "fail", "licence.not_active", matching[0]
    for member, result, reason in (("prohibit", "fail", "licence.prohibited"), ("permit", "pass", "licence.permitted")):
        for item in active:
            if action in item[member]:
                return result, reason, item
    return "fail", "licence.not_permitted", active[0]


def _is_active(licence: Mapping[str, Any], now: str) -> bool:
    if licence["status"] != "active" or instant(licence["effectiveFrom"]) > instant(now):
        return False
    end = licence["effectiveTo"]
    return end is None or instant(now) < instant(end)


def _name(licence: Mapping[str, Any]) -> str:
    return f"{licence['licenceId']}@{licence['version']}"
