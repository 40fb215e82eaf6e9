"""Runbooks that execute others: what is kept of a child, who waits for whom, and what is refused."""

from __future__ import annotations

import asyncio
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from pcq_verify import verify
from rich.console import Console
from runbooks import events as ev
from runbooks.canonical import digest_of, dumps
from runbooks.definition import Definition
from runbooks.errors import DefinitionError
from runbooks.execution import Execution
from runbooks.nesting import nesting_problems
from runbooks.progress import print_execution
from runbooks.runner import RunbookRunner

from services.runbooks.tests.simulator import GraphSimulator, World, define, rejected, step

NUMBER = {"type": "object", "properties": {"n": {"type": "number"}}, "required": ["n"]}


def made(name: str, expression: str, **members: Any) -> dict[str, Any]:
    return step(name, "transform", **{"dependsOn": [], "expression": expression, **members})


def calling(name: str, runbook: str, **members: Any) -> dict[str, Any]:
    return step(name, "runbook", **{"dependsOn": [], "runbook": runbook, **members})


def child(*steps: dict[str, Any], runbook_id: str = "C", **members: Any) -> Definition:
    return define(*steps, **{"runbookId": runbook_id, **members})


DOUBLE = child(made("twice", "n * 2", inputs="parameters"), made("other", "1"), version="7", parameters=NUMBER)
ASKING = child(
    step("ask", "approval", dependsOn=[], question="May we?", inputs="parameters"),
    made("n", "n", inputs="parameters", dependsOn=["ask"]),
    parameters=NUMBER,
)


def world_of(home: Path, *runbooks: Definition, **members: Any) -> World:
    return World(home, runbooks={item.runbook_id: item for item in runbooks}, **members)


def started(runner: RunbookRunner, runbook_id: str) -> list[ev.ExecutionStarted]:
    return [item for item in runner.executions() if item.context["runbookId"] == runbook_id]


def name_of(execution: Execution) -> str:
    assert execution.started is not None
    return execution.started.execution_id


def error_of(execution: Execution, name: str) -> tuple[str, str]:
    error = execution.steps[name].attempts[-1]["error"]
    return error["code"], error["message"]


async def verified(world: World, name: str, *proofs: str) -> None:
    runner = world.runner()
    assert (await runner.replay(name)).is_identical
    manifest = runner.manifest(name).build(record_of_block=True)
    report = verify(dumps(manifest), world.trust())
    assert report.exit_code == 0, report


async def test_a_step_executes_another_runbook_and_keeps_the_name_of_its_proof(tmp_path: Path) -> None:
    world = world_of(tmp_path, DOUBLE)
    parent = define(
        calling("call", "C", inputs={"n": "20 + 1"}, result="twice"),
        made("told", "result", dependsOn=["call"]),
        purpose="audit",
    )
    runner = world.runner()
    execution = await runner.execute(parent, {}, executed_by="ann")
    [below] = started(runner, "C")
    ended = runner.get_status(below.execution_id).ended
    assert ended is not None
    assert execution.steps["call"].outputs == {
        "executionId": below.execution_id,
        "runbookId": "C",
        "version": "7",
        "runbookDigest": DOUBLE.digest,
        "outcome": "completed",
        "manifestHash": ended.manifest_hash,
        "merkleRoot": ended.header["merkleRoot"],
        "result": 42,
    }
    assert execution.steps["told"].outputs == 42
    assert (below.executed_by, below.context["purpose"], below.parameters) == ("ann", "audit", {"n": 21})
    key = execution.derivation.effect_key(execution.steps["call"].definition, {"n": 21})
    assert below.parent == {"executionId": name_of(execution), "stepId": "call", "key": key}
    assert runner.resolve("last") == name_of(execution)
    for name in (name_of(execution), below.execution_id):
        await verified(world, name)


