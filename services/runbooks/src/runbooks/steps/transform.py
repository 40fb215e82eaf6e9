"""`transform`: one JSONata expression over the inputs (spec/execution.md, 3)."""

from __future__ import annotations

__all__ = ["Transform"]

from collections.abc import Iterable, Mapping
from typing import Any

from runbooks.definition import StepDefinition
from runbooks.expressions import evaluate
from runbooks.steps.step_kind import StepKind


class Transform(StepKind):
    """Pure: outputs are the value of `expression` over the inputs."""

    kind = "transform"
    is_mappable = True
    members = {"expression": {"type": "string", "minLength": 1}}
    required = ("expression",)

    def expressions(self, step: StepDefinition) -> Iterable[tuple[str, str]]:
        """The one expression."""
        return [("expression", step.body["expression"])]

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """Value of the expression; no result is null."""
        del answer, values
        return evaluate(step.body["expression"], inputs)
