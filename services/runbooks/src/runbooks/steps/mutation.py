"""`mutation`: write the graph, once per row, in one transaction with its receipt (spec/execution.md, 4)."""

from __future__ import annotations

__all__ = ["Mutation"]

from collections.abc import Mapping
from typing import Any

from runbooks.definition import StepDefinition
from runbooks.effects import Action, MutateGraph
from runbooks.errors import EvidenceError
from runbooks.steps.step_kind import StepKind


class Mutation(StepKind):
    """Outputs are `{"updated": rows written}`, 0 when a postcondition had it rolled back."""

    kind = "mutation"
    is_mappable = True
    members = {"cypher": {"type": "string", "minLength": 1}}
    required = ("cypher",)

    def touches(self, step: StepDefinition) -> Mapping[str, Any] | None:
        """The graph."""
        del step
        return {"graph": "written"}

    def action(self, step: StepDefinition, inputs: Any, parameters: Mapping[str, Any]) -> Action | None:
        """One row of parameters per item of a list; an object is one row; raises EvidenceError for anything else."""
        rows = inputs if isinstance(inputs, list) else [inputs]
        for number, row in enumerate(rows):
            if not isinstance(row, dict):
                raise EvidenceError(
                    f"step {step.step_id}: row {number} of its inputs is {type(row).__name__}, expected an object "
                    "whose members are the statement's parameters; map them with `inputs`",
                    code="mutation.rows",
                )
        return MutateGraph(step.body["cypher"], [{**parameters, **row} for row in rows])

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """Number of rows written."""
        del step, inputs, values
        return {"updated": answer}