async def test_proofs_of_children_are_held_against_what_their_parents_say(tmp_path: Path) -> None:
    middle = child(
        calling("deep", "C", forEach="[1, 2]", inputs={"n": "item"}, result="twice"),
        made("sum", "$sum(result)", dependsOn=["deep"]),
        runbook_id="M",
    )
    world = world_of(tmp_path, DOUBLE, middle)
    runner = world.runner()
    execution = await runner.execute(define(calling("call", "M", result="sum")), {}, executed_by="ann")
    assert execution.steps["call"].outputs["result"] == 6
    proofs = {item.execution_id: dumps(runner.manifest(item.execution_id).build()) for item in runner.executions()}
    head = proofs.pop(name_of(execution))
    whole = verify(head, world.trust(), proofs=list(proofs.values()))
    assert (whole.exit_code, whole.notes) == (0, ()), whole.reason
    alone = verify(head, world.trust())
    assert (alone.exit_code, len(alone.notes)) == (0, 1)
    other = await world_of(tmp_path / "other", DOUBLE).runner().execute(DOUBLE, {"n": 1}, executed_by="ann")
    stranger = world_of(tmp_path / "other").runner().manifest(name_of(other)).build()
    assert verify(head, world.trust(), proofs=[*proofs.values(), dumps(stranger)]).exit_code == 4
    spoiled = [data.replace(b'"executedBy":"ann"', b'"executedBy":"bob"') for data in proofs.values()]
    assert verify(head, world.trust(), proofs=spoiled).exit_code == 1


async def test_a_child_s_own_purpose_comes_first(tmp_path: Path) -> None:
    world = world_of(tmp_path, child(made("s", "1"), purpose="its own"))
    runner = world.runner()
    await runner.execute(define(calling("call", "C"), purpose="the parent's"), {}, executed_by="ann")
    assert started(runner, "C")[0].context["purpose"] == "its own"


async def test_a_runbook_is_executed_for_each_item(tmp_path: Path) -> None:
    world = world_of(tmp_path, DOUBLE)
    parent = define(calling("call", "C", forEach="[1..5]", inputs={"n": "item"}, result="twice", maxConcurrency=2))
    runner = world.runner()
    execution = await runner.execute(parent, {}, executed_by="ann")
    assert [item["result"] for item in execution.steps["call"].outputs] == [2, 4, 6, 8, 10]
    assert len({item["executionId"] for item in execution.steps["call"].outputs}) == len(started(runner, "C")) == 5
    keys = [digest_of(["pcq-item-v1", name_of(execution), "call", n, digest_of({"n": n + 1})]) for n in range(5)]
    assert sorted(item.parent["key"] for item in started(runner, "C") if item.parent) == sorted(keys)
    await verified(world, name_of(execution))


FAILING = child(made("s", "1 + 'a'"))
DENIED = child(step("s", "query", dependsOn=[], cypher="X", preconditions=["nobody"]))


@pytest.mark.parametrize(("below", "code"), [(FAILING, "runbook.failed"), (DENIED, "runbook.blocked")])
async def test_a_child_that_does_not_end_well_fails_the_step_that_names_it(
    tmp_path: Path, below: Definition, code: str
) -> None:
    world = world_of(tmp_path, below)
    runner = world.runner()
    execution = await runner.execute(
        define(calling("call", "C"), made("after", "1", dependsOn=["call"])), {}, executed_by="ann"
    )
    name = started(runner, "C")[0].execution_id
    await rejected(runner, runner.get_status(name))
    execution = runner.get_status(name_of(execution))
    assert {key: item.outcome for key, item in execution.steps.items()} == {"call": "failed", "after": "not-run"}
    found, message = error_of(execution, "call")
    assert found == code
    assert name in message
    assert len(execution.steps["call"].attempts) == 1
    await verified(world, name_of(execution))


SKIPPING = child(made("s", "1"), made("off", "1", when="false"))


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"runbook": "nothing"}, "runbook.unknown"),
        ({"runbook": "C", "inputs": "[1]"}, "runbook.parameters"),
        ({"runbook": "D"}, "parameter.invalid"),
        ({"runbook": "D", "inputs": {"n": "'x'"}}, "parameter.invalid"),
        ({"runbook": "C", "result": "gone"}, "runbook.no_result"),
        ({"runbook": "C", "result": "off"}, "runbook.no_result"),
    ],
)
async def test_what_cannot_be_begun_or_gives_nothing_fails_the_step(
    tmp_path: Path, members: dict[str, Any], code: str
) -> None:
    double = child(made("s", "1"), runbook_id="D", parameters=NUMBER)
    world = world_of(tmp_path, SKIPPING, double)
    runner = world.runner()
    execution = await runner.execute(define(step("call", "runbook", dependsOn=[], **members)), {}, executed_by="ann")
    assert (execution.outcome, error_of(execution, "call")[0]) == ("failed", code)
    await verified(world, name_of(execution))


