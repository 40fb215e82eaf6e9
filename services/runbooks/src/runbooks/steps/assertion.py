"""`assertion`: nothing but claims; its outputs are the measured values (spec/execution.md, 3)."""

from __future__ import annotations

__all__ = ["Assertion", "metric_name"]

import re
from collections.abc import Iterable, Mapping
from typing import Any

from runbooks.definition import StepDefinition
from runbooks.effects import Action, Measure
from runbooks.errors import EvidenceError
from runbooks.expressions import evaluate
from runbooks.steps.step_kind import StepKind


def metric_name(prover: str) -> str:
    """`completeness` of `kpi:completeness>=0.95`: after the first colon, before the comparison."""
    return re.split(r"[<>=!]", prover.partition(":")[2] or prover, maxsplit=1)[0]


class Assertion(StepKind):
    """Outputs are `{metric name: value}`; with `assert` the inputs must satisfy it or the step fails."""

    kind = "assertion"
    members = {"assert": {"type": "string", "minLength": 1}}

    def expressions(self, step: StepDefinition) -> Iterable[tuple[str, str]]:
        """The `assert` expression, if there is one."""
        return [("assert", step.body["assert"])] if "assert" in step.body else []

    def action(self, step: StepDefinition, inputs: Any, parameters: Mapping[str, Any]) -> Action | None:
        """A measurement when the step has postconditions, which may be metrics."""
        del inputs, parameters
        return Measure() if step.postconditions else None

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """Values by metric name."""
        del answer
        text = step.body.get("assert")
        if text is not None and evaluate(text, inputs) is not True:
            raise EvidenceError(
                f"step {step.step_id}: assertion {text!r} is not true of its inputs", code="assertion.failed"
            )
        return {metric_name(prover): value for prover, value in values.items()}
