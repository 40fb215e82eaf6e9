"""`query`: read the graph (spec/execution.md, 4)."""

from __future__ import annotations

__all__ = ["Query"]

import re
from collections.abc import Mapping
from typing import Any

from runbooks.canonical import dumps
from runbooks.definition import StepDefinition
from runbooks.effects import Action, QueryGraph
from runbooks.steps.step_kind import StepKind

_ORDERED = re.compile(r"\border\s+by\b", re.IGNORECASE)


class Query(StepKind):
    """Outputs are the rows; without ORDER BY they are sorted, for a graph promises no order."""

    kind = "query"
    is_mappable = True
    members = {"cypher": {"type": "string", "minLength": 1}}
    required = ("cypher",)

    def action(self, step: StepDefinition, inputs: Any, parameters: Mapping[str, Any]) -> Action | None:
        """The statement; an object as input adds to the execution's parameters."""
        own = inputs if isinstance(inputs, dict) else {}
        return QueryGraph(step.body["cypher"], {**parameters, **own})

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """Rows; a row of one column is that column's value."""
        del inputs, values
        rows = [next(iter(row.values())) if len(row) == 1 else row for row in answer]
        return rows if _ORDERED.search(step.body["cypher"]) else sorted(rows, key=dumps)
