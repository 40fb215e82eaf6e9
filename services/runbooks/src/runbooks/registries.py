"""Shapes of the installation's registries: provers, policies, licences (spec/provers.md, 1 to 3).

They are looked at when they are loaded, for an execution carries them in its record for ever, and a
judge that met a missing member in the middle of one could only fall over.
"""

from __future__ import annotations

__all__ = ["registry_problems"]

from functools import lru_cache
from typing import Any

from runbooks.canonical import pointer_to
from runbooks.errors import Problem
from runbooks.evidence import instant
from runbooks.schema import claims_schema

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
    "permit": _TEXTS,
    "prohibit": _TEXTS,
    "effectiveFrom": _TIME,
    "effectiveTo": {"anyOf": [_TIME, {"type": "null"}]},
    "status": {"enum": ["active", "suspended", "revoked"]},
    "terms": _TEXT,
}


def registry_problems(name: str, value: Any) -> list[Problem]:
    """Every place where the registry `provers`, `policies` or `licences` does not have its shape."""
    problems = []
    for error in _validator(name).iter_errors(value):
        hint = f"see spec/provers.md for the members of {name}"
        problems.append(Problem("registry.shape", pointer_to(error.instance_path), error.message[:300], hint))
    if name == "licences" and not problems:
        problems += _time_problems(value["licences"])
    return list(dict.fromkeys(problems))


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

    licence = {"type": "object", "required": list(_LICENCE), "properties": _LICENCE}
    claims = claims_schema()
    members: dict[str, dict[str, Any]] = {
        "provers": {"preconditions": claims, "postconditions": claims},
        "policies": {"modules": {"type": "object", "additionalProperties": _TEXT}, "data": {"type": "object"}},
        "licences": {"licences": {"type": "array", "items": licence}},
    }
    required = [] if name == "provers" else list(members[name])
    schema = {"type": "object", "required": required, "properties": members[name]}
    return jsonschema_rs.Draft202012Validator(schema)