def test_a_runbook_that_executes_itself_is_refused_when_it_is_loaded() -> None:
    with pytest.raises(DefinitionError) as refused:
        child(calling("call", "C"))
    assert [(item.code, item.pointer) for item in refused.value.problems] == [("runbook.circular", "/steps/0/runbook")]


async def test_a_runbook_that_executes_itself_through_others_is_refused_when_it_starts(tmp_path: Path) -> None:
    parent = child(calling("call", "B"), runbook_id="A")
    world = world_of(tmp_path, parent, child(calling("x", "C"), runbook_id="B"), child(calling("y", "A")))
    with pytest.raises(DefinitionError, match="A → B → C → A"):
        world.runner().start(parent, {}, executed_by="ann")
    assert world.ports().ledger.entries() == []


def test_lint_says_what_steps_would_not_find() -> None:
    definition = define(calling("a", "none"), calling("b", "C", result="gone"), calling("c", "C", result="s"))
    problems = nesting_problems(definition, {"C": SKIPPING}.get)
    assert [(item.code, item.pointer) for item in problems] == [
        ("runbook.unknown", "/steps/0/runbook"),
        ("runbook.no_result", "/steps/1/result"),
    ]


@pytest.mark.parametrize(("levels", "outcome"), [(8, "completed"), (9, "failed")])
async def test_executions_lie_in_each_other_eight_deep_and_no_deeper(tmp_path: Path, levels: int, outcome: str) -> None:
    below = [child(calling("call", f"L{n + 1}"), runbook_id=f"L{n}") for n in range(levels)]
    world = world_of(tmp_path, *below, child(made("s", "1"), runbook_id=f"L{levels}"))
    runner = world.runner()
    execution = await runner.execute(below[0], {}, executed_by="ann")
    assert execution.outcome == outcome
    if levels == 9:
        deepest = runner.get_status(started(runner, "L8")[0].execution_id)
        assert error_of(deepest, "call")[0] == "runbook.depth"


async def test_a_parent_waits_for_people_with_its_child_and_goes_on_when_they_have_decided(tmp_path: Path) -> None:
    world = world_of(tmp_path, ASKING)
    parent = define(calling("call", "C", inputs={"n": "3"}, result="n"), made("told", "result", dependsOn=["call"]))
    execution = await world.runner().execute(parent, {}, executed_by="ann")
    assert execution.outcome == "waiting"
    kinds = [entry.draft.kind for entry in world.ports().ledger.entries(name_of(execution))]
    assert kinds == ["ExecutionStarted", "AttemptStarted"]
    runner = world.runner()
    seen = runner.get_status(name_of(execution))
    assert seen.outcome == "waiting"
    console = Console(file=StringIO(), width=200)
    print_execution(console, seen)
    assert "waiting for people in what call began" in console.file.getvalue()  # type: ignore[attr-defined]
    again = await runner.resume(name_of(execution))
    assert (again.outcome, len(started(runner, "C"))) == ("waiting", 1)
    [review] = [review for _, review in runner.reviews()]
    await runner.decide(review.review_id, "approved", approver="ben", reason="why not")
    execution = runner.get_status(name_of(execution))
    assert (execution.outcome, execution.steps["told"].outputs) == ("completed", 3)
    await verified(world, name_of(execution))


async def test_a_rejection_below_fails_the_step_above(tmp_path: Path) -> None:
    world = world_of(tmp_path, ASKING)
    runner = world.runner()
    execution = await runner.execute(define(calling("call", "C", inputs={"n": "3"})), {}, executed_by="ann")
    [review] = [review for _, review in runner.reviews()]
    await runner.decide(review.review_id, "rejected", approver="ben", reason="no")
    execution = runner.get_status(name_of(execution))
    assert (execution.outcome, error_of(execution, "call")[0]) == ("failed", "runbook.failed")


