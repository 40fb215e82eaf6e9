"""R3's queries over the demo graph: the same rows on every product, and those that the data say without a graph."""

from __future__ import annotations

from typing import Any

import pytest
from runbooks.canonical import as_recorded, dumps
from runbooks.demo.load import load_demo
from runbooks.effects import QueryGraph
from runbooks.expressions import evaluate
from runbooks.steps import STEP_KINDS

from services.runbooks.tests.demo.test_r3 import R3, mentions, period_of, rows_of
from services.runbooks.tests.graph.products import Product

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

PERIODS = ("2021-W09", "2021-W08", "2021-03", "2020-12-01/2021-01-15")
_SEEN: dict[str, bytes] = {}


async def answers(product: Product, text: str) -> dict[str, Any]:
    """What each query of R3 gives for a period, as it would be recorded."""
    steps: dict[str, Any] = {"period": period_of(text)}
    for step in (step for step in R3.steps if step.kind == "query"):
        seen = {"parameters": {"period": text}, "steps": steps}
        inputs: Any = {name: evaluate(part, seen) for name, part in dict(step.inputs or {}).items()}
        action = STEP_KINDS["query"].action(step, inputs, {"period": text})
        assert isinstance(action, QueryGraph)
        rows = await product.graph.query(action.statement, dict(action.parameters))
        steps[step.step_id] = as_recorded(STEP_KINDS["query"].outputs(step, inputs, as_recorded(rows), {}))
    return steps


async def test_the_rows_are_those_of_the_data_and_the_same_on_every_product(product: Product) -> None:
    await load_demo(product.graph)
    for text in PERIODS:
        found = await answers(product, text)
        expected = rows_of(text)
        assert sorted(row["id"] for row in found["documents"]) == expected["documents"]
        assert {(row["document"], row["entity"]) for row in found["mentions"]} == expected["mentions"]
        entities = {(row["name"], row["kind"], row["first"], row["undated"]) for row in found["new-entities"]}
        assert entities == expected["new-entities"]
        relations = {(row["actor"], row["software"], row["first"], row["listed"]) for row in found["new-relations"]}
        assert relations == expected["new-relations"]
        period = found["period"]
        inside = [row["documents"] for row in found["trend-documents"] if row["dated"] >= period["from"]]
        assert sum(inside) == len(found["documents"])
        for member in ("entities", "relations"):
            trend = [row[member] for row in found[f"trend-{member}"] if row["first"] >= period["from"]]
            assert sum(trend) == len(found[f"new-{member}"])
        documents = mentions()[1].values()
        by_day, by_month = (sum(field in row for row in documents) for field in ("publishedOn", "publishedIn"))
        assert found["coverage"] == [{"evidence": len(documents), "byDay": by_day, "byMonth": by_month}]
        assert _SEEN.setdefault(text, dumps(found)) == dumps(found), "the products differ"
