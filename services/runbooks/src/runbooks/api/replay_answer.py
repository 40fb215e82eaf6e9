"""A replay as the API shows it. Pure."""

from __future__ import annotations

__all__ = ["replay_answer"]

from typing import Any

from runbooks.api.step_detail import shown_value
from runbooks.replay import UNKNOWN, ReplayReport, Sides, StepGrade


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
