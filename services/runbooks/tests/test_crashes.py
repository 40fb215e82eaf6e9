"""The process dies at every moment around every call of every port; the next one finishes what is recorded.

No effect happens twice under its key, nothing is exported that was not proved, the ledger's chain holds, and
the manifest is that of an execution that was never interrupted.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pcq_verify import verify
from runbooks import events as ev
from runbooks.adapters.policy.rego import EmbeddedRego
from runbooks.canonical import dumps
from runbooks.definition import Definition
from runbooks.errors import LedgerError
from runbooks.execution import Execution
from runbooks.manifest import PCQManifestBuilder
from runbooks.performer import Ports
from runbooks.runner import RunbookRunner

from services.runbooks.tests.example import COUNT, EMAILS, PROVERS, example, example_world
from services.runbooks.tests.simulator import (
    BUNDLE,
    SALT_KEY,
    Faults,
    Mortal,
    ProcessDied,
    World,
    define,
    rejected,
    step,
)


class SharedPolicy:
    """One engine for all the processes of a test, so that each need not start its own."""

    def __init__(self, policy: EmbeddedRego) -> None:
        self._policy = policy
        self.engine = policy.engine

    async def decide(self, query: str, document: dict[str, Any]) -> str:
        return await self._policy.decide(query, document)

    async def close(self) -> None:
        pass


@pytest_asyncio.fixture
async def policy() -> AsyncIterator[SharedPolicy]:
    engine = EmbeddedRego(BUNDLE)
    yield SharedPolicy(engine)
    await engine.close()


def new_world(home: Path, policy: SharedPolicy, **members: Any) -> World:
    world = example_world(home, **members)
    world.policy = lambda bundle: policy
    return world


def outputs_of(execution: Execution) -> dict[str, Any]:
    return {name: (item.outcome, item.outputs) for name, item in execution.steps.items()}


async def die(world: World, definition: Definition, at: int) -> Faults:
    """Run until the process dies at that moment, or to the end."""
    faults = Faults(at)
    with suppress(ProcessDied):
        await world.runner(faults).execute(definition, {}, executed_by="ann")
    return faults


async def finish(world: World) -> Execution | None:
    """What the next process makes of it; None when nothing was recorded."""
    runner = world.runner()
    found = runner.executions()
    return await rejected(runner, await runner.resume(found[0].execution_id)) if found else None


def assert_whole(world: World, execution: Execution, expected: dict[str, Any], moment: str) -> dict[str, Any]:
    assert outputs_of(execution) == expected, moment
    assert world.graph.written == EMAILS, moment
    assert list(world.api.effects.values()) == [1], moment
    assert world.exported() == ["summary.json"], moment
    assert world.runner().verify_ledger() == len(world.ports().ledger.entries())
    manifest = PCQManifestBuilder(execution, SALT_KEY).build()
    assert manifest["outcome"] == "completed"
    return manifest


async def test_after_a_death_at_any_moment_the_next_process_finishes_and_nothing_happens_twice(
    memory_path: Path, policy: SharedPolicy
) -> None:
    undisturbed = new_world(memory_path / "whole", policy)
    expected = outputs_of(await undisturbed.runner().execute(example(), {}, executed_by="ann"))
    moments = (await die(new_world(memory_path / "counted", policy), example(), 10**9)).moments
    names = {moment.split()[1] for moment in moments}
    assert names >= {
        *("ledger.append", "ledger.entries", "blobs.put", "blobs.get", "exports.write", "clock.now", "graph.query"),
        *("graph.mutate", "http.call", "policy.decide", "step_signer.sign", "manifest_signer.sign"),
    }
    unrecorded = 0
    for at, moment in enumerate(moments):
        world = new_world(memory_path / str(at), policy)
        await die(world, example(), at)
        execution = await finish(world)
        if execution is None:
            assert (world.graph.script.asked, world.api.effects) == ({}, {})
            unrecorded += 1
            continue
        manifest = assert_whole(world, execution, expected, moment)
        if at % 40 == 0:
            assert verify(dumps(manifest), world.trust()).exit_code == 0, moment
    assert 0 < unrecorded < len(moments) / 2


async def test_after_several_deaths_in_a_row_it_is_the_same(memory_path: Path, policy: SharedPolicy) -> None:
    undisturbed = new_world(memory_path / "whole", policy)
    expected = outputs_of(await undisturbed.runner().execute(example(), {}, executed_by="ann"))
    dice = random.Random(20260301)
    for number in range(15):
        world = new_world(memory_path / str(number), policy)
        started, _ = world.runner().start(example(), {}, executed_by="ann")
        assert started.started is not None
        for _ in range(12):
            with suppress(ProcessDied):
                await world.runner(Faults(dice.randrange(40))).resume(started.started.execution_id)
        execution = await finish(world)
        assert execution is not None
        assert_whole(world, execution, expected, f"life {number}")


async def test_a_death_never_turns_a_block_into_an_export(memory_path: Path, policy: SharedPolicy) -> None:
    moments = (await die(new_world(memory_path / "counted", policy, filled=1), example(), 10**9)).moments
    for at in range(0, len(moments), 3):
        world = new_world(memory_path / str(at), policy, filled=1)
        await die(world, example(), at)
        execution = await finish(world)
        if execution is not None:
            assert (execution.outcome, world.graph.written, world.exported()) == ("blocked", [], [])


async def test_an_interrupted_execution_can_be_cancelled_at_any_moment_and_its_record_verifies(
    memory_path: Path, policy: SharedPolicy
) -> None:
    moments = (await die(new_world(memory_path / "counted", policy), example(), 10**9)).moments
    outcomes = set()
    for at in range(0, len(moments), 4):
        world = new_world(memory_path / str(at), policy)
        await die(world, example(), at)
        runner = world.runner()
        found = runner.executions()
        if not found:
            continue
        asked = world.graph.script.asked.total() + world.api.script.asked.total()
        execution = await runner.cancel(found[0].execution_id, "enough")
        manifest = PCQManifestBuilder(execution, SALT_KEY).build()
        outcomes.add(execution.outcome)
        in_flight = sum(len(item.attempts) > 0 for item in execution.steps.values())
        assert world.graph.script.asked.total() + world.api.script.asked.total() <= asked + 2 * in_flight
        if at % 40 == 0:
            assert verify(dumps(manifest), world.trust()).exit_code == 0
    assert outcomes == {"cancelled", "completed"}


async def test_a_cancel_that_dies_is_finished_by_the_next_one(memory_path: Path, policy: SharedPolicy) -> None:
    for at in range(0, 60, 2):
        world = new_world(memory_path / str(at), policy)
        started, _ = world.runner().start(example(), {}, executed_by="ann")
        assert started.started is not None
        name = started.started.execution_id
        with suppress(ProcessDied):
            await world.runner(Faults(at)).cancel(name, "first")
        execution = await world.runner().cancel(name, "second")
        assert execution.outcome == "cancelled"
        assert world.exported() == []
        kinds = [entry.draft.kind for entry in world.ports().ledger.entries(name)]
        assert (kinds.count("CancelRequested"), kinds.count("ExecutionSealed")) == (1, 1)


class FailingLedger:
    """A ledger whose n-th append fails, as on a full disk."""

    def __init__(self, ledger: Any, failing: int) -> None:
        self._ledger = ledger
        self._left = failing

    def append(self, build: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise LedgerError("ledger: database or disk is full")
        return self._ledger.append(build)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)


def on_a_failing_ledger(world: World, failing: int) -> RunbookRunner:
    ports = world.ports()
    broken = Ports(**{**vars(ports), "ledger": FailingLedger(ports.ledger, failing)})
    registries: dict[str, Mapping[str, Any]] = {
        "provers": world.provers,
        "policies": BUNDLE,
        "licences": world.licences,
    }
    return RunbookRunner(broken, registries, salt_key=SALT_KEY, log_origin="test")


def effects_without_intent(world: World) -> list[str]:
    """Keys of effects that the world saw, and of which no intent is recorded."""
    entries = world.ports().ledger.entries(kind=ev.AttemptStarted.__name__)
    recorded = b" ".join(entry.draft.body for entry in entries).decode()
    return [key for key in [*world.graph.receipts, *world.api.answers] if key not in recorded]


async def test_when_the_ledger_fails_nothing_more_happens_and_every_effect_has_its_intent(
    memory_path: Path, policy: SharedPolicy
) -> None:
    seen = set()
    for failing in range(40):
        world = new_world(memory_path / str(failing), policy)
        with suppress(LedgerError):
            await on_a_failing_ledger(world, failing).execute(example(), {}, executed_by="ann")
            seen.add("ended")
            break
        assert effects_without_intent(world) == []
        execution = await finish(world)
        assert execution is None or execution.outcome == "completed"
        seen.add("failed")
        assert len(world.graph.written) in (0, len(EMAILS))
    assert seen == {"ended", "failed"}


async def test_a_failing_ledger_stops_what_is_in_flight(memory_path: Path, policy: SharedPolicy) -> None:
    stopped: list[str] = []

    async def never() -> Any:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append("stopped")

    world = new_world(memory_path, policy, graph={COUNT: [never]})
    with pytest.raises(LedgerError):
        async with asyncio.timeout(20):
            await on_a_failing_ledger(world, 4).execute(example(), {}, executed_by="ann")
    assert stopped == ["stopped"]


async def test_a_step_that_is_measured_while_the_process_dies_is_measured_again_and_not_done_again(
    memory_path: Path, policy: SharedPolicy
) -> None:
    definition = define(
        step("t", "transform", expression="1", dependsOn=[], postconditions=["kpi:filled>=0.9"]), provers=PROVERS
    )
    moments = (await die(new_world(memory_path / "counted", policy), definition, 10**9)).moments
    for at in range(len(moments)):
        world = new_world(memory_path / str(at), policy)
        await die(world, definition, at)
        execution = await finish(world)
        assert execution is None or outputs_of(execution) == {"t": ("done", 1)}


def test_a_dead_process_stays_dead() -> None:
    faults = Faults(1)
    port = Mortal([3, 1, 2], "list", faults)
    with pytest.raises(ProcessDied):
        port.index(1)
    with pytest.raises(ProcessDied):
        port.index(1)
    assert faults.moments == ["before list.index"]
