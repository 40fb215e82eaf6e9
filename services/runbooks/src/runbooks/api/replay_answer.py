"""A replay as the API shows it, and what the OpenAPI document says of that. Pure."""

from __future__ import annotations

__all__ = ["REPLAY_SCHEMA", "replay_answer"]

from collections.abc import Mapping
from typing import Any

from runbooks.api.step_detail import shown_value
from runbooks.replay import UNKNOWN, ReplayReport, Sides, StepGrade

_TEXT = {"type": "string"}
_SIDES: Mapping[str, Any] = {
    "type": "object",
    "required": ["recordedHash", "hash", "isKnown"],
    "properties": {
        "recordedHash": {**_TEXT, "description": "the sealed commitment"},
        "hash": {**_TEXT, "description": "the commitment of the replay"},
        "isKnown": {"type": "boolean", "description": "false when the record no longer holds what was sealed"},
        "recorded": {"description": "the value that was sealed; left out when it is not known or not to be read"},
        "again": {"description": "the value of the replay; more than 64 KiB is `{$digest, size}`"},
    },
}
_STEP: Mapping[str, Any] = {
    "type": "object",
    "required": ["stepId", "grade", "recordedHash", "hash", "mark", "role", "members", "sections"],
    "properties": {
        "stepId": _TEXT,
        "grade": {"enum": ["recomputed", "played", "differs"]},
        "recordedHash": {**_TEXT, "description": "attestation hash in the record"},
        "hash": {**_TEXT, "description": "attestation hash of the replay"},
        "mark": {
            "enum": ["equal", "linked", "different"],
            "description": "`equal`: the same bytes. `linked`: all of its own is byte-equal, a step before is not.",
        },
        "role": {
            "enum": ["cause", "follows", None],
            "description": "`cause`: different, and nothing before it explains that",
        },
        "members": {"type": "array", "items": _TEXT, "description": "the members of its statement that differ"},
        "sections": {
            "type": "object",
            "additionalProperties": _SIDES,
            "description": "of inputs, outputs and proofs those that differ",
        },
    },
}
REPLAY_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["executionId", "identical", "merkleRoot", "recordedRoot", "steps"],
    "properties": {
        "executionId": _TEXT,
        "identical": {"type": "boolean"},
        "merkleRoot": {**_TEXT, "description": "root over the steps' hashes in the replay"},
        "recordedRoot": {**_TEXT, "description": "the same in the record"},
        "steps": {"type": "array", "items": _STEP, "description": "in canonical order"},
    },
}


def replay_answer(report: ReplayReport, *, with_values: bool) -> dict[str, Any]:
    """The report as JSON; without `with_values`, hashes stand alone."""
    return {
        "executionId": report.execution_id,
        "identical": report.is_identical,
        "merkleRoot": report.root,
        "recordedRoot": report.recorded_root,
        "steps": [_step(step, with_values=with_values) for step in report.steps],
    }


def _step(step: StepGrade, *, with_values: bool) -> dict[str, Any]:
    return {
        "stepId": step.step_id,
        "grade": step.grade,
        "recordedHash": step.expected,
        "hash": step.actual,
        "mark": step.difference.mark,
        "role": step.difference.role,
        "members": step.difference.members,
        "sections": {name: _sides(sides, with_values=with_values) for name, sides in step.sections.items()},
    }


def _sides(sides: Sides, *, with_values: bool) -> dict[str, Any]:
    is_known = sides.recorded is not UNKNOWN
    shown = {"recordedHash": sides.expected, "hash": sides.actual, "isKnown": is_known}
    if with_values and is_known:
        shown["recorded"] = shown_value(sides.recorded)
    if with_values:
        shown["again"] = shown_value(sides.again)
    return shown
