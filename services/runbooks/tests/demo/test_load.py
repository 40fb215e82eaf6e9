"""The demo in real graphs: what is loaded, that loading again restores it, and R1's own statements on it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from runbooks.demo.attack import attack_countries, attack_software
from runbooks.demo.load import load_demo, load_seed_sample
from runbooks.ports import Mutation

from services.runbooks.tests.graph.products import PRODUCTS, Product

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

TEMPLATES = Path(__file__).parents[2] / "templates"
BEFORE = {"entities": 208, "fields": 624, "filled": 373, "complete": 0}
AFTER = {"entities": 208, "fields": 624, "filled": 619, "complete": 203}


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["arcadedb", "neo4j"])
async def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(Path(__file__).parents[4] / ".cache"))
        started = PRODUCTS[request.param](tmp_path_factory.mktemp("demo") / request.param)
        await started.start()
        await load_demo(started.graph)
        yield started
        await started.stop()


class Steps:
    """The statements of one template."""

    def __init__(self, name: str) -> None:
        definition = json.loads((TEMPLATES / name).read_bytes())
        self._cypher = {step["stepId"]: step.get("cypher") for step in definition["steps"]}
        self.kpi: str = definition["provers"]["postconditions"]["kpi:completeness>=0.95"]["query"]

    def __getitem__(self, step_id: str) -> str:
        return str(self._cypher[step_id])


async def test_the_graph_has_the_nodes_and_relationships_of_the_data(product: Product) -> None:
    counted = {
        "Entity": "MATCH (n:Entity) RETURN count(n) AS n",
        "Document": "MATCH (n:Document) RETURN count(n) AS n",
        "Technique": "MATCH (n:Technique) RETURN count(n) AS n",
        "MENTIONED_IN": "MATCH (:Entity)-[r:MENTIONED_IN]->(:Document) RETURN count(r) AS n",
        "USES": "MATCH (:Entity)-[r:USES]->(:Entity) RETURN count(r) AS n",
        "EMPLOYS": "MATCH (:Entity)-[r:EMPLOYS]->(:Technique) RETURN count(r) AS n",
    }
    found = {name: (await product.graph.query(statement, {}))[0]["n"] for name, statement in counted.items()}
    assert found == {
        "Entity": 4172,
        "Document": 8742,
        "Technique": 689,
        "MENTIONED_IN": 10759,
        "USES": 1063,
        "EMPLOYS": 15447,
    }


async def test_r1_raises_completeness_and_a_second_import_takes_it_back(product: Product) -> None:
    graph, steps = product.graph, Steps("R1-entity-enrichment.json")
    await graph.load(
        "UNWIND $rows AS row MERGE (n:Entity {id: row.id}) SET n = row", [{"id": "mine", "kind": "person"}]
    )
    assert await graph.query(steps["measure-before"], {}) == [BEFORE]
    lacking = await graph.query(steps["query-entities"], {})
    assert len(lacking) == 208
    mutation = Mutation("r1", steps["update-entities"], attack_software(lacking), [steps.kpi])
    outcome = await graph.mutate(mutation, lambda observed: observed == [[{"filled": 619, "fields": 624}]])
    assert (outcome.committed, outcome.rows) == (True, 208)
    assert await graph.query(steps["measure-after"], {}) == [AFTER]
    assert len(await graph.query(steps["query-entities"], {})) == 5

    await load_demo(graph)
    assert await graph.query(steps["measure-before"], {}) == [BEFORE]
    assert await graph.query("MATCH (n:Entity {id: 'mine'}) RETURN n.kind AS kind", {}) == [{"kind": "person"}]
    await graph.load("UNWIND $rows AS row MATCH (n:Entity {id: row.id}) DELETE n", [{"id": "mine"}])


async def test_the_country_variant_measures_0_464_inside_the_transaction_and_leaves_0_452(product: Product) -> None:
    graph, steps = product.graph, Steps("R1-country.json")
    before: list[Any] = await graph.query(steps["measure-before"], {})
    assert before == [{"entities": 868, "fields": 868, "filled": 392}]
    answers = attack_countries(await graph.query(steps["query-entities"], {}))
    outcome = await graph.mutate(Mutation("c", steps["update-entities"], answers, [steps.kpi]), lambda observed: False)
    assert outcome.observed == [[{"filled": 403, "fields": 868}]]
    assert not outcome.committed
    assert await graph.query(steps["measure-before"], {}) == before


async def test_a_list_is_loaded_as_a_list_and_a_missing_property_stays_missing(product: Product) -> None:
    [row] = await product.graph.query("MATCH (e:Entity {name: 'GoldMax'}) RETURN e", {})
    goldmax = row["e"]
    assert goldmax["aliases"] == sorted(goldmax["aliases"])
    assert isinstance(goldmax["documents"], list)
    assert "platforms" not in goldmax


async def test_the_sample_is_three_people_without_an_e_mail(product: Product) -> None:
    graph = product.graph
    try:
        for _ in range(2):
            assert await load_seed_sample(graph) == {"entities": 3}
            seed = json.loads((TEMPLATES / "seed" / "R1-entity-enrichment.json").read_bytes())
            statement = seed["steps"][0]["cypher"].replace("WHERE", "WHERE e.kind IS NULL AND")
            people = await graph.query(statement, {})
            assert sorted(person["e"]["name"] for person in people) == ["Alice", "Bob", "Carol"]
            await graph.load("UNWIND $rows AS row MATCH (e:Entity {id: row.id}) SET e.email = 'x'", [{"id": "e1"}])
    finally:
        await graph.load(
            "UNWIND $rows AS row MATCH (e:Entity {id: row.id}) DELETE e", [{"id": f"e{n}"} for n in (1, 2, 3)]
        )
