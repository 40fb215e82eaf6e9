"""Shapes of the installation's registries: provers, policies, licences (spec/provers.md, 1 to 3).

They are looked at when they are loaded, for an execution carries them in its record for ever, and a
judge that met a missing member in the middle of one could only fall over.
"""

from __future__ import annotations

__all__ = ["licences_schema", "registry_problems"]

from functools import lru_cache
from typing import Any

from runbooks.canonical import pointer_to
from runbooks.errors import Problem
from runbooks.evidence import instant
from runbooks.provers import claim_problems
from runbooks.schema import claims_schema
from runbooks.spdx import spdx_fault

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_TIME = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?Z$",
}
_LICENCE = {
    "licenceId": _TEXT,
    "version": _TEXT,
    "title": _TEXT,
    "resource": _TEXT,
    "effectiveFrom": _TIME,
    "effectiveTo": {"anyOf": [_TIME, {"type": "null"}]},
    "status": {"enum": ["draft", "active", "suspended", "revoked", "expired"]},
    "terms": _TEXT,
}
_OPERATORS = ["eq", "neq", "lt", "lteq", "gt", "gteq", "isAnyOf", "isNoneOf", "isPartOf"]
_RULE = {
    "ruleId": _TEXT,
    "kind": {"enum": ["permission", "prohibition", "obligation"]},
    "action": _TEXT,
}
_CONSTRAINT = {"left": _TEXT, "op": {"enum": _OPERATORS}, "right": {"type": ["string", "number", "array"]}}
_DUTY = {"action": _TEXT, "seconds": {"type": "integer", "minimum": 0}}


def licences_schema() -> dict[str, Any]:
    """JSON Schema of a licence registry (spec/licences.md)."""
    members = {"licences": {"type": "array", "items": _licence()}, "vocabulary": _vocabulary()}
    return {"type": "object", "required": ["licences"], "properties": members}


def registry_problems(name: str, value: Any) -> list[Problem]:
    """Every place where the registry `provers`, `policies` or `licences` does not have its shape."""
    problems = []
    for error in _validator(name).iter_errors(value):
        hint = f"see spec/provers.md for the members of {name}"
        problems.append(Problem("registry.shape", pointer_to(error.instance_path), error.message[:300], hint))
    if name == "licences" and not problems:
        found = value["licences"]
        problems += [*_time_problems(found), *_name_problems(found), *_spdx_problems(found)]
    if name == "provers" and not problems:
        problems += _claim_problems(value)
    return list(dict.fromkeys(problems))


def _claim_problems(registry: dict[str, dict[str, Any]]) -> list[Problem]:
    problems = []
    for phase in ("preconditions", "postconditions"):
        for name, claim in registry.get(phase, {}).items():
            for found in claim_problems(claim):
                where = pointer_to([phase, name]) + found.pointer
                problems.append(Problem("registry.shape", where, found.message, found.hint))
    return problems


def _time_problems(licences: list[dict[str, Any]]) -> list[Problem]:
    problems = []
    for number, licence in enumerate(licences):
        for member in ("effectiveFrom", "effectiveTo"):
            try:
                _ = licence[member] is None or instant(licence[member])
            except ValueError as error:
                where, hint = f"/licences/{number}/{member}", "write a date of the calendar"
                problems.append(Problem("registry.shape", where, f"{licence[member]}: {error}", hint))
    return problems


@lru_cache(maxsize=3)
def _validator(name: str) -> Any:
    import jsonschema_rs

    claims = claims_schema()
    policies = {"modules": {"type": "object", "additionalProperties": _TEXT}, "data": {"type": "object"}}
    schemas: dict[str, dict[str, Any]] = {
        "provers": {"type": "object", "properties": {"preconditions": claims, "postconditions": claims}},
        "policies": {"type": "object", "required": ["modules", "data"], "properties": policies},
        "licences": licences_schema(),
    }
    return jsonschema_rs.Draft202012Validator(schemas[name])


def _name_problems(licences: list[dict[str, Any]]) -> list[Problem]:
    problems = []
    seen: set[str] = set()
    for number, licence in enumerate(licences):
        name = f"{licence['licenceId']}@{licence['version']}"
        if name in seen:
            hint = "a changed licence gets another version"
            problems.append(Problem("registry.shape", f"/licences/{number}", f"{name} is there twice", hint))
        seen.add(name)
        rules = [rule["ruleId"] for rule in licence.get("rules", ())]
        if len(set(rules)) < len(rules):
            where = f"/licences/{number}/rules"
            problems.append(Problem("registry.shape", where, f"{name} has a ruleId twice", "give each rule its own"))
    return problems


def _spdx_problems(licences: list[dict[str, Any]]) -> list[Problem]:
    problems = []
    for number, licence in enumerate(licences):
        fault = spdx_fault(licence["spdx"]) if "spdx" in licence else None
        if fault is not None:
            message = f"{licence['spdx'][:100]!r} is no SPDX licence expression: {fault}"
            hint = "write identifiers of spdx.org/licenses, or LicenseRef- and a name for a text of your own"
            problems.append(Problem("registry.shape", f"/licences/{number}/spdx", message, hint))
    return problems


def _licence() -> dict[str, Any]:
    constraints = {"type": "array", "items": _closed(_CONSTRAINT, list(_CONSTRAINT))}
    duties = {"type": "array", "items": _closed(_DUTY, ["action"])}
    rule = _closed({**_RULE, "constraints": constraints, "duties": duties}, list(_RULE))
    optional = {"assigner": _TEXT, "assignees": _TEXTS, "spdx": _TEXT}
    rules = {"permit": _TEXTS, "prohibit": _TEXTS, "rules": {"type": "array", "items": rule}}
    # Closed at every level: a misspelt `constraints` must not widen a permission.
    whole = _closed({**_LICENCE, **optional, **rules}, list(_LICENCE))
    forms = [{"required": ["rules"]}, {"required": ["permit", "prohibit"]}]
    return {**whole, "oneOf": forms}


def _vocabulary() -> dict[str, Any]:
    terms = {"type": "object", "additionalProperties": {"type": ["string", "null"]}}
    return _closed({"actions": terms, "purposes": terms, "places": terms}, [])


def _closed(members: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": members}
