"""Every step type: what it asks of the world and what its outputs are (spec/execution.md, 2 to 4)."""

from __future__ import annotations

import math
from typing import Any

import pytest
from runbooks.canonical import digest, dumps
from runbooks.definition import StepDefinition
from runbooks.effects import CallApi, Measure, MutateGraph, QueryGraph, WriteExport
from runbooks.errors import DefinitionError, EvidenceError, ExpressionError
from runbooks.execution import Execution
from runbooks.steps import STEP_KINDS
from runbooks.steps.assertion import metric_name

from services.runbooks.tests.simulator import ApiSimulator, GraphSimulator, World, define, step

API = "https://api.example.com/x"


def defined(kind: str, **members: Any) -> StepDefinition:
    return define(step("s", kind, **members)).steps[0]


def outputs(item: StepDefinition, inputs: Any = None, answer: Any = None, values: Any = None) -> Any:
    return STEP_KINDS[item.kind].outputs(item, inputs, answer, values or {})


def action(item: StepDefinition, inputs: Any, parameters: Any = None) -> Any:
    return STEP_KINDS[item.kind].action(item, inputs, parameters or {})


ROWS = [{"n": {"b": 1}}, {"n": {"a": 2}}, {"n": {"a": 10}}]


def test_a_query_sorts_its_rows_by_their_canonical_form() -> None:
    assert outputs(defined("query", cypher="MATCH (n) RETURN n"), answer=ROWS) == [{"a": 10}, {"a": 2}, {"b": 1}]
    two = [{"x": 2, "y": 1}, {"x": 1, "y": 2}]
    assert outputs(defined("query", cypher="RETURN x, y"), answer=two) == [two[1], two[0]]


@pytest.mark.parametrize("words", ["ORDER BY n", "order by n", "Order  \n By n"])
def test_a_query_that_orders_its_rows_keeps_them_as_they_came(words: str) -> None:
    assert outputs(defined("query", cypher=f"MATCH (n) RETURN n {words}"), answer=ROWS) == [row["n"] for row in ROWS]


@pytest.mark.parametrize("name", ["border by", "reorder bypass", "orderby"])
def test_a_word_that_only_looks_like_an_order_does_not_count(name: str) -> None:
    assert outputs(defined("query", cypher=f"RETURN 1 AS `{name}`"), answer=[{"n": 2}, {"n": 1}]) == [1, 2]


def test_a_row_of_one_column_is_its_value_and_of_several_an_object() -> None:
    item = defined("query", cypher="RETURN 1")
    assert outputs(item, answer=[{"n": None}]) == [None]
    assert outputs(item, answer=[{"n": 1, "m": 2}]) == [{"n": 1, "m": 2}]
    assert outputs(item, answer=[]) == []


def test_a_query_takes_parameters_from_its_inputs_before_those_of_the_execution() -> None:
    item = defined("query", cypher="RETURN $a")
    assert action(item, {"a": 1}, {"a": 2, "b": 3}) == QueryGraph("RETURN $a", {"a": 1, "b": 3})
    assert action(item, [{"a": 1}], {"a": 2}) == QueryGraph("RETURN $a", {"a": 2})


def test_a_mutation_runs_once_a_row_or_once_for_an_object() -> None:
    item = defined("mutation", cypher="SET x")
    rows = [{"id": 1}, {"id": 2, "b": 0}]
    assert action(item, rows, {"b": 3}) == MutateGraph("SET x", [{"id": 1, "b": 3}, {"id": 2, "b": 0}])
    assert action(item, {"id": 1}, {"b": 3}) == MutateGraph("SET x", [{"id": 1, "b": 3}])
    assert action(item, []) == MutateGraph("SET x", [])
    assert outputs(item, answer=2) == {"updated": 2}


@pytest.mark.parametrize("inputs", [[1], [{"a": 1}, None], "text", None, 3, [[{}]]])
def test_a_mutation_over_what_is_no_row_of_parameters_fails(inputs: Any) -> None:
    with pytest.raises(EvidenceError) as caught:
        action(defined("mutation", cypher="SET x"), inputs)
    assert caught.value.code == "mutation.rows"


