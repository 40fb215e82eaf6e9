"""The process dies at every moment of an execution whose steps execute other runbooks, and of what people decide there.

No child is begun twice, none is lost, and its parent goes on when it has ended (spec/execution.md, 6).
"""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from pcq_verify import verify
from runbooks.canonical import dumps
from runbooks.execution import Execution

from services.runbooks.tests.simulator import ApiSimulator, Faults, GraphSimulator, ProcessDied, World, define, step
from services.runbooks.tests.test_crashes import die

WRITE = "CREATE (e {id: $id})"
API = "https://api.example.com/look"
ONE = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}

CHILD = define(
    step("look", "external_api", dependsOn=[], endpoint=API, inputs="parameters"),
    step("write", "mutation", cypher=WRITE, inputs="parameters"),
    runbookId="C",
    parameters=ONE,
)
PARENT = define(
    step("one", "runbook", dependsOn=[], runbook="C", inputs={"id": "'a'"}, result="write"),
    step("each", "runbook", runbook="C", forEach="['b', 'c']", inputs={"id": "item"}, result="write"),
    step("told", "transform", dependsOn=["one", "each"], expression="one.result.updated + $sum(each.result.updated)"),
)
ASKING = define(
    step("ask", "approval", dependsOn=[], question="May we?"),
    step("write", "mutation", dependsOn=["ask"], cypher=WRITE, inputs={"id": "'a'"}),
    runbookId="C",
)
WAITING = define(
    step("call", "runbook", dependsOn=[], runbook="C", result="write"),
    step("told", "transform", expression="result.updated"),
)


def new_world(home: Path, child: Any = CHILD) -> World:
    return World(
        home,
        graph=GraphSimulator({WRITE: [None]}),
        api=ApiSimulator({API: [{"seen": True}]}),
        runbooks={"C": child},
    )


def begun(world: World) -> Counter[str]:
    """How many executions of each runbook there are."""
    return Counter(item.context["runbookId"] for item in world.runner().executions())


def name_of(world: World) -> str:
    return next(item.execution_id for item in world.runner().executions() if item.parent is None)


async def assert_sound(world: World, moment: object) -> None:
    """Every execution of the world replays and verifies."""
    runner = world.runner()
    for started in runner.executions():
        assert (await runner.replay(started.execution_id)).is_identical, moment
        manifest = runner.manifest(started.execution_id).build(record_of_block=True)
        assert verify(dumps(manifest), world.trust()).exit_code == 0, moment


async def test_after_a_death_at_any_moment_every_child_is_finished_and_none_begun_twice(memory_path: Path) -> None:
    moments = (await die(new_world(memory_path / "counted"), PARENT, 10**9)).moments
    assert sum(moment.endswith("http.call") for moment in moments) == 6
    for at, moment in enumerate(moments):
        world = new_world(memory_path / str(at))
        await die(world, PARENT, at)
        if not world.runner().executions():
            continue
        execution = await world.runner().resume(name_of(world))
        assert (execution.outcome, execution.steps["told"].outputs) == ("completed", 3), moment
        assert begun(world) == {"R": 1, "C": 3}, moment
        assert sorted(row["id"] for row in world.graph.written) == ["a", "b", "c"], moment
        assert list(world.api.effects.values()) == [1, 1, 1], moment
        if at % 25 == 0:
            await assert_sound(world, moment)


async def test_a_child_that_is_resumed_alone_lets_its_parent_go_on(memory_path: Path) -> None:
    moments = (await die(new_world(memory_path / "counted"), PARENT, 10**9)).moments
    seen = 0
    for at in range(0, len(moments), 3):
        world = new_world(memory_path / str(at))
        await die(world, PARENT, at)
        runner = world.runner()
        below = [item.execution_id for item in runner.executions() if item.parent is not None]
        if below:
            await runner.resume(below[-1])
            assert runner.get_status(name_of(world)).outcome == "completed", moments[at]
            assert begun(world) == {"R": 1, "C": 3}, moments[at]
            seen += 1
    assert seen > 10


async def decide(world: World, faults: Faults | None) -> None:
    runner = world.runner(faults)
    [review] = [review for _, review in world.runner().reviews()]
    await runner.decide(review.review_id, "approved", approver="ben", reason="yes")


async def finished(world: World) -> Execution:
    """The parent at its end, by whoever comes next: the decision is made if it was not."""
    [(_, review)] = world.runner().reviews()
    if review.is_open:
        await decide(world, None)
    return await world.runner().resume(name_of(world))


async def test_a_decision_about_a_child_that_dies_is_made_once_and_its_parent_goes_on(memory_path: Path) -> None:
    first = new_world(memory_path / "first", ASKING)
    execution = await first.runner().execute(WAITING, {}, executed_by="ann")
    assert execution.outcome == "waiting"
    undisturbed = Faults()
    shutil.copytree(memory_path / "first", memory_path / "counted")
    await decide(new_world(memory_path / "counted", ASKING), undisturbed)
    assert new_world(memory_path / "counted", ASKING).runner().get_status(name_of(first)).outcome == "completed"
    for at, moment in enumerate(undisturbed.moments):
        home = memory_path / f"at-{at}"
        shutil.copytree(memory_path / "first", home)
        world = new_world(home, ASKING)
        with suppress(ProcessDied):
            await decide(world, Faults(at))
        execution = await finished(world)
        assert (execution.outcome, execution.steps["told"].outputs) == ("completed", 1), moment
        assert (begun(world), len(world.graph.written)) == ({"R": 1, "C": 1}, 1), moment
        if at % 20 == 0:
            await assert_sound(world, moment)


async def test_a_cancel_that_dies_is_finished_by_the_next_one_above_and_below(memory_path: Path) -> None:
    first = new_world(memory_path / "first", ASKING)
    execution = await first.runner().execute(WAITING, {}, executed_by="ann")
    assert execution.outcome == "waiting"
    for at in range(0, 60, 2):
        home = memory_path / f"at-{at}"
        shutil.copytree(memory_path / "first", home)
        world = new_world(home, ASKING)
        with suppress(ProcessDied):
            await world.runner(Faults(at)).cancel(name_of(world), "first")
        execution = await world.runner().cancel(name_of(world), "second")
        runner = world.runner()
        below = next(item.execution_id for item in runner.executions() if item.parent is not None)
        assert (execution.outcome, runner.get_status(below).outcome) == ("failed", "cancelled"), at
        assert world.graph.written == []
