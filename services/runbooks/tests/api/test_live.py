"""The stream of events: topics, going on behind a broken connection, gaps, and quiet."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from runbooks.api.live import Hub

from services.runbooks.tests.api.conftest import GATED, PLAIN, Api
from services.runbooks.tests.simulator import World


class Stream:
    """Reads a hub's stream: events as (kind, id, data)."""

    def __init__(self, hub: Hub, *topics: str, last: str | None = None) -> None:
        self._chunks: AsyncIterator[bytes] = hub.stream(topics, last)

    async def next(self) -> tuple[str, str, Any]:
        async with asyncio.timeout(5):
            text = (await anext(self._chunks)).decode()
        fields = dict(line.split(": ", 1) for line in text.strip().split("\n"))
        return fields.get("event", ""), fields.get("id", ""), json.loads(fields.get("data", "null"))

    async def until(self, kind: str) -> list[tuple[str, str, Any]]:
        found = [await self.next()]
        while found[-1][0] != kind:
            found.append(await self.next())
        return found


async def test_a_stream_tells_an_execution_from_its_start_to_its_seal(world: World) -> None:
    hub = Hub()
    stream = Stream(hub, "executions")
    assert (await stream.next())[0] == "ready"
    execution = await world.runner(progress=hub.take).execute(PLAIN, {}, executed_by="ann")
    found = await stream.until("ExecutionSealed")
    assert [kind for kind, _, _ in found] == ["ExecutionStarted", "AttemptSucceeded", "StepSealed", "ExecutionSealed"]
    assert execution.started is not None
    assert {data["executionId"] for _, _, data in found} == {execution.started.execution_id}
    assert found[1][2]["step"] == {"stepId": "s", "state": "settled", "outcome": "done"}
    assert found[-1][2]["outcome"] == "completed"


async def test_a_topic_is_all_that_is_told(world: World) -> None:
    hub = Hub()
    runner = world.runner(progress=hub.take)
    first = await runner.execute(PLAIN, {}, executed_by="ann")
    assert first.started is not None
    reviews, one = Stream(hub, "reviews"), Stream(hub, f"execution:{first.started.execution_id}")
    for stream in (reviews, one):
        await stream.next()
    await runner.execute(PLAIN, {}, executed_by="ann")
    held = await runner.execute(GATED, {}, executed_by="ann")
    kind, _, data = await reviews.next()
    assert (kind, data["openReviews"]) == ("ReviewOpened", [held.open_reviews()[0].review_id])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await one.next()


async def test_who_comes_back_goes_on_behind_what_they_heard_last(world: World) -> None:
    hub = Hub()
    stream = Stream(hub, "executions")
    await stream.next()
    await world.runner(progress=hub.take).execute(PLAIN, {}, executed_by="ann")
    found = await stream.until("ExecutionSealed")
    again = Stream(hub, "executions", last=found[1][1])
    assert await again.until("ExecutionSealed") == found[2:]


@pytest.mark.parametrize("last", ["", "nonsense", "00000000-1", "{epoch}-99", "{epoch}-x", "{epoch}--1", "{epoch}-1"])
async def test_an_id_that_is_not_kept_is_a_gap_and_the_stream_goes_on(last: str, world: World) -> None:
    hub = Hub(kept=2)
    runner = world.runner(progress=hub.take)
    await runner.execute(PLAIN, {}, executed_by="ann")
    stream = Stream(hub, "executions", last=last.format(epoch=hub.position.split("-")[0]))
    kind, position, _ = await stream.next()
    assert (kind, position) == ("gap", hub.position)
    waiting = asyncio.create_task(stream.next())
    await asyncio.sleep(0)
    await runner.execute(PLAIN, {}, executed_by="ann")
    assert (await waiting)[0] in ("ExecutionStarted", "gap")


async def test_a_listener_who_is_too_slow_is_told_of_a_gap(world: World) -> None:
    hub = Hub(kept=2)
    stream = Stream(hub, "executions")
    await stream.next()
    await world.runner(progress=hub.take).execute(PLAIN, {}, executed_by="ann")
    kind, position, _ = await stream.next()
    assert (kind, position) == ("gap", hub.position)


async def test_a_quiet_stream_is_kept_alive_by_a_comment() -> None:
    hub = Hub(heartbeat=0.01)
    chunks = hub.stream(["executions"])
    assert b"ready" in await anext(chunks)
    assert await anext(chunks) == b": quiet\n\n"


async def test_the_position_of_a_list_misses_nothing_of_what_follows(api: Api) -> None:
    page = (await api.get("/executions")).json()
    name = await api.run()
    stream = Stream(api.hub, "executions", last=page["position"])
    kind, _, data = await stream.next()
    assert (kind, data["executionId"]) == ("ExecutionStarted", name)


@pytest.mark.parametrize("topics", ["everything", "execution:", "execution:a b", "reviews,executions", ""])
async def test_an_unknown_topic_is_refused(topics: str, api: Api) -> None:
    answer = await api.get("/events", topics=topics)
    assert answer.status_code == 422
    assert "topics" in answer.text
