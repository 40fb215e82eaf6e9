"""The published JSON Schema of a definition, put together from the registries of steps and provers.

`spec/schemas/runbook.schema.json` is this schema, as `python -m runbooks.schema` prints it; a test holds
them equal. So a new step type or prover brings its own members and nothing else changes.
"""

from __future__ import annotations

__all__ = ["claims_schema", "runbook_schema", "shape_problems"]

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from runbooks.canonical import pointer_to
from runbooks.errors import Problem
from runbooks.needs import NAMES, PEOPLE
from runbooks.provers import COMBINATIONS, PROVERS, Combination, Prover
from runbooks.steps import STEP_KINDS, StepKind

_IDENTIFIER = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:/@\\[\\]>=<-]{0,127}$"}
_TEXT = {"type": "string", "minLength": 1}
_NAMES = {"type": "array", "uniqueItems": True, "items": _IDENTIFIER}

_REVIEW = {"type": "object", "additionalProperties": False, "properties": {"assignedTo": NAMES, **PEOPLE}}
_CLAIM = {"severity": {"enum": ["block", "warn"]}, "type": _TEXT}
_COMMON = {
    "stepId": _IDENTIFIER,
    "type": {"enum": sorted(STEP_KINDS)},
    "description": {"type": "string"},
    "dependsOn": _NAMES,
    "inputs": {"anyOf": [_TEXT, {"type": "object", "additionalProperties": _TEXT}]},
    "preconditions": _NAMES,
    "postconditions": _NAMES,
    "retry": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "maxAttempts": {"type": "integer", "minimum": 1, "maximum": 10},
            "intervalSeconds": {"type": "number", "minimum": 0, "maximum": 3600},
        },
    },
    "timeout": {"type": "number", "exclusiveMinimum": 0, "maximum": 86400},
    "review": _REVIEW,
    "when": _TEXT,
}
_MAPPED = {"forEach": _TEXT, "maxConcurrency": {"type": "integer", "minimum": 1, "maximum": 64}}


def runbook_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of a definition."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Runbook definition",
        "type": "object",
        "additionalProperties": False,
        "required": ["runbookId", "name", "version", "steps"],
        "properties": {
            "runbookId": _IDENTIFIER,
            "name": _TEXT,
            "version": _TEXT,
            "description": {"type": "string"},
            "purpose": {"anyOf": [_TEXT, {"type": "null"}]},
            "parameters": {"type": "object", "properties": {"type": {"const": "object"}}, "required": ["type"]},
            "review": _REVIEW,
            "steps": {"type": "array", "minItems": 1, "maxItems": 100_000, "items": _step()},
            "provers": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"preconditions": claims_schema(), "postconditions": claims_schema()},
            },
        },
    }


def _step() -> dict[str, Any]:
    known = {"properties": {"type": {"enum": sorted(STEP_KINDS)}}}
    return {
        "type": "object",
        "required": ["stepId", "type"],
        "properties": {"stepId": _IDENTIFIER},
        # A step of unknown type is reported for its type alone.
        "allOf": [known, *(_step_rule(kind) for kind in STEP_KINDS.values())],
    }


def _step_rule(kind: StepKind) -> dict[str, Any]:
    common = {**_COMMON, **_MAPPED} if kind.is_mappable else _COMMON
    rule = _when(kind.kind, kind.members, kind.required, common)
    if kind.ways:
        every = {name for needed, allowed in kind.ways for name in needed + allowed}
        rule["then"]["oneOf"] = [
            {
                "required": list(needed),
                "properties": dict.fromkeys(sorted(every - {*needed, *allowed}), False),
            }
            for needed, allowed in kind.ways
        ]
    return rule


def claims_schema() -> dict[str, Any]:
    """JSON Schema of the claims of one phase, by prover name."""
    claim = {
        "type": "object",
        "required": ["type"],
        "properties": {"type": _TEXT},
        "allOf": [
            *(_claim_rule(prover) for prover in PROVERS.values()),
            *(_claim_rule(combination) for combination in COMBINATIONS.values()),
        ],
    }
    return {"type": "object", "propertyNames": _IDENTIFIER, "additionalProperties": claim}


def _claim_rule(prover: Prover | Combination) -> dict[str, Any]:
    return _when(prover.kind, prover.members, prover.required, _CLAIM, prover.one_of_required)


def _when(
    kind: str,
    members: dict[str, Any],
    required: tuple[str, ...],
    common: dict[str, Any],
    one_of: tuple[str, ...] = (),
) -> dict[str, Any]:
    then = {"additionalProperties": False, "required": list(required), "properties": {**common, **members}}
    if one_of:
        then["anyOf"] = [{"required": [name]} for name in one_of]
    return {"if": {"required": ["type"], "properties": {"type": {"const": kind}}}, "then": then}


@lru_cache(maxsize=1)
def _validator() -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(runbook_schema())


def shape_problems(value: Any) -> list[Problem]:
    """Every place where a parsed definition does not have the published shape."""
    problems = []
    for error in _validator().iter_errors(value):
        path = list(error.instance_path)
        message, hint = error.message[:300], _hint(path, error.message)
        if error.schema_path[-1] == "oneOf" and path[:1] == ["steps"]:
            message, hint = _ways(value["steps"][path[1]])
        problems.append(Problem("definition.shape", pointer_to(path), message, hint))
    # A member that stands in two rules of the schema is found twice.
    return list(dict.fromkeys(problems))


def _ways(step: Mapping[str, Any]) -> tuple[str, str]:
    kind = STEP_KINDS[step["type"]]
    ways = [" and ".join(needed) for needed, _ in kind.ways]
    members = {name for needed, allowed in kind.ways for name in needed + allowed}
    got = ", ".join(sorted(members & set(step))) or "none of them"
    return f"expected exactly one of: {'; '.join(ways)}; got {got}", "write the step in one way, not two"


def _hint(path: list[str | int], message: str) -> str:
    if path and path[-1] == "type" and path[0] in ("steps", "provers"):
        known = STEP_KINDS if path[0] == "steps" else {**PROVERS, **COMBINATIONS}
        return "known types: " + ", ".join(sorted(known))
    if "required property" in message:
        return "add the member"
    if "unexpected" in message or "Additional properties" in message:
        return "remove it or correct its spelling; see spec/schemas/runbook.schema.json"
    return "see spec/schemas/runbook.schema.json"


if __name__ == "__main__":
    import json

    print(json.dumps(runbook_schema(), indent=2))  # noqa: T201 (the command's output)
