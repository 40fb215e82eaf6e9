"""`when` and `forEach`: what is skipped, what is joined, how items are performed, and that a verifier agrees."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest
from pcq_verify import verify
from runbooks.canonical import dumps
from runbooks.definition import Definition
from runbooks.errors import PermanentPortError, TransientPortError
from runbooks.execution import Execution

from services.runbooks.tests.simulator import ApiSimulator, GraphSimulator, World, define, rejected, step

API = "https://api.example.com/enrich"


def made(name: str, expression: str, **members: Any) -> dict[str, Any]:
    return step(name, "transform", expression=expression, **members)


async def run(world: World, *steps: dict[str, Any], **members: Any) -> Execution:
    """Run to the end and hold its proof against a replay and the verifier."""
    definition: Definition = define(*steps, **members)
    runner = world.runner()
    execution = await rejected(runner, await runner.execute(definition, {}, executed_by="ann"))
    assert execution.started is not None
    report = await runner.replay(execution.started.execution_id)
    assert report.is_identical
    manifest = runner.manifest(execution.started.execution_id).build(record_of_block=execution.outcome == "blocked")
    found = verify(dumps(manifest), world.trust())
    assert found.exit_code == 0, found.checks
    return execution


def outcomes(execution: Execution) -> dict[str, str | None]:
    return {name: item.outcome for name, item in execution.steps.items()}


def errors(execution: Execution, name: str) -> list[str]:
    return [attempt["error"]["code"] for attempt in execution.steps[name].attempts if attempt["error"]]


async def test_a_step_runs_when_its_condition_is_true_and_is_skipped_when_it_is_false(world: World) -> None:
    execution = await run(
        world,
        made("n", "3", dependsOn=[]),
        made("large", "'large'", dependsOn=["n"], when="steps.n > 2"),
        made("small", "'small'", dependsOn=["n"], when="steps.n <= 2"),
        made("join", "$", dependsOn=["large", "small"]),
        made("seen", "$", dependsOn=["join"], inputs={"all": "$keys(steps)", "first": "$keys($)"}),
    )
    assert outcomes(execution) == {"n": "done", "large": "done", "small": "skipped", "join": "done", "seen": "done"}
    assert execution.outcome == "completed"
    assert execution.steps["join"].outputs == {"large": "large"}
    assert execution.steps["seen"].outputs == {"all": ["join", "large", "n"], "first": ["parameters", "steps"]}
    assert (execution.steps["small"].inputs, execution.steps["small"].outputs) == ({}, {})


async def test_what_stands_only_behind_skipped_steps_is_skipped_too(world: World) -> None:
    execution = await run(
        world,
        made("root", "1", dependsOn=[], when="false"),
        made("after", "1"),
        made("other", "1", dependsOn=[]),
        made("both", "1", dependsOn=["after", "other"]),
        made("neither", "1", dependsOn=["after", "root"], when="true"),
    )
    skipped = {name for name, outcome in outcomes(execution).items() if outcome == "skipped"}
    assert skipped == {"root", "after", "neither"}
    assert execution.outcome == "completed"


async def test_a_long_branch_is_skipped_as_a_whole(world: World) -> None:
    chain = [made(f"s{number:05d}", "1") for number in range(3_000)]
    execution = await run(world, made("root", "1", dependsOn=[], when="false"), *chain)
    assert set(outcomes(execution).values()) == {"skipped"}


@pytest.mark.parametrize(
    ("when", "code"),
    [("1", "when.not_boolean"), ("null", "when.not_boolean"), ("nothing", "when.not_boolean"), ("1 + 'a'", None)],
)
async def test_a_condition_that_says_neither_fails_the_step(when: str, code: str | None, world: World) -> None:
    execution = await run(world, made("s", "1", dependsOn=[], when=when), made("t", "1"))
    assert outcomes(execution) == {"s": "failed", "t": "not-run"}
    assert errors(execution, "s") == [code or "expression.failed"]


async def test_a_skipped_step_asks_nobody_and_touches_nothing(world: World) -> None:
    claim = {"type": "opa", "policy": "acl.allow", "input": {"action": "read", "resource": "entity"}}
    execution = await run(
        world,
        step("read", "query", dependsOn=[], cypher="READ", when="false", preconditions=["may"]),
        step("ask", "approval", dependsOn=[], question="May we?", when="false"),
        provers={"preconditions": {"may": claim}},
    )
    assert set(outcomes(execution).values()) == {"skipped"}
    assert (execution.reviews, world.graph.parameters) == ({}, [])
    assert execution.steps["read"].preconditions == []


async def test_a_citation_of_a_skipped_step_is_dangling(world: World) -> None:
    claims = "{'claims': [{'claimId': 'c', 'text': 't', 'citations': [{'stepId': 'gone', 'pointer': ''}]}]}"
    execution = await run(
        world,
        made("gone", "1", dependsOn=[], when="false"),
        made("other", "1", dependsOn=[]),
        made("told", claims, dependsOn=["gone", "other"], postconditions=["cited"]),
        provers={"postconditions": {"cited": {"type": "citations"}}},
    )
    assert execution.steps["told"].postconditions[0]["reason"] == "citations.dangling"


async def test_a_cancel_leaves_what_would_have_been_skipped_not_run(world: World) -> None:
    gate = asyncio.Event()

    async def slow() -> list[Any]:
        await gate.wait()
        return []

    world.graph = GraphSimulator({"SLOW": [slow]})
    definition = define(
        step("slow", "query", dependsOn=[], cypher="SLOW"), made("later", "1", dependsOn=["slow"], when="false")
    )
    runner = world.runner()
    running = asyncio.create_task(runner.execute(definition, {}, executed_by="ann"))
    while not world.graph.script.asked["SLOW"]:  # noqa: ASYNC110
        await asyncio.sleep(0)
    name = runner.executions()[0].execution_id
    await runner.cancel(name, "enough")
    gate.set()
    execution = await running
    assert outcomes(execution) == {"slow": "done", "later": "not-run"}
    assert verify(dumps(runner.manifest(name).build()), world.trust()).exit_code == 0


async def test_a_pure_step_is_computed_for_each_item_in_their_order(world: World) -> None:
    execution = await run(
        world,
        made("rows", "[{'n': 1}, {'n': 2}, {'n': 3}]", dependsOn=[]),
        made("squares", "$power(n, 2)", forEach="steps.rows"),
        made("named", "$string(at) & name", forEach="steps.rows", inputs={"name": "item.n", "at": "index"}),
        step(
            "groups",
            "aggregate",
            forEach="[[1, 1, 2], [3]]",
            groupBy="$",
            measures={"n": "$count($)"},
            dependsOn=["rows"],
        ),
        made("keys", "$", forEach="[1]", inputs="$keys($)", dependsOn=["rows"]),
        made("none", "$", forEach="steps.rows[n > 9]", dependsOn=["rows"]),
        made("one", "n", forEach="steps.rows[n > 2]", dependsOn=["rows"]),
    )
    outputs = {name: item.outputs for name, item in execution.steps.items()}
    assert outputs["squares"] == [1, 4, 9]
    assert outputs["named"] == ["01", "12", "23"]
    assert outputs["groups"] == [[{"key": 1, "n": 2}, {"key": 2, "n": 1}], [{"key": 3, "n": 1}]]
    assert outputs["keys"] == [["index", "item", "parameters"]]
    assert (outputs["none"], outputs["one"]) == ([], [3])
    assert execution.steps["named"].inputs[0] == {"name": 1, "at": 0}


async def test_items_are_performed_at_once_up_to_the_limit_and_answered_in_order(world: World) -> None:
    at_once = [0, 0]

    async def slow() -> list[Any]:
        at_once[0] += 1
        at_once[1] = max(at_once)
        for _ in range(random.Random(at_once[0]).randrange(3, 9)):
            await asyncio.sleep(0)
        at_once[0] -= 1
        return [{"n": 1}]

    world.graph = GraphSimulator({"READ": [slow]})
    execution = await run(
        world,
        step("pages", "transform", dependsOn=[], expression="[1..20].{'page': $}"),
        step("read", "query", cypher="READ", forEach="steps.pages", maxConcurrency=4),
    )
    assert execution.outcome == "completed"
    assert at_once[1] == 4
    assert execution.steps["read"].outputs == [[1]] * 20
    assert sorted(sent["page"] for sent in world.graph.parameters) == list(range(1, 21))


async def test_an_attempt_performs_only_the_items_that_failed_before(world: World) -> None:
    down = TransientPortError("down", code="api.unreachable")
    answers: list[Any] = [{"n": 1}, down, {"n": 3}, {"n": 2}]
    world.api = ApiSimulator({API: answers})
    execution = await run(
        world,
        made("rows", "[1, 2, 3]", dependsOn=[]),
        step("ask", "external_api", endpoint=API, forEach="steps.rows", maxConcurrency=1),
    )
    assert errors(execution, "ask") == ["api.unreachable"]
    assert len(execution.steps["ask"].attempts) == 2
    assert execution.outcome == "completed"
    assert [body for _, body, _ in world.api.bodies] == [1, 2, 2, 3]


async def test_a_permanent_error_names_its_item_and_starts_no_other(world: World) -> None:
    world.api = ApiSimulator({API: [{"n": 1}, PermanentPortError("no such entity", code="api.http_404")]})
    execution = await run(
        world,
        made("rows", "[1, 2, 3, 4]", dependsOn=[]),
        step("ask", "external_api", endpoint=API, forEach="steps.rows", maxConcurrency=1),
    )
    [attempt] = execution.steps["ask"].attempts
    assert attempt["error"] == {"code": "api.http_404", "message": "item 1: no such entity"}
    assert len(world.api.bodies) == 2


async def test_each_item_of_a_mutation_is_a_transaction_with_a_key_of_its_own(world: World) -> None:
    world.graph = GraphSimulator({"SET": [None]})
    execution = await run(
        world,
        made("rows", "[[{'id': 1}, {'id': 2}], [{'id': 1}], []]", dependsOn=[]),
        step("write", "mutation", cypher="SET", forEach="steps.rows", maxConcurrency=1),
    )
    assert execution.steps["write"].outputs == [{"updated": 2}, {"updated": 1}, {"updated": 0}]
    assert world.graph.written == [{"id": 1}, {"id": 2}, {"id": 1}]
    assert len(world.graph.receipts) == 3


@pytest.mark.parametrize(
    ("expression", "code"),
    [("[0..10000]", "for_each.too_many"), ("1 + 'a'", "expression.failed")],
)
async def test_a_list_that_cannot_be_had_fails_the_step(expression: str, code: str, world: World) -> None:
    execution = await run(world, made("s", "$", dependsOn=[], forEach=expression))
    assert (outcomes(execution), errors(execution, "s")) == ({"s": "failed"}, [code])
    assert execution.steps["s"].inputs == {}


async def test_an_item_that_fails_to_compute_fails_the_step(world: World) -> None:
    execution = await run(world, made("s", "1 + $", dependsOn=[], forEach="[1, 'a']"))
    assert (outcomes(execution), errors(execution, "s")) == ({"s": "failed"}, ["expression.failed"])


async def test_postconditions_judge_the_list_of_all_items(world: World) -> None:
    execution = await run(
        world,
        made("s", "{'n': $}", dependsOn=[], forEach="[1, 2]", postconditions=["two"]),
        made("t", "{'n': $}", dependsOn=[], forEach="[1, 2, 3]", postconditions=["two"]),
        provers={"postconditions": {"two": {"type": "row_count", "maximum": 2}}},
    )
    assert outcomes(execution) == {"s": "done", "t": "blocked"}


async def test_a_step_that_was_skipped_while_another_was_held_is_skipped_afterwards(
    world: World, tmp_path: Path
) -> None:
    claim = {"type": "row_count", "minimum": 1}
    definition = define(
        made("a", "[]", dependsOn=[], postconditions=["some"]),
        made("b", "1", dependsOn=["a"], when="false"),
        made("c", "1", dependsOn=["b"]),
        provers={"postconditions": {"some": claim}},
    )
    runner = world.runner()
    held = await runner.execute(definition, {}, executed_by="ann")
    assert held.outcome == "held"
    [review] = held.open_reviews()
    execution = await runner.decide(review.review_id, "approved", approver="ben", reason="nothing to find")
    assert outcomes(execution) == {"a": "overridden", "b": "skipped", "c": "skipped"}
    assert execution.started is not None
    manifest = runner.manifest(execution.started.execution_id).build()
    assert verify(dumps(manifest), world.trust()).exit_code == 0