async def test_of_children_that_wait_each_is_decided_and_the_rest_goes_on(tmp_path: Path) -> None:
    middle = child(
        calling("deep", "C", inputs={"n": "parameters.n"}, result="n"),
        made("up", "result", dependsOn=["deep"]),
        runbook_id="M",
        parameters=NUMBER,
    )
    world = world_of(tmp_path, ASKING, middle)
    parent = define(
        calling("all", "M", forEach="[1, 2, 3]", inputs={"n": "item"}, result="up"),
        calling("one", "C", inputs={"n": "4"}, result="n"),
        made("sum", "$sum($append(all.result, one.result))", dependsOn=["all", "one"]),
    )
    runner = world.runner()
    execution = await runner.execute(parent, {}, executed_by="ann")
    reviews = [review.review_id for _, review in runner.reviews()]
    assert (execution.outcome, len(reviews)) == ("waiting", 4)
    for review in reviews:
        assert world.runner().get_status(name_of(execution)).outcome == "waiting"
        await world.runner().decide(review, "approved", approver="ben", reason="yes")
    execution = world.runner().get_status(name_of(execution))
    assert (execution.outcome, execution.steps["sum"].outputs) == ("completed", 10)
    assert len(world.runner().executions()) == 8
    await verified(world, name_of(execution))


async def test_a_cancel_reaches_what_is_below(tmp_path: Path) -> None:
    world = world_of(tmp_path, ASKING)
    parent = define(
        calling("call", "C", forEach="[1, 2]", inputs={"n": "item"}), made("after", "1", dependsOn=["call"])
    )
    execution = await world.runner().execute(parent, {}, executed_by="ann")
    runner = world.runner()
    execution = await runner.cancel(name_of(execution), "enough")
    assert {name: item.outcome for name, item in execution.steps.items()} == {"call": "failed", "after": "not-run"}
    assert error_of(execution, "call")[0] == "runbook.cancelled"
    assert [runner.get_status(item.execution_id).outcome for item in runner.executions()] == [
        "failed",
        "cancelled",
        "cancelled",
    ]
    await verified(world, name_of(execution))


async def test_a_child_that_is_decided_while_its_parent_is_driven_is_not_lost(tmp_path: Path) -> None:
    world = world_of(tmp_path, ASKING)

    async def decide_first() -> list[Any]:
        while not runner.reviews():  # noqa: ASYNC110
            await asyncio.sleep(0)
        [review] = [review for _, review in runner.reviews()]
        await runner.decide(review.review_id, "approved", approver="ben", reason="at once")
        return []

    world.graph = GraphSimulator({"SLOW": [decide_first]})
    runner = world.runner()
    parent = define(calling("a", "C", inputs={"n": "1"}), step("b", "query", dependsOn=[], cypher="SLOW"))
    execution = await runner.execute(parent, {}, executed_by="ann")
    assert execution.outcome == "completed"


async def test_below_the_first_that_fails_no_further_one_begins_and_those_that_wait_end(tmp_path: Path) -> None:
    picky = child(
        made("check", "n = 2 ? $error('no') : n", inputs="parameters"),
        step("ask", "approval", dependsOn=["check"], question="?"),
        parameters=NUMBER,
    )
    world = world_of(tmp_path, picky)
    parent = define(calling("call", "C", forEach="[1..5]", inputs={"n": "item"}, maxConcurrency=1))
    runner = world.runner()
    execution = await runner.execute(parent, {}, executed_by="ann")
    assert (execution.outcome, len(started(runner, "C"))) == ("waiting", 2)
    [review] = [review for _, review in runner.reviews()]
    await world.runner().decide(review.review_id, "approved", approver="ben", reason="yes")
    execution = runner.get_status(name_of(execution))
    assert (execution.outcome, len(started(runner, "C"))) == ("failed", 2)
    code, message = error_of(execution, "call")
    assert (code, message.startswith("item 1: ")) == ("runbook.failed", True)
