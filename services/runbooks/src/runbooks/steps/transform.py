"""`transform`: one JSONata expression, or one SQL statement, over the inputs (spec/execution.md, 3)."""

from __future__ import annotations

__all__ = ["Transform"]

from collections.abc import Iterable, Mapping
from typing import Any

from runbooks.definition import StepDefinition
from runbooks.expressions import evaluate
from runbooks.steps.sql_step import SQL_MEMBERS, SqlStep


class Transform(SqlStep):
    """Pure: outputs are the value of `expression` over the inputs, or the rows of `sql`."""

    kind = "transform"
    is_mappable = True
    members = {"expression": {"type": "string", "minLength": 1}, **SQL_MEMBERS}
    ways = ((("expression",), ()), (("sql",), ("columns",)))

    def expressions(self, step: StepDefinition) -> Iterable[tuple[str, str]]:
        """The one expression, if there is one."""
        return [("expression", step.body["expression"])] if "expression" in step.body else []

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """Value of the expression, no result is null; or the statement's rows."""
        if "sql" in step.body:
            return super().outputs(step, inputs, answer, values)
        return evaluate(step.body["expression"], inputs)
