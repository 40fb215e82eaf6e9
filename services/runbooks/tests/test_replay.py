"""Replay: the same record gives the same root, in whatever order it came; a changed one does not."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pcq_verify import verify
from runbooks import events as ev
from runbooks.canonical import dumps
from runbooks.derivation import Materials
from runbooks.effects import PolicyQuestion, RenderReport
from runbooks.errors import IllegalTransitionError, PermanentPortError, VerificationError
from runbooks.execution import Execution
from runbooks.recorder import Recorder
from runbooks.replay import ReplayReport, replay

from services.runbooks.tests.example import COUNT, example, example_world
from services.runbooks.tests.simulator import SALT_KEY, Faults, GraphSimulator, World, define, rejected, step

Record = tuple[Materials, list[ev.Event]]


async def recorded(world: World, **changes: Any) -> tuple[str, Record]:
    runner = world.runner()
    execution = await rejected(runner, await runner.execute(example(**changes), {}, executed_by="ann"))
    assert execution.started is not None
    name = execution.started.execution_id
    ports = world.ports()
    materials, events, _ = Recorder(ports.ledger, ports.blobs).load(name)
    return name, (materials, events)


def allow(question: PolicyQuestion) -> Mapping[str, str]:
    return {"decision": "allow", "engine": "regopy 1.5.2"}


def deny(question: PolicyQuestion) -> Mapping[str, str]:
    return {"decision": "deny", "engine": "regopy 1.5.2"}


def no_report(step_id: str, action: RenderReport) -> None:
    raise AssertionError(f"{step_id} sets no report")


def again(record: Record, decide: Callable[[PolicyQuestion], Mapping[str, str]] = allow) -> ReplayReport:
    return replay(*record, SALT_KEY, decide, no_report)


def grades(report: ReplayReport) -> dict[str, str]:
    return {item.step_id: item.grade for item in report.steps}


GRADES = {
    "count": "played",
    "find": "played",
    "ask": "played",
    "group": "recomputed",
    "write": "played",
    "check": "recomputed",
    "summarise": "recomputed",
    "export": "played",
}


async def test_a_replay_recomputes_what_is_pure_plays_the_rest_and_touches_nothing(memory_path: Path) -> None:
    world = example_world(memory_path)
    name, _ = await recorded(world)
    asked, entries, faults = world.graph.script.asked.copy(), world.ports().ledger.entries(), Faults()
    reports = [await world.runner(faults).replay(name) for _ in range(3)]
    assert reports[0].execution_id == name
    assert grades(reports[0]) == GRADES
    assert all(report.is_identical for report in reports)
    assert {report.root for report in reports} == {reports[0].recorded_root}
    assert [item.step_id for item in reports[0].steps] == list(GRADES)
    assert all(item.expected == item.actual for item in reports[0].steps)
    touched = {moment.split()[1] for moment in faults.moments}
    assert touched == {"ledger.entries", "blobs.get", "policy.decide"}
    assert (world.graph.script.asked, world.ports().ledger.entries()) == (asked, entries)


@pytest.mark.parametrize(
    "world_of", [{"filled": 1}, {"graph": {COUNT: [PermanentPortError("no", code="graph.syntax")]}}]
)
async def test_what_was_blocked_or_failed_replays_to_the_same_root(world_of: dict[str, Any], memory_path: Path) -> None:
    world = example_world(memory_path, **world_of)
    name, _ = await recorded(world)
    report = await world.runner().replay(name)
    assert report.is_identical


def is_seal(event: ev.Event) -> bool:
    return isinstance(event, ev.StepSealed | ev.ExecutionSealed)


def shuffled(record: Record, dice: random.Random) -> list[ev.Event]:
    """The recorded facts in another order that could have happened; the seals follow them."""
    materials, events = record
    execution = Execution(materials)
    left = [event for event in events if not is_seal(event)]
    order: list[ev.Event] = []
    while left:
        for event in dice.sample(left, len(left)):
            try:
                execution.receive(event)
            except IllegalTransitionError:
                continue
            order.append(event)
            left.remove(event)
            break
        else:
            raise AssertionError("no recorded fact could be the next one")
    return order + [event for event in events if is_seal(event)]


async def test_every_order_in_which_the_recorded_facts_could_have_come_gives_the_same_root(memory_path: Path) -> None:
    _, record = await recorded(example_world(memory_path))
    dice = random.Random(20260301)
    orders = set()
    for _ in range(60):
        events = shuffled(record, dice)
        orders.add(tuple(f"{type(event).__name__} {getattr(event, 'step_id', '')}" for event in events))
        assert again((record[0], events)).is_identical
    assert len(orders) > 20


def change(record: Record, step_id: str, kind: type[Any], **members: Any) -> Record:
    materials, events = record
    assert any(isinstance(event, kind) and event.step_id == step_id for event in events)
    return materials, [
        replace(event, **members) if isinstance(event, kind) and event.step_id == step_id else event for event in events
    ]


async def test_a_changed_answer_of_the_world_differs_from_its_step_on(memory_path: Path) -> None:
    _, record = await recorded(example_world(memory_path))
    report = again(change(record, "find", ev.AttemptSucceeded, outputs=[{"id": "e1", "name": "Eve"}]))
    found = grades(report)
    assert not report.is_identical
    assert (found["count"], found["find"], found["group"]) == ("played", "differs", "differs")
    assert all(found[name] == "differs" for name in ("ask", "write", "check", "summarise", "export"))
    assert report.root != report.recorded_root


async def test_a_changed_output_of_a_pure_step_is_computed_anew(memory_path: Path) -> None:
    _, record = await recorded(example_world(memory_path))
    report = again(change(record, "group", ev.AttemptSucceeded, outputs=[{"key": "forged", "n": 99}]))
    assert report.is_identical, "what is recorded of a pure step is not looked at"


async def test_a_changed_measurement_differs(memory_path: Path) -> None:
    _, record = await recorded(example_world(memory_path))
    metrics = {"kpi:filled>=0.9": [{"filled": 2, "total": 2, "more": 1}]}
    assert not again(change(record, "write", ev.AttemptSucceeded, metrics=metrics)).is_identical


async def test_a_policy_that_denies_now_leads_where_the_record_cannot_have_gone(memory_path: Path) -> None:
    _, record = await recorded(example_world(memory_path))
    with pytest.raises(VerificationError, match="cannot have happened") as caught:
        again(record, deny)
    assert caught.value.code == "replay.diverged"


async def test_a_measurement_that_blocks_now_leads_where_the_record_cannot_have_gone(memory_path: Path) -> None:
    _, record = await recorded(example_world(memory_path))
    changed = change(record, "write", ev.AttemptSucceeded, metrics={"kpi:filled>=0.9": [{"filled": 0, "total": 2}]})
    with pytest.raises(VerificationError):
        again(changed)


async def test_another_salt_key_another_subject_or_another_time_differs(memory_path: Path) -> None:
    _, record = await recorded(example_world(memory_path))
    materials, events = record
    started = events[0]
    assert isinstance(started, ev.ExecutionStarted)
    assert not replay(*record, bytes(32), allow, no_report).is_identical
    assert not again((materials, [replace(started, executed_by="eve"), *events[1:]])).is_identical
    later = {**started.context, "logicalTime": "2026-03-01T13:00:00Z"}
    assert not again((materials, [replace(started, context=later), *events[1:]])).is_identical


async def test_a_changed_definition_differs_though_every_answer_is_the_same(memory_path: Path) -> None:
    _, (materials, events) = await recorded(example_world(memory_path))
    changed = replace(materials, definition=example(group={"measures": {"n": "$count($) + 1"}}))
    report = again((changed, events))
    assert grades(report)["group"] == "differs"
    assert not report.is_identical


async def test_a_transform_whose_recorded_success_now_fails_differs(world: World) -> None:
    definition = define(step("t", "transform", expression="1 + 1"))
    execution = await world.runner().execute(definition, {}, executed_by="ann")
    assert execution.started is not None
    ports = world.ports()
    materials, events, _ = Recorder(ports.ledger, ports.blobs).load(execution.started.execution_id)
    failing = replace(materials, definition=define(step("t", "transform", expression="1 / 0")))
    report = again((failing, events))
    assert grades(report) == {"t": "differs"}


async def test_an_execution_that_has_not_ended_cannot_be_replayed(memory_path: Path) -> None:
    world = example_world(memory_path)
    started, _ = world.runner().start(example(), {}, executed_by="ann")
    assert started.started is not None
    with pytest.raises(VerificationError, match="resume it first") as caught:
        await world.runner().replay(started.started.execution_id)
    assert caught.value.code == "replay.unfinished"


async def test_an_expression_sees_the_members_in_the_order_in_which_everybody_reads_them(world: World) -> None:
    world.graph = GraphSimulator({"ROWS": [[{"b": 1, "a": 2.0}]]})
    definition = define(
        step("find", "query", cypher="ROWS"),
        step("names", "transform", inputs="steps.find[0]", expression="$keys($)"),
        step("made", "transform", inputs="parameters", expression="{'z': $keys($), 'y': $string(z)}"),
        step("again", "transform", expression="$keys($)"),
        parameters={"type": "object", "properties": {"z": {}, "q": {}}},
    )
    execution = await world.runner().execute(definition, {"z": 2.0, "q": 1}, executed_by="ann")
    assert execution.steps["names"].outputs == ["a", "b"]
    assert execution.steps["made"].outputs == {"y": "2", "z": ["q", "z"]}
    assert execution.steps["again"].outputs == ["y", "z"]
    assert execution.started is not None
    assert (await world.runner().replay(execution.started.execution_id)).is_identical
    manifest = world.runner().manifest(execution.started.execution_id).build()
    assert verify(dumps(manifest), world.trust()).exit_code == 0
