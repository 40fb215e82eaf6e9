"""What cannot be recorded never gets as far as the record: the step fails, and the execution still ends and verifies.

A value that a manifest cannot hold would otherwise stop the execution for ever: each resumption would meet it again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pcq_verify import verify
from runbooks.canonical import MAX_VALUE_DEPTH, dumps, require_recordable
from runbooks.definition import Definition
from runbooks.errors import CanonicalError, DefinitionError, ExpressionError, ParameterError
from runbooks.execution import Execution
from runbooks.expressions import evaluate

from services.runbooks.tests.example import MEASURE, example, example_world
from services.runbooks.tests.simulator import GraphSimulator, World, define, step


def query(name: str, statement: str, **members: Any) -> dict[str, Any]:
    return step(name, "query", **{"dependsOn": [], "cypher": statement, **members})


async def run(world: World, definition: Definition) -> Execution:
    return await world.runner().execute(definition, {}, executed_by="ann")


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("answer", "outcome", "code"),
    [
        (deep(40), "completed", None),
        (deep(60), "failed", "json.depth"),
        (deep(5_000), "failed", "json.depth"),
        ({str(number): 1 for number in range(10_001)}, "failed", "json.members"),
        (2**53, "failed", "json.number"),
        (float("nan"), "failed", "json.number"),
        ("\ud800", "failed", "json.value"),
        (b"bytes", "failed", "json.value"),
    ],
    ids=["40 levels", "60 levels", "5000 levels", "10001 members", "2^53", "NaN", "surrogate", "bytes"],
)
@pytest.mark.parametrize("where", ["outputs", "rows"])
async def test_an_answer_that_cannot_be_recorded_fails_its_step_and_the_record_verifies(
    where: str, answer: Any, outcome: str, code: str | None, memory_path: Path
) -> None:
    async def reply() -> Any:
        return [{"n": 1, "x": answer}]

    replies = {"Q": [reply], "M": [[{"n": 1}]]} if where == "outputs" else {"Q": [[]], "M": [reply]}
    world = World(memory_path, graph=GraphSimulator(replies))
    claim = {"type": "metric", "query": "M", "assertion": "n >= 1"}
    definition = define(query("q", "Q", postconditions=["kpi:n"]), provers={"postconditions": {"kpi:n": claim}})
    execution = await run(world, definition)
    assert execution.outcome == outcome
    error = execution.steps["q"].attempts[0]["error"]
    assert (error and error["code"]) == code
    assert execution.started is not None
    manifest = world.runner().manifest(execution.started.execution_id).build()
    assert verify(dumps(manifest), world.trust()).exit_code == 0


async def test_a_mutation_whose_measurement_cannot_be_recorded_is_not_committed(memory_path: Path) -> None:
    async def rows() -> Any:
        return [{"filled": 1, "total": 1, "x": deep(60)}]

    world = example_world(memory_path, graph={MEASURE: [rows]})
    execution = await run(world, example())
    assert (execution.steps["write"].outcome, world.graph.written) == ("failed", [])


async def test_parameters_too_deep_to_be_recorded_are_refused(memory_path: Path) -> None:
    definition = define(query("q", "Q"), parameters={"type": "object", "properties": {"x": {}}})
    world = World(memory_path, graph=GraphSimulator({"Q": [[]]}))
    with pytest.raises(ParameterError, match="deeper"):
        await world.runner().execute(definition, {"x": deep(60)}, executed_by="ann")
    execution = await world.runner().execute(definition, {"x": deep(40)}, executed_by="ann")
    assert world.graph.parameters == [{"x": deep(40)}]
    assert execution.outcome == "completed"


def test_the_limit_is_on_levels_of_lists_and_objects() -> None:
    for value in (
        deep(MAX_VALUE_DEPTH),
        {"a": deep(MAX_VALUE_DEPTH - 1)},
        [1.5, *deep(MAX_VALUE_DEPTH)],
        {"é": "[" * 99},
    ):
        require_recordable(value)
    for value in (deep(MAX_VALUE_DEPTH + 1), {"a": deep(MAX_VALUE_DEPTH)}, {"é": deep(MAX_VALUE_DEPTH)}):
        with pytest.raises(CanonicalError) as caught:
            require_recordable(value)
        assert caught.value.code == "json.depth"


def test_an_expression_whose_value_is_too_deep_fails() -> None:
    assert evaluate("$", deep(MAX_VALUE_DEPTH)) is not None
    with pytest.raises(ExpressionError) as caught:
        evaluate("{'a': $}", deep(MAX_VALUE_DEPTH))
    assert caught.value.code == "expression.too_deep"


async def test_the_deepest_values_that_are_allowed_together_still_make_a_manifest(memory_path: Path) -> None:
    async def reply() -> Any:
        return [{"n": 1, "x": deep(MAX_VALUE_DEPTH - 4)}]

    claim = {"type": "metric", "query": "Q", "assertion": "n >= 1"}
    definition = define(
        query("a", "Q", postconditions=["kpi:n"]),
        query("b", "Q"),
        step("c", "transform", dependsOn=["a", "b"], expression="1"),
        step("d", "transform", dependsOn=["a"], inputs={"whole": "steps.a"}, expression="whole"),
        step("e", "aggregate", dependsOn=["a"], groupBy="x", inputs="[steps.a]", measures={"m": "$"}),
        provers={"postconditions": {"kpi:n": claim}},
    )
    world = World(memory_path, graph=GraphSimulator({"Q": [reply]}))
    execution = await run(world, definition)
    assert execution.outcome == "completed"
    assert execution.started is not None
    manifest = world.runner().manifest(execution.started.execution_id).build()
    assert verify(dumps(manifest), world.trust()).exit_code == 0


def test_a_claim_too_deep_to_be_evidence_is_refused_with_its_place() -> None:
    def claim(levels: int) -> Any:
        return {"type": "opa", "policy": "a.b", "input": {"action": "a", "resource": "r", "x": deep(levels)}}

    plain = step("a", "transform", expression="1")
    define(plain, provers={"preconditions": {"p": claim(MAX_VALUE_DEPTH - 2)}})
    with pytest.raises(DefinitionError) as caught:
        define(plain, provers={"preconditions": {"p": claim(MAX_VALUE_DEPTH - 1)}})
    [problem] = caught.value.problems
    assert (problem.code, problem.pointer) == ("json.depth", "/provers/preconditions/p")
