"""Recorded answers of external APIs against the schemas that their steps declare (spec/execution.md, 4)."""

from __future__ import annotations

__all__ = ["check_responses"]

from collections.abc import Iterator
from typing import Any

from pcq_verify.definition import Definition
from pcq_verify.local_schema import is_local
from pcq_verify.manifest import Manifest, Step
from pcq_verify.report import Fault, Finding
from pcq_verify.sandbox import BudgetError, Sandbox
from pcq_verify.values import UnavailableError, Values


def check_responses(manifest: Manifest, definition: Definition, values: Values, sandbox: Sandbox) -> Iterator[Finding]:
    """Findings where the outputs of a step do not satisfy its `responseSchema`."""
    for step in manifest.steps:
        declared = definition.steps[step.step_id]
        if declared.kind != "external_api" or "responseSchema" not in declared.body or not step.has_outputs:
            continue
        schema, where = declared.body["responseSchema"], f"{step.name}, outputs"
        try:
            answers = _answers(step, values, is_list="forEach" in declared.body)
            satisfied = answers is not None and is_local(schema) and all(sandbox.conforms(schema, a) for a in answers)
        except (UnavailableError, BudgetError) as error:
            yield Finding(Fault.INCOMPLETE, where, f"not held against responseSchema: {error}")
            continue
        if not satisfied:
            message = f"outcome {step.outcome}, but they do not satisfy the step's responseSchema"
            yield Finding(Fault.NOT_REPRODUCED, where, message)


def _answers(step: Step, values: Values, *, is_list: bool) -> list[Any] | None:
    outputs = values.of(step.step_id, "outputs")
    if not is_list:
        return [outputs]
    return outputs if type(outputs) is list else None