def test_an_api_is_sent_the_inputs_by_post_unless_it_is_told_otherwise() -> None:
    assert action(defined("external_api", endpoint=API), [1]) == CallApi("POST", API, [1])
    assert action(defined("external_api", endpoint=API, method="PUT"), [1]) == CallApi("PUT", API, [1])
    assert action(defined("external_api", endpoint=API, method="GET"), [1]) == CallApi("GET", API, None)
    assert outputs(defined("external_api", endpoint=API), answer={"any": [None]}) == {"any": [None]}


def test_an_export_writes_its_inputs_and_says_what_it_wrote() -> None:
    item = defined("export", file="a.json")
    assert action(item, {"x": 1}) == WriteExport("a.json", {"x": 1})
    assert outputs(item, answer={"digest": "d", "size": 7}) == {
        "file": "a.json",
        "mediaType": "application/json",
        "digest": "d",
        "size": 7,
    }


def test_a_transform_is_the_value_of_its_expression() -> None:
    assert outputs(defined("transform", expression="$sum(n)"), {"n": [1, 2]}) == 3
    assert outputs(defined("transform", expression="missing"), {"n": 1}) is None
    with pytest.raises(ExpressionError):
        outputs(defined("transform", expression="1 / n"), {"n": 0})


def test_an_aggregate_groups_by_value_and_sorts_by_the_keys_canonical_form() -> None:
    item = defined("aggregate", groupBy="k", measures={"sum": "$sum(n)", "n": "$count($)", "all": "n"})
    rows = [{"k": "b", "n": 1}, {"k": 10, "n": 2}, {"k": 9, "n": 3}, {"n": 4}, {"k": "b", "n": 5}, {"k": None, "n": 6}]
    assert outputs(item, rows) == [
        {"key": "b", "sum": 6, "n": 2, "all": [1, 5]},
        {"key": 10, "sum": 2, "n": 1, "all": 2},
        {"key": 9, "sum": 3, "n": 1, "all": 3},
        {"key": None, "sum": 10, "n": 2, "all": [4, 6]},
    ]
    assert outputs(item, []) == []


@pytest.mark.parametrize("inputs", [{}, None, "x", 1])
def test_an_aggregate_over_anything_but_a_list_fails(inputs: Any) -> None:
    with pytest.raises(EvidenceError, match="needs a list"):
        outputs(defined("aggregate", groupBy="k", measures={"n": "1"}), inputs)


@pytest.mark.parametrize(
    ("prover", "name"),
    [
        ("kpi:completeness>=0.95", "completeness"),
        ("kpi:a=1", "a"),
        ("kpi:a<1", "a"),
        ("kpi:a!1", "a"),
        ("kpi:a:b>1", "a:b"),
        ("completeness>=1", "completeness"),
        ("kpi:", "kpi:"),
        ("plain", "plain"),
    ],
)
def test_the_output_of_a_metric_is_named_after_its_prover(prover: str, name: str) -> None:
    assert metric_name(prover) == name


def test_an_assertion_asks_for_measurements_only_when_it_has_postconditions() -> None:
    assert action(defined("assertion"), {}) is None
    assert action(defined("assertion", postconditions=["kpi:x"]), {}) == Measure()
    assert outputs(defined("assertion"), values={"kpi:a>1": 2, "kpi:b<1": None}) == {"a": 2, "b": None}


@pytest.mark.parametrize("text", ["n > 1", "true", "$count([1, 2]) = 2"])
def test_an_assertion_that_is_true_of_its_inputs_holds(text: str) -> None:
    assert outputs(defined("assertion", **{"assert": text}), {"n": 2}) == {}


