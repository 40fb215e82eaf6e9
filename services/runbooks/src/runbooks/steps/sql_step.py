"""What `transform` and `aggregate` share: SQL over the inputs in the place of JSONata (spec/execution.md, 3.1)."""

from __future__ import annotations

__all__ = ["SQL_MEMBERS", "SqlStep"]

from collections.abc import Mapping
from typing import Any

from runbooks.definition import StepDefinition
from runbooks.sql import COLUMN_TYPES, run_sql
from runbooks.steps.step_kind import StepKind

SQL_MEMBERS: dict[str, Any] = {
    "sql": {"type": "string", "minLength": 1, "maxLength": 65_536},
    "columns": {
        "type": "object",
        "additionalProperties": {"type": "object", "additionalProperties": {"enum": list(COLUMN_TYPES)}},
    },
}


class SqlStep(StepKind):
    """Pure: with `sql` the outputs are the statement's rows over the tables that the inputs are."""

    def statement(self, step: StepDefinition) -> str | None:
        """The statement, if the step has one."""
        text: str | None = step.body.get("sql")
        return text

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """List of row objects."""
        del answer, values
        return run_sql(step.body["sql"], inputs, step.body.get("columns", {}))
