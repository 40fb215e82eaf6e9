"""The process dies at every moment of an execution with branches and steps that are done for each item.

The same way is taken again, no item happens twice under its key, and the manifest is that of an execution that was
never interrupted (spec/execution.md, 2.1 and 2.2).
"""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

from pcq_verify import verify
from runbooks.canonical import dumps
from runbooks.manifest import PCQManifestBuilder

from services.runbooks.tests.simulator import (
    SALT_KEY,
    ApiSimulator,
    Faults,
    GraphSimulator,
    ProcessDied,
    World,
    define,
    step,
)
from services.runbooks.tests.test_crashes import die, finish, outputs_of

FIND = "MATCH (e) RETURN e.id AS id"
WRITE = "MERGE (e {id: $id}) SET e.seen = true"
API = "https://api.example.com/look"

DEFINITION = define(
    step("find", "query", dependsOn=[], cypher=FIND),
    step("nothing", "export", dependsOn=["find"], when="$count(steps.find) = 0", file="nothing.json"),
    step("look", "external_api", dependsOn=["find"], when="$count(steps.find) > 0", endpoint=API, forEach="steps.find"),
    step(
        "write",
        "mutation",
        dependsOn=["look"],
        cypher=WRITE,
        forEach="steps.look",
        inputs={"id": "'e' & item & $string(index)"},
        maxConcurrency=2,
    ),
    step("after", "transform", dependsOn=["nothing"], expression="1"),
    step("meet", "transform", dependsOn=["after", "write"], expression="$keys($)[]"),
)


def new_world(home: Path) -> World:
    found = [{"id": name} for name in "abc"]
    return World(home, graph=GraphSimulator({FIND: [found], WRITE: [None]}), api=ApiSimulator({API: ["x"]}))


async def assert_whole(world: World, moment: str, *, deep: bool) -> None:
    execution = await finish(world)
    if execution is None:
        assert (world.graph.written, world.api.effects) == ([], {}), moment
        return
    assert execution.outcome == "completed", moment
    assert {name: item.outcome for name, item in execution.steps.items()} == {
        "find": "done",
        "nothing": "skipped",
        "look": "done",
        "write": "done",
        "after": "skipped",
        "meet": "done",
    }, moment
    assert sorted(row["id"] for row in world.graph.written) == ["ex0", "ex1", "ex2"], moment
    assert sorted(world.api.effects.values()) == [1, 1, 1], moment
    assert world.exported() == [], moment
    assert execution.steps["meet"].outputs == ["write"], moment
    if deep:
        assert execution.started is not None
        runner = world.runner()
        assert (await runner.replay(execution.started.execution_id)).is_identical, moment
        manifest = PCQManifestBuilder(execution, SALT_KEY).build()
        assert verify(dumps(manifest), world.trust()).exit_code == 0, moment


async def test_a_death_at_any_moment_takes_the_same_way_again_and_does_no_item_twice(memory_path: Path) -> None:
    moments = (await die(new_world(memory_path / "counted"), DEFINITION, 10**9)).moments
    assert sum(moment.endswith("graph.mutate") for moment in moments) == 6
    assert sum(moment.endswith("http.call") for moment in moments) == 6
    for at, moment in enumerate(moments):
        world = new_world(memory_path / str(at))
        await die(world, DEFINITION, at)
        await assert_whole(world, moment, deep=at % 20 == 0)


async def test_after_several_deaths_in_a_row_it_is_the_same(memory_path: Path) -> None:
    undisturbed = await new_world(memory_path / "whole").runner().execute(DEFINITION, {}, executed_by="ann")
    dice = random.Random(20260302)
    for number in range(10):
        world = new_world(memory_path / str(number))
        started, _ = world.runner().start(DEFINITION, {}, executed_by="ann")
        assert started.started is not None
        for _ in range(10):
            with suppress(ProcessDied):
                await world.runner(Faults(dice.randrange(40))).resume(started.started.execution_id)
        await assert_whole(world, f"life {number}", deep=number == 0)
        execution = world.runner().get_status(started.started.execution_id)
        assert outputs_of(execution) == outputs_of(undisturbed)