@pytest.mark.parametrize("text", ["n < 1", "false", "n", "'true'", "missing", "1"])
def test_an_assertion_of_anything_but_true_fails(text: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        outputs(defined("assertion", **{"assert": text}), {"n": 2})
    assert caught.value.code == "assertion.failed"


async def run(world: World, *steps: dict[str, Any]) -> Execution:
    return await world.runner().execute(define(*steps), {}, executed_by="ann")


async def test_inputs_come_from_no_one_or_several_dependencies(world: World) -> None:
    one = {"type": "object", "properties": {"limit": {"type": "integer"}}}
    execution = await world.runner().execute(
        define(
            step("none", "transform", dependsOn=[], expression="$"),
            step("seven", "transform", dependsOn=[], expression="7"),
            step("one", "transform", dependsOn=["seven"], expression="$ + 1"),
            step("two", "transform", dependsOn=["one", "seven"], expression="one * seven"),
            step("text", "transform", dependsOn=["one"], inputs="steps.seven & parameters.limit", expression="$"),
            step("named", "transform", dependsOn=["two"], inputs={"a": "steps.seven", "c": "nothing"}, expression="$"),
            step("apart", "transform", dependsOn=[], inputs="steps", expression="$"),
            parameters=one,
        ),
        {"limit": 5},
        executed_by="ann",
    )
    found = {name: (item.inputs, item.outputs) for name, item in execution.steps.items()}
    assert found == {
        "none": ({}, {}),
        "seven": ({}, 7),
        "one": (7, 8),
        "two": ({"one": 8, "seven": 7}, 56),
        "text": ("75", "75"),
        "named": ({"a": 7, "c": None}, {"a": 7, "c": None}),
        "apart": ({}, {}),
    }


async def test_steps_that_are_no_ancestors_are_not_visible(world: World) -> None:
    execution = await run(
        world,
        step("a", "transform", dependsOn=[], expression="1"),
        step("b", "transform", dependsOn=[], expression="2"),
        step("c", "transform", dependsOn=["b"], inputs="$keys(steps)", expression="$"),
        step("d", "transform", dependsOn=["a", "c"], inputs="$sort($keys(steps))", expression="$"),
    )
    assert execution.steps["c"].outputs == "b"
    assert execution.steps["d"].outputs == ["a", "b", "c"]


async def test_what_an_export_writes_is_the_canonical_form_of_its_inputs(world: World) -> None:
    execution = await run(world, step("e", "export", inputs={"b": "1.50", "a": "'é'"}, file="x.json"))
    assert execution.started is not None
    data = (world.home / "exports" / execution.started.execution_id / "x.json").read_bytes()
    assert data == '{"a":"é","b":1.5}'.encode()
    assert execution.steps["e"].outputs == {
        "file": "x.json",
        "mediaType": "application/json",
        "digest": digest(data),
        "size": len(data),
    }


async def test_a_step_gets_the_answer_of_its_api_and_sends_its_inputs(world: World) -> None:
    world.api = ApiSimulator({API: [{"answer": 1}]})
    execution = await run(world, step("a", "external_api", inputs="{'x': 1}", endpoint=API, timeout=7))
    assert execution.steps["a"].outputs == {"answer": 1}
    assert world.api.bodies == [("POST", {"x": 1}, 7)]


def test_an_api_step_bounds_its_answer() -> None:
    assert action(defined("external_api", endpoint=API, maxBytes=1000), [1]) == CallApi("POST", API, [1], 1000)
    for most in (0, 33_554_433, 1.5):
        with pytest.raises(DefinitionError, match="maxBytes"):
            defined("external_api", endpoint=API, maxBytes=most)


async def test_a_wrong_assertion_fails_its_step_and_stops_the_rest(world: World) -> None:
    execution = await run(
        world,
        step("a", "assertion", inputs="{'n': 1}", **{"assert": "n > 1"}),
        step("e", "export", file="x.json"),
    )
    assert (execution.outcome, execution.steps["a"].outcome, world.exported()) == ("failed", "failed", [])
    assert execution.steps["a"].attempts[0]["error"]["code"] == "assertion.failed"


async def test_rows_in_another_order_give_the_same_outputs(world: World) -> None:
    found = []
    for rows in (ROWS, ROWS[::-1]):
        world.graph = GraphSimulator({"MATCH (n) RETURN n": [rows]})
        execution = await run(world, step("q", "query", cypher="MATCH (n) RETURN n"))
        found.append(dumps(execution.steps["q"].outputs))
    assert found[0] == found[1]


def test_a_number_that_is_not_finite_is_no_output() -> None:
    with pytest.raises(ExpressionError):
        outputs(defined("transform", expression="$"), math.inf)
