"""`runbook`: execute another runbook, with a record and a proof of its own (spec/execution.md, 6)."""

from __future__ import annotations

__all__ = ["RunbookStep"]

from collections.abc import Mapping
from typing import Any

from runbooks.definition import StepDefinition
from runbooks.effects import Action, RunChild
from runbooks.errors import EvidenceError
from runbooks.steps.step_kind import StepKind

_IDENTIFIER = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:/@\\[\\]>=<-]{0,127}$"}


class RunbookStep(StepKind):
    """Inputs are the parameters; outputs name the other execution and its proof, with the wanted step's outputs."""

    kind = "runbook"
    is_mappable = True
    members = {"runbook": _IDENTIFIER, "result": _IDENTIFIER}
    required = ("runbook",)

    def touches(self, step: StepDefinition) -> Mapping[str, Any] | None:
        """Whatever that runbook does."""
        return {"runbook": step.body["runbook"]}

    def action(self, step: StepDefinition, inputs: Any, parameters: Mapping[str, Any]) -> Action | None:
        """The execution; raises EvidenceError for inputs that are no parameters."""
        del parameters
        if not isinstance(inputs, dict):
            raise EvidenceError(
                f"step {step.step_id}: its inputs are the parameters of {step.body['runbook']}, expected an object, "
                f"got {type(inputs).__name__}; name each with `inputs`",
                code="runbook.parameters",
            )
        return RunChild(step.body["runbook"], inputs, step.body.get("result"))

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """What the other execution left."""
        del step, inputs, values
        return answer
