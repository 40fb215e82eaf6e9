"""`license_registry`: does a licence in force permit this use? Default deny, prohibition first (spec/provers.md, 3)."""

from __future__ import annotations

__all__ = ["judge_licence"]

import re
from collections.abc import Mapping
from typing import Any

from pcq_verify.encoding import instant
from pcq_verify.provers.judgement import Judgement, Scope

_CHECK = re.compile(r"(\S+) allows (\S+)")


def judge_licence(claim: Mapping[str, Any], scope: Scope, recorded: Mapping[str, Any]) -> Judgement:
    """From the registry and the logical time alone."""
    del recorded
    check = _CHECK.fullmatch(claim["check"])
    resource, action = (check[1], check[2]) if check else (None, None)
    result, reason, licence = _decide(scope, resource, action)
    evidence = {
        "registry": scope.manifest.context["licences"],
        "resource": resource,
        "action": action,
        "now": scope.logical_time,
        "licence": _name(licence) if licence is not None else None,
    }
    return Judgement(result, reason, evidence)


def _decide(scope: Scope, resource: str | None, action: str | None) -> tuple[str, str, Mapping[str, Any] | None]:
    if resource is None:
        return "error", "licence.malformed_check", None
    about = sorted(
        (item for item in scope.licences["licences"] if item["resource"] == resource),
        key=lambda item: _name(item).encode(),
    )
    if not about:
        return "fail", "licence.unknown_resource", None
    active = [item for item in about if _is_active(item, scope.logical_time)]
    if not active:
        return "fail", "licence.not_active", about[0]
    for member, result, reason in (("prohibit", "fail", "licence.prohibited"), ("permit", "pass", "licence.permitted")):
        matching = [item for item in active if action in item[member]]
        if matching:
            return result, reason, matching[0]
    return "fail", "licence.not_permitted", active[0]


def _is_active(licence: Mapping[str, Any], now: str) -> bool:
    at, start, end = instant(now), instant(licence["effectiveFrom"]), instant(licence["effectiveTo"])
    if licence["status"] != "active" or at is None or start is None or at < start:
        return False
    return end is None or at < end


def _name(licence: Mapping[str, Any]) -> str:
    return f"{licence['licenceId']}@{licence['version']}"
