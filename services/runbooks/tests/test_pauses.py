"""Pauses: nothing starts, what is in flight ends, a restart changes nothing, and the proof is the same."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pcq_verify import verify
from rich.console import Console
from runbooks.canonical import dumps
from runbooks.errors import ExecutionStateError, UnknownExecutionError
from runbooks.execution import Execution
from runbooks.progress import print_outcome
from runbooks.runner import RunbookRunner

from services.runbooks.tests.example import ROWS, example, example_world
from services.runbooks.tests.simulator import ApiSimulator, Faults, GraphSimulator, ProcessDied, World, define, step

FIRST, SECOND, WRITE = "RETURN 1", "RETURN 2", "CREATE (e {id: $id})"
TWO = define(
    step("first", "query", dependsOn=[], cypher=FIRST),
    step("second", "query", cypher=SECOND),
)
API = "https://api.example.com/look"
CHILD = define(
    step("look", "external_api", dependsOn=[], endpoint=API, inputs="parameters"),
    step("write", "mutation", cypher=WRITE, inputs="parameters"),
    runbookId="C",
    parameters={"type": "object", "properties": {"id": {"type": "string"}}},
)
PARENT = define(
    step("each", "runbook", dependsOn=[], runbook="C", forEach="['b', 'c']", inputs={"id": "item"}, maxConcurrency=1),
    step("told", "transform", expression="$count($)"),
)


def a_runner(world: World, faults: Faults | None = None) -> RunbookRunner:
    """One whose executions have the same context wherever the clock stands the same."""
    return world.runner(ports=replace(world.ports(faults), make_seed=lambda: "0" * 32))


def name_of(world: World) -> str:
    return next(item.execution_id for item in world.runner().executions() if item.parent is None)


def kinds(world: World, name: str) -> list[str]:
    return [entry.draft.kind for entry in world.ports().ledger.entries(name)]


async def paused_in_flight(home: Path) -> tuple[World, Execution]:
    """A world in which the execution was paused while its first query was under way."""
    world = World(home)

    async def first() -> list[Any]:
        runner.pause(name_of(world), "the source is being moved", by="bob")
        return [{"n": 1}]

    world.graph = GraphSimulator({FIRST: [first], SECOND: [[{"n": 2}]]})
    runner = a_runner(world)
    return world, await runner.execute(TWO, {}, executed_by="ann")


def root(execution: Execution) -> str:
    assert execution.ended is not None
    return str(execution.ended.header["merkleRoot"])


async def test_what_is_in_flight_ends_and_nothing_else_starts_until_the_pause_is_lifted(memory_path: Path) -> None:
    world, execution = await paused_in_flight(memory_path / "paused")
    name = name_of(world)
    assert (execution.outcome, execution.steps["first"].outcome) == ("paused", "done")
    assert (execution.steps["second"].state, world.graph.script.asked[SECOND]) == ("waiting", 0)
    after_a_restart = a_runner(world)
    execution = await after_a_restart.resume(name)
    assert (execution.outcome, world.graph.script.asked[SECOND]) == ("paused", 0)
    assert execution.paused is not None
    assert (execution.paused.by, execution.paused.reason) == ("bob", "the source is being moved")
    after_a_restart.lift_pause(name, "it is back", by="eve")
    execution = await after_a_restart.resume(name)
    assert (execution.outcome, execution.paused) == ("completed", None)
    assert (await after_a_restart.replay(name)).is_identical
    proof = dumps(after_a_restart.manifest(name).build())
    assert verify(proof, world.trust()).exit_code == 0
    undisturbed = World(memory_path / "whole", graph=GraphSimulator({FIRST: [[{"n": 1}]], SECOND: [[{"n": 2}]]}))
    whole = await a_runner(undisturbed).execute(TWO, {}, executed_by="ann")
    assert root(execution) == root(whole), "a pause is no part of what is proved"
    assert b"being moved" not in proof


async def test_a_pause_that_is_lifted_before_the_step_in_flight_ends_lets_it_go_on_by_itself(world: World) -> None:
    async def first() -> list[Any]:
        name = name_of(world)
        runner.pause(name, "a moment", by="bob")
        runner.lift_pause(name, "enough", by="bob")
        return [{"n": 1}]

    world.graph = GraphSimulator({FIRST: [first], SECOND: [[{"n": 2}]]})
    runner = world.runner()
    assert (await runner.execute(TWO, {}, executed_by="ann")).outcome == "completed"


async def test_a_pause_of_the_last_step_in_flight_ends_with_it(world: World) -> None:
    async def last() -> list[Any]:
        runner.pause(name_of(world), "too late", by="bob")
        return []

    world.graph = GraphSimulator({FIRST: [last]})
    runner = world.runner()
    execution = await runner.execute(define(step("s", "query", dependsOn=[], cypher=FIRST)), {}, executed_by="ann")
    assert (execution.outcome, execution.paused) == ("completed", None)
    with pytest.raises(ExecutionStateError, match="not paused"):
        runner.lift_pause(name_of(world), "go on", by="bob")


async def test_pure_steps_do_not_start_either_and_each_is_computed_once_afterwards(world: World) -> None:
    async def first() -> list[Any]:
        name = name_of(world)
        for _ in range(3):
            runner.pause(name, "a moment", by="bob")
            runner.lift_pause(name, "enough", by="bob")
        return []

    world.graph = GraphSimulator({FIRST: [first]})
    pure = [step(f"p{number}", "transform", dependsOn=[], expression="1") for number in range(3)]
    definition = define(step("first", "query", dependsOn=[], cypher=FIRST), *pure)
    runner = world.runner()
    started, _ = runner.start(definition, {}, executed_by="ann")
    name = started.started.execution_id if started.started else ""
    runner.pause(name, "wait", by="bob")
    execution = await runner.resume(name)
    assert {item.state for item in execution.steps.values()} == {"waiting"}
    runner.lift_pause(name, "go on", by="bob")
    going = asyncio.create_task(runner.resume(name))
    await asyncio.sleep(0)  # by now it is due to compute, and has not
    runner.pause(name, "a moment", by="bob")
    runner.lift_pause(name, "enough", by="bob")
    assert (await going).outcome == "completed"
    assert kinds(world, name).count("AttemptSucceeded") == 4


async def test_a_paused_execution_can_be_cancelled_and_one_whose_step_fails_ends(world: World) -> None:
    runner = world.runner()
    started, _ = runner.start(TWO, {}, executed_by="ann")
    assert started.started is not None
    name = started.started.execution_id
    assert runner.pause(name, "wait", by="bob").outcome == "paused"
    assert runner.pause(name, "again", by="eve").paused == runner.get_status(name).paused, "it stays as it was"
    assert kinds(world, name).count("PauseRequested") == 1
    execution = await runner.cancel(name, "enough")
    assert (execution.outcome, execution.paused) == ("cancelled", None)
    with pytest.raises(ExecutionStateError, match="no step left"):
        runner.pause(name, "wait", by="bob")
    with pytest.raises(ExecutionStateError, match="not paused"):
        runner.lift_pause(name, "go on", by="bob")
    with pytest.raises(UnknownExecutionError):
        runner.pause("none", "wait", by="bob")


async def test_reviews_can_be_decided_meanwhile_and_the_step_starts_afterwards(world: World) -> None:
    definition = define(
        step("ask", "approval", dependsOn=[], question="May we?"),
        step("then", "transform", expression="1"),
    )
    runner = world.runner()
    waiting = await runner.execute(definition, {}, executed_by="ann")
    assert waiting.started is not None
    name = waiting.started.execution_id
    runner.pause(name, "wait", by="bob")
    [(_, review)] = runner.reviews()
    execution = await runner.decide(review.review_id, "approved", approver="ben", reason="yes")
    assert (execution.outcome, execution.steps["ask"].outcome) == ("paused", None)
    runner.lift_pause(name, "go on", by="bob")
    execution = await runner.resume(name)
    assert (execution.outcome, execution.steps["ask"].outcome) == ("completed", "done")


async def test_the_terminal_says_who_paused_it_and_why(memory_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, execution = await paused_in_flight(memory_path)
    print_outcome(Console(), execution)
    assert "paused by bob at 2026-03-01T12:00Z: the source is being moved" in capsys.readouterr().out


async def paused_and_let_go_on(world: World, faults: Faults | None = None) -> None:
    """Start, pause at once, look, let go on, all in one process."""
    runner = a_runner(world, faults)
    with suppress(ProcessDied):
        started, _ = runner.start(example(), {}, executed_by="ann")
        name = started.started.execution_id if started.started else ""
        runner.pause(name, "wait", by="bob")
        await runner.resume(name)
        runner.lift_pause(name, "go on", by="bob")
        await runner.resume(name)


async def test_after_a_death_at_any_moment_around_a_pause_the_next_process_finishes_the_same(memory_path: Path) -> None:
    counted = Faults()
    whole = example_world(memory_path / "counted")
    await paused_and_let_go_on(whole, counted)
    first = whole.runner().get_status(name_of(whole))
    assert first.outcome == "completed"
    stood = set()
    for at in range(0, len(counted.moments), 2):
        world = example_world(memory_path / str(at))
        await paused_and_let_go_on(world, Faults(at))
        if not world.runner().executions():
            continue
        name, runner = name_of(world), a_runner(world)
        execution = await runner.resume(name)
        stood.add(execution.outcome)
        if execution.outcome == "paused":
            assert world.graph.script.asked.total() == 0, counted.moments[at]
            runner.lift_pause(name, "go on", by="eve")
            execution = await runner.resume(name)
        assert root(execution) == root(first), counted.moments[at]
        assert [len(ROWS), 1] == [len(world.graph.written), sum(world.api.effects.values())], counted.moments[at]
        found = kinds(world, name)
        assert found.count("PauseRequested") == found.count("PauseLifted") <= 1, counted.moments[at]
        assert world.runner().verify_ledger() == len(world.ports().ledger.entries())
    assert stood == {"paused", "completed"}


async def pause_the_parent(world: World, faults: Faults | None = None) -> None:
    """Pause the parent while the first of its children is under way; with faults let it go on afterwards."""
    runner = world.runner(faults)

    async def look() -> Any:
        if not any(kind == "PauseRequested" for kind in kinds(world, name_of(world))):
            runner.pause(name_of(world), "wait", by="bob")
        return {"seen": True}

    world.api.script.replies[API] = [look]
    with suppress(ProcessDied):
        execution = await runner.execute(PARENT, {}, executed_by="ann")
        if faults is not None and execution.started is not None:
            runner.lift_pause(execution.started.execution_id, "go on", by="bob")
            await runner.resume(execution.started.execution_id)


def a_parent(home: Path) -> World:
    return World(home, graph=GraphSimulator({WRITE: [None]}), api=ApiSimulator({API: [None]}), runbooks={"C": CHILD})


async def test_what_a_step_began_or_begins_meanwhile_is_paused_and_goes_on_with_it(memory_path: Path) -> None:
    world = a_parent(memory_path)
    await pause_the_parent(world)
    runner = world.runner()
    below = [item.execution_id for item in runner.executions() if item.parent is not None]
    assert [runner.get_status(name).outcome for name in below] == ["paused"] * len(below)
    assert (runner.get_status(name_of(world)).outcome, world.graph.written) == ("paused", [])
    runner.lift_pause(name_of(world), "go on", by="bob")
    execution = await runner.resume(name_of(world))
    assert (execution.outcome, execution.steps["told"].outputs) == ("completed", 2)
    assert sorted(row["id"] for row in world.graph.written) == ["b", "c"]


async def test_a_child_that_is_paused_alone_keeps_its_parent_waiting(world: World) -> None:
    async def look() -> Any:
        [child] = [item.execution_id for item in runner.executions() if item.parent is not None]
        if runner.get_status(child).is_pausable and not world.graph.written:
            runner.pause(child, "wait", by="bob")
        return {"seen": True}

    world.graph, world.api = GraphSimulator({WRITE: [None]}), ApiSimulator({API: [look]})
    world.runbooks = {"C": CHILD}
    runner = world.runner()
    alone = define(step("one", "runbook", dependsOn=[], runbook="C", inputs={"id": "'a'"}))
    assert (await runner.execute(alone, {}, executed_by="ann")).outcome == "waiting"
    [child] = [item.execution_id for item in runner.executions() if item.parent is not None]
    runner.lift_pause(child, "go on", by="bob")
    assert (await runner.resume(child)).outcome == "completed"
    assert runner.get_status(name_of(world)).outcome == "completed"


async def test_after_a_death_around_a_pause_of_a_parent_nothing_is_lost_below(memory_path: Path) -> None:
    counted = Faults()
    await pause_the_parent(a_parent(memory_path / "counted"), counted)
    for at in range(0, len(counted.moments), 3):
        world = a_parent(memory_path / str(at))
        await pause_the_parent(world, Faults(at))
        if not world.runner().executions():
            continue
        world.api.script.replies[API] = [{"seen": True}]
        runner, name = world.runner(), name_of(world)
        if runner.get_status(name).paused:
            runner.lift_pause(name, "go on", by="eve")
        execution = await runner.resume(name)
        assert (execution.outcome, execution.steps["told"].outputs) == ("completed", 2), counted.moments[at]
        assert sorted(row["id"] for row in world.graph.written) == ["b", "c"], counted.moments[at]
