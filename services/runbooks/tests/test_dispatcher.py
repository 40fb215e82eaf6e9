"""The queue: bounded, fair to each subject, and taken in again by the process that comes after."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from runbooks.dispatcher import Dispatcher
from runbooks.errors import LedgerError, UnknownExecutionError
from runbooks.runner import RunbookRunner

from services.runbooks.tests.simulator import GraphSimulator, World, define, step

SLOW = define(step("s", "query", dependsOn=[], cypher="SLOW"))


class Gate:
    """A query that waits until it is let through; `inside` are those that wait, `order` who came when."""

    def __init__(self) -> None:
        self.open, self.inside, self.most = asyncio.Event(), 0, 0

    async def __call__(self) -> list[Any]:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self.open.wait()
        self.inside -= 1
        return []


def world_of(path: Path) -> tuple[World, Gate]:
    gate = Gate()
    return World(path, graph=GraphSimulator({"SLOW": [gate]})), gate


def opened(runner: RunbookRunner, subject: str) -> str:
    execution, _ = runner.start(SLOW, {}, executed_by=subject)
    return execution.started.execution_id if execution.started else ""


async def until(condition: Any) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 (nothing tells)
            await asyncio.sleep(0)


async def test_no_more_go_on_at_once_than_may(memory_path: Path) -> None:
    world, gate = world_of(memory_path)
    runner = world.runner()
    dispatcher = Dispatcher(runner, 3)
    found = [dispatcher.submit(opened(runner, "ann"), "ann") for _ in range(8)]
    await until(lambda: gate.inside == 3)
    assert (dispatcher.running, dispatcher.queued, dispatcher.under_way("ann")) == (3, 5, 8)
    gate.open.set()
    assert {execution.outcome for execution in await asyncio.gather(*found)} == {"completed"}
    assert (gate.most, dispatcher.running, dispatcher.queued, dispatcher.under_way("ann")) == (3, 0, 0, 0)


async def test_who_asks_for_one_does_not_wait_for_all_of_who_asked_for_many(memory_path: Path) -> None:
    world, gate = world_of(memory_path)
    order: list[str] = []
    runner = world.runner()
    dispatcher = Dispatcher(runner, 1)
    many = [opened(runner, "ann") for _ in range(5)]
    few = [opened(runner, "ben") for _ in range(2)]
    for name, subject in [(name, "ann") for name in many] + [(name, "ben") for name in few]:
        dispatcher.submit(name, subject).add_done_callback(lambda _, name=name: order.append(name))
    assert [dispatcher.ahead(name) for name in (*many, *few)] == [None, 1, 3, 4, 5, 1, 3]
    gate.open.set()
    await until(lambda: len(order) == 7)
    assert order == [many[0], few[0], many[1], few[1], *many[2:]]


async def test_the_next_process_goes_on_with_what_was_queued_and_what_was_not(memory_path: Path) -> None:
    world, gate = world_of(memory_path)
    runner = world.runner()
    dispatcher = Dispatcher(runner, 1)
    names = [opened(runner, subject) for subject in ("ann", "ben", "ann")]
    for name in names:
        dispatcher.submit(name, "ann")
    await until(lambda: gate.inside == 1)
    await dispatcher.close()
    later, gate = world_of(memory_path)
    gate.open.set()
    runner = later.runner()
    dispatcher = Dispatcher(runner, 2)
    assert dispatcher.recover() == 3
    joined = await asyncio.gather(*(dispatcher.run(name, "ann") for name in names))
    assert [execution.outcome for execution in joined] == ["completed"] * 3
    assert len(runner.executions()) == 3, "what is here already is not taken in again"
    assert dispatcher.recover() == 0


async def test_people_are_told_once_for_several(memory_path: Path) -> None:
    world, gate = world_of(memory_path)
    told, go = 0, asyncio.Event()

    async def after() -> None:
        nonlocal told
        told += 1
        await go.wait()

    runner = world.runner()
    dispatcher = Dispatcher(runner, 8, after)
    gate.open.set()
    await dispatcher.run(opened(runner, "ann"), "ann")
    await until(lambda: told == 1)
    await asyncio.gather(*(dispatcher.run(opened(runner, "ann"), "ann") for _ in range(5)))
    go.set()
    await until(lambda: told == 2)
    await dispatcher.close()
    assert told == 2


async def test_one_that_cannot_go_on_holds_up_no_other(
    memory_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world, gate = world_of(memory_path)
    gate.open.set()
    runner = world.runner()
    resume = runner.resume
    bad, good = opened(runner, "ann"), opened(runner, "ann")

    async def broken(execution_id: str) -> Any:
        if execution_id == bad:
            raise LedgerError("ledger: disk full")
        return await resume(execution_id)

    monkeypatch.setattr(runner, "resume", broken)
    dispatcher = Dispatcher(runner, 1)
    dispatcher.submit(bad, "ann")
    assert (await dispatcher.run(good, "ann")).outcome == "completed"
    assert f"execution {bad} stopped" in caplog.text
    with pytest.raises(UnknownExecutionError):
        await dispatcher.run("none-0001", "ann")
