"""The runner over simulated ports: concurrency, order, gates, retries, and what it refuses."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pcq_verify import verify
from runbooks import events as ev
from runbooks.adapters.http_api import MappedHttpApi, read_endpoints
from runbooks.canonical import dumps, is_identifier
from runbooks.definition import Definition
from runbooks.errors import ParameterError, PermanentPortError, TransientPortError, UnknownExecutionError
from runbooks.execution import Execution
from runbooks.progress import explain_proof

from services.runbooks.tests.example import API, FIND, MEASURE, PROVERS, WRITE, example, example_world
from services.runbooks.tests.simulator import (
    ApiSimulator,
    Faults,
    GraphSimulator,
    World,
    define,
    rejected,
    step,
)

pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")


def query(name: str, statement: str, **members: Any) -> dict[str, Any]:
    return step(name, "query", **{"dependsOn": [], "cypher": statement, **members})


async def run(world: World, definition: Definition, **members: Any) -> Execution:
    """Run to the end; whatever a proof denies is rejected by a person too."""
    runner = world.runner()
    return await rejected(runner, await runner.execute(definition, {}, **{"executed_by": "ann", **members}))


def outcomes(execution: Execution) -> dict[str, str | None]:
    return {name: item.outcome for name, item in execution.steps.items()}


def names(world: World) -> list[str]:
    return [entry.draft.kind for entry in world.ports().ledger.entries()]


def root(execution: Execution) -> str:
    assert execution.ended is not None
    found: str = execution.ended.header["merkleRoot"]
    return found


async def test_independent_steps_run_at_the_same_time(memory_path: Path) -> None:
    meeting = asyncio.Barrier(3)

    async def meet() -> list[Any]:
        async with asyncio.timeout(10):
            await meeting.wait()
        return []

    graph = GraphSimulator({"A": [meet], "B": [meet]})
    world = World(memory_path, graph=graph, api=ApiSimulator({API: [meet]}))
    ask = step("c", "external_api", dependsOn=[], endpoint=API)
    execution = await run(world, define(query("a", "A"), query("b", "B"), ask))
    assert outcomes(execution) == {"a": "done", "b": "done", "c": "done"}


async def test_a_step_waits_for_all_its_dependencies(memory_path: Path) -> None:
    order: list[str] = []

    def say(name: str) -> Callable[[], Awaitable[list[Any]]]:
        async def answer() -> list[Any]:
            order.append(f"{name} begins")
            for _ in range(5):
                await asyncio.sleep(0)
            order.append(f"{name} ends")
            return []

        return answer

    graph = GraphSimulator({name: [say(name)] for name in "ABC"})
    definition = define(query("a", "A"), query("b", "B"), query("c", "C", dependsOn=["a", "b"]))
    await run(World(memory_path, graph=graph), definition)
    assert set(order[:4]) == {"A begins", "A ends", "B begins", "B ends"}
    assert order[4:] == ["C begins", "C ends"]


async def test_no_more_than_sixteen_actions_are_in_flight(memory_path: Path) -> None:
    now = most = 0

    async def answer() -> list[Any]:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return []

    world = World(memory_path, graph=GraphSimulator({"Q": [answer]}))
    execution = await run(world, define(*(query(f"q{number}", "Q") for number in range(50))))
    assert execution.outcome == "completed"
    assert most == 16


async def test_the_order_in_which_answers_come_never_changes_the_root(memory_path: Path) -> None:
    world = example_world(memory_path / "start")
    started, _ = world.runner().start(example(), {}, executed_by="ann")
    assert started.started is not None
    roots, orders = set(), set()
    for seed in range(12):
        dice = random.Random(seed)

        def late(answer: Any, dice: random.Random = dice) -> Callable[[], Awaitable[Any]]:
            async def wait() -> Any:
                for _ in range(dice.randrange(30)):
                    await asyncio.sleep(0)
                return answer

            return wait

        shutil.copytree(memory_path / "start", memory_path / str(seed))
        copy = example_world(memory_path / str(seed))
        for script in (copy.graph.script, copy.api.script):
            script.replies = {name: [late(item) for item in found] for name, found in script.replies.items()}
        execution = await copy.runner().resume(started.started.execution_id)
        roots.add(root(execution))
        entries = copy.ports().ledger.entries(kind="AttemptSucceeded")
        orders.add(tuple(entry.draft.step_id for entry in entries))
    assert len(orders) > 1, "the answers must really have come in several orders"
    assert len(roots) == 1


async def test_the_first_failure_stops_what_has_not_started_and_lets_end_what_has(memory_path: Path) -> None:
    failed = asyncio.Event()

    async def after_the_failure() -> list[Any]:
        async with asyncio.timeout(10):
            await failed.wait()
        return [{"n": 1}]

    async def fail() -> list[Any]:
        failed.set()
        raise PermanentPortError("no such label", code="graph.syntax")

    world = World(memory_path, graph=GraphSimulator({"SLOW": [after_the_failure], "BAD": [fail], "NEXT": [[]]}))
    definition = define(
        query("bad", "BAD"),
        query("slow", "SLOW"),
        query("next", "NEXT", dependsOn=["slow"]),
        query("z", "NEXT", dependsOn=["bad"]),
    )
    execution = await run(world, definition)
    assert outcomes(execution) == {"bad": "failed", "slow": "done", "next": "not-run", "z": "not-run"}
    assert execution.outcome == "failed"
    assert world.graph.script.asked["NEXT"] == 0


async def test_a_blocked_mutation_is_rolled_back_and_nothing_is_exported(memory_path: Path) -> None:
    world = example_world(memory_path, filled=1)
    execution = await run(world, example())
    assert (execution.outcome, execution.steps["write"].outcome) == ("blocked", "blocked")
    assert execution.steps["write"].outputs == {"updated": 0}
    assert (world.graph.written, world.graph.receipts, world.exported()) == ([], {}, [])
    [proof] = execution.steps["write"].postconditions
    assert (proof["reason"], proof["evidence"]["value"]) == ("metric.not_met", 0.5)


async def test_a_mutation_is_sent_once_with_a_row_for_each_item(memory_path: Path) -> None:
    world = example_world(memory_path)
    execution = await run(world, example())
    assert execution.steps["write"].outputs == {"updated": 2}
    assert world.graph.written == [
        {"id": "e1", "email": "ann@example.com"},
        {"id": "e2", "email": "bob@example.com"},
    ]
    assert len(world.graph.receipts) == 1


@pytest.mark.parametrize(("subject", "outcome"), [("ann", "completed"), ("bob", "blocked"), ("Ann", "blocked")])
async def test_who_runs_it_decides_the_authority_question(subject: str, outcome: str, memory_path: Path) -> None:
    world = example_world(memory_path)
    execution = await run(world, example(), executed_by=subject)
    assert execution.outcome == outcome
    assert bool(world.graph.written) == (outcome == "completed")


async def test_a_licence_that_does_not_permit_keeps_the_call_from_being_made(memory_path: Path) -> None:
    world = example_world(memory_path)
    world.licences = {"licences": []}
    execution = await run(world, example())
    assert (execution.outcome, execution.steps["ask"].outcome) == ("blocked", "blocked")
    assert (world.api.bodies, world.graph.written) == ([], [])


async def test_an_undefined_prover_denies_with_a_sentence_that_names_it(memory_path: Path) -> None:
    world = example_world(memory_path)
    execution = await run(world, example(find={"preconditions": ["authority:nobody-defined"]}))
    assert execution.outcome == "blocked"
    [proof] = execution.steps["find"].preconditions
    assert "authority:nobody-defined is defined neither by the runbook nor by this installation" in explain_proof(proof)
    assert world.graph.script.asked[FIND] == 0


@pytest.mark.parametrize("severity", ["warn", "block"])
async def test_only_a_blocking_prover_blocks(severity: str, memory_path: Path) -> None:
    claim = {"type": "metric", "query": MEASURE, "assertion": "filled >= 3", "severity": severity}
    definition = define(query("a", FIND, postconditions=["kpi:x"]), provers={"postconditions": {"kpi:x": claim}})
    execution = await run(example_world(memory_path), definition)
    assert execution.outcome == ("completed" if severity == "warn" else "blocked")
    assert execution.steps["a"].postconditions[0]["result"] == "fail"


async def test_a_transient_error_is_tried_again_after_two_and_four_seconds_under_the_same_key(
    memory_path: Path,
) -> None:
    down = TransientPortError("api.example.com: cannot be reached", code="api.unreachable")
    world = example_world(memory_path, api={API: [down, down, [{"id": "e1", "email": "a@example.com"}]]})
    execution = await run(world, example())
    assert execution.outcome == "completed"
    assert world.clock.slept == [2, 4]
    assert list(world.api.effects.values()) == [1]
    errors = [item["error"] and item["error"]["code"] for item in execution.steps["ask"].attempts]
    assert errors == ["api.unreachable", "api.unreachable", None]
    intents = [entry for entry in world.ports().ledger.entries(kind="AttemptStarted") if entry.draft.step_id == "ask"]
    assert len({json.loads(entry.draft.body)["members"]["key"] for entry in intents}) == 1
    assert len(intents) == 3


async def test_attempts_are_signed_as_observations_and_do_not_change_the_root(memory_path: Path) -> None:
    plain = example_world(memory_path / "plain")
    started, _ = plain.runner().start(example(), {}, executed_by="ann")
    assert started.started is not None
    shutil.copytree(memory_path / "plain", memory_path / "retried")
    down = TransientPortError("down", code="graph.unreachable")
    retried = example_world(
        memory_path / "retried", graph={FIND: [down, [{"id": "e2", "name": "Bob"}, {"id": "e1", "name": "Ann"}]]}
    )
    one, two = [await world.runner().resume(started.started.execution_id) for world in (plain, retried)]
    assert root(one) == root(two)
    assert one.ended is not None
    assert two.ended is not None
    assert one.ended.header["observationsRoot"] != two.ended.header["observationsRoot"]


async def test_the_last_transient_error_fails_the_step(memory_path: Path) -> None:
    down = TransientPortError("down", code="graph.unreachable")
    world = example_world(memory_path, graph={WRITE: [down]})
    execution = await run(world, example(write={"retry": {"maxAttempts": 4}}))
    assert (execution.outcome, execution.steps["write"].outcome) == ("failed", "failed")
    assert world.clock.slept == [2, 4, 8]
    assert world.graph.script.asked[WRITE] == 4
    assert world.exported() == []


async def test_a_permanent_error_is_not_tried_again(memory_path: Path) -> None:
    world = example_world(memory_path, graph={FIND: [PermanentPortError("no", code="graph.syntax")]})
    execution = await run(world, example())
    assert (execution.outcome, world.graph.script.asked[FIND], world.clock.slept) == ("failed", 1, [])


async def test_an_answer_that_does_not_come_within_the_steps_time_is_a_transient_failure(memory_path: Path) -> None:
    async def never() -> Any:
        await asyncio.Event().wait()

    world = World(memory_path, graph=GraphSimulator({"Q": [never, [{"n": 1}]]}))
    execution = await run(world, define(query("q", "Q", timeout=0.05)))
    assert execution.outcome == "completed"
    assert [item["error"] and item["error"]["code"] for item in execution.steps["q"].attempts] == ["step.timeout", None]


async def test_an_address_that_is_none_fails_its_step(memory_path: Path) -> None:
    world = World(memory_path)
    world.api = MappedHttpApi(read_endpoints({"https://api.example.com": "https://api.example.com"}))  # type: ignore[assignment]
    execution = await run(world, define(step("a", "external_api", endpoint="https://[::1/x")))
    await world.api.close()
    assert execution.steps["a"].attempts[0]["error"]["code"] == "api.not_allowed"


async def test_a_pure_step_with_a_metric_is_measured(memory_path: Path) -> None:
    definition = define(
        step("t", "transform", expression="1 + 1", postconditions=["kpi:filled>=0.9"]),
        step(
            "g",
            "aggregate",
            inputs="[{'a': 1}]",
            groupBy="a",
            measures={"n": "$count($)"},
            postconditions=["kpi:filled>=0.9"],
        ),
        provers=PROVERS,
    )
    world = example_world(memory_path, graph={MEASURE: [[{"filled": 19, "total": 20}]]})
    execution = await run(world, definition)
    assert execution.outcome == "completed"
    assert (execution.steps["t"].outputs, execution.steps["g"].outputs) == (2, [{"key": 1, "n": 1}])
    assert execution.steps["t"].postconditions[0]["evidence"]["value"] == 0.95
    assert execution.started is not None
    manifest = world.runner().manifest(execution.started.execution_id).build()
    assert verify(dumps(manifest), world.trust()).exit_code == 0


async def test_an_ended_execution_is_resumed_without_any_call(memory_path: Path) -> None:
    world = example_world(memory_path)
    execution = await run(world, example())
    assert execution.started is not None
    before, faults = names(world), Faults()
    again = await world.runner(faults).resume(execution.started.execution_id)
    cancelled = await world.runner(faults).cancel(execution.started.execution_id, "too late")
    assert root(again) == root(cancelled) == root(execution)
    assert {moment.split()[1] for moment in faults.moments} == {"ledger.entries", "blobs.get"}
    assert names(world) == before


async def test_wrong_parameters_and_a_nameless_subject_are_refused_before_anything_is_recorded(
    memory_path: Path,
) -> None:
    world = example_world(memory_path)
    for parameters, subject in (({"x": 1}, "ann"), ({}, ""), ({}, "a" * 257)):
        with pytest.raises(ParameterError):
            await world.runner().execute(example(), parameters, executed_by=subject)
    assert names(world) == []
    assert (await run(world, example(), executed_by="a" * 256)).outcome == "blocked"


@pytest.mark.parametrize("runbook_id", ["R", "a/../../../x", "r" * 128, "a:b<c>[d]@e=f", "R.."])
async def test_an_execution_id_is_a_file_name_and_an_identifier_whatever_the_runbooks_name(
    runbook_id: str, memory_path: Path
) -> None:
    world = World(memory_path / "home")
    definition = define(step("e", "export", inputs="{'a': 1}", file="x.json"), runbookId=runbook_id)
    execution = await run(world, definition)
    assert execution.started is not None
    name = execution.started.execution_id
    assert Path(name).name == name
    assert is_identifier("pcq-" + name)
    manifest = world.runner().manifest(name).build()
    assert verify(dumps(manifest), world.trust()).exit_code == 0
    assert world.exported() == ["x.json"]
    assert outside(memory_path) == ["home"]


def outside(folder: Path) -> list[str]:
    return [item.name for item in folder.iterdir()]


async def test_progress_is_told_every_recorded_event_once_and_in_order(memory_path: Path) -> None:
    world = example_world(memory_path)
    told: list[ev.Event] = []
    runner = world.runner(progress=lambda event, execution: told.append(event))
    await runner.execute(example(), {}, executed_by="ann")
    assert [type(event).__name__ for event in told] == names(world)


async def test_the_last_execution_is_the_newest_one(memory_path: Path) -> None:
    runner = World(memory_path).runner()
    plain = define(step("t", "transform", expression="1"))
    ended = [await runner.execute(plain, {}, executed_by="ann") for _ in range(3)]
    found = [execution.started.execution_id for execution in ended if execution.started is not None]
    assert [started.execution_id for started in runner.executions()] == found
    assert runner.resolve("last") == found[-1]
    assert runner.resolve(found[0]) == found[0]


async def test_an_unknown_execution_is_named(memory_path: Path) -> None:
    runner = World(memory_path).runner()
    for act in (runner.resume("R-9"), runner.cancel("R-9", "x"), runner.replay("R-9")):
        with pytest.raises(UnknownExecutionError, match="R-9"):
            await act
    with pytest.raises(UnknownExecutionError):
        runner.resolve("last")


async def test_every_statement_sees_the_executions_id_and_nothing_passes_for_it(tmp_path: Path) -> None:
    world = World(tmp_path / "home")
    world.graph = GraphSimulator({"READ": [[{"a": 1}]], "SET": [None], "COUNT": [[{"n": 1}]]})
    claim = {"type": "metric", "query": "COUNT", "assertion": "n = 1"}
    definition = define(
        query("read", "READ", inputs={"executionId": "'forged'"}),
        step("write", "mutation", cypher="SET", inputs="[{'executionId': 'forged', 'b': 2}]", postconditions=["one"]),
        step("check", "assertion", postconditions=["one"]),
        parameters={"type": "object", "properties": {"email": {"type": "string"}}},
        provers={"postconditions": {"one": claim}},
    )
    execution = await world.runner().execute(definition, {"email": "e"}, executed_by="ann")
    assert execution.started is not None
    assert execution.outcome == "completed"
    assert world.graph.execution_ids == {execution.started.execution_id}
    assert world.graph.parameters == [{"email": "e"}, {"email": "e"}]
    assert world.graph.written == [{"email": "e", "b": 2}]
