"""`aggregate`: rows grouped by a key, each measure a JSONata over the group's rows; or SQL (spec/execution.md, 3)."""

from __future__ import annotations

__all__ = ["Aggregate"]

from collections.abc import Iterable, Mapping
from typing import Any

from runbooks.canonical import dumps, pointer_to
from runbooks.definition import StepDefinition
from runbooks.errors import EvidenceError
from runbooks.expressions import evaluate
from runbooks.steps.sql_step import SQL_MEMBERS, SqlStep


class Aggregate(SqlStep):
    """Pure: outputs are one object a group, sorted by the RFC 8785 bytes of its key, or the rows of `sql`."""

    kind = "aggregate"
    is_mappable = True
    members = {
        "groupBy": {"type": "string", "minLength": 1},
        "measures": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": {"not": {"const": "key"}},
            "additionalProperties": {"type": "string", "minLength": 1},
        },
        **SQL_MEMBERS,
    }
    ways = ((("groupBy", "measures"), ()), (("sql",), ("columns",)))

    def expressions(self, step: StepDefinition) -> Iterable[tuple[str, str]]:
        """The key and every measure."""
        if "sql" in step.body:
            return
        yield "groupBy", step.body["groupBy"]
        for name, text in step.body["measures"].items():
            yield pointer_to(["measures", name])[1:], text

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """List of `{"key": …, measure: …}`, or the statement's rows."""
        if "sql" in step.body:
            return super().outputs(step, inputs, answer, values)
        if not isinstance(inputs, list):
            raise EvidenceError(f"step {step.step_id}: an aggregate needs a list of rows, got {type(inputs).__name__}")
        groups: dict[bytes, tuple[Any, list[Any]]] = {}
        for row in inputs:
            key = evaluate(step.body["groupBy"], row)
            groups.setdefault(dumps(key), (key, []))[1].append(row)
        measures = sorted(step.body["measures"].items())
        return [
            {"key": key, **{name: evaluate(text, rows) for name, text in measures}}
            for _, (key, rows) in sorted(groups.items())
        ]
