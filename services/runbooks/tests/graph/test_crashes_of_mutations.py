"""A mutation through the runner, the process or the server dying around its commit: one effect, and the record agrees.

The graphs are the real products; the process dies as a stand-in, by never getting an answer again.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from runbooks import events as ev
from runbooks.adapters.graph.bolt import BoltGraph
from runbooks.definition import Definition
from runbooks.execution import Execution
from runbooks.ports import Mutation, MutationOutcome
from runbooks.runner import RunbookRunner

from services.runbooks.tests.graph.conftest import products
from services.runbooks.tests.graph.installation import FixedClock, installed
from services.runbooks.tests.graph.products import Product
from services.runbooks.tests.simulator import Faults, ProcessDied, define, step

# A newer server of the same make starts as slowly and dies alike.
product = products(["arcadedb", "neo4j"])

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

ROWS = 5
COUNT = "MATCH (e:Entity) RETURN count(e) AS entities, coalesce(sum(e.writes), 0) AS writes, max(e.writes) AS most"
RECEIPTS = "MATCH (r:RunbookReceipt) RETURN count(r) AS n"
ONCE = {"entities": ROWS, "writes": ROWS, "most": 1}
NEVER = {"entities": ROWS, "writes": 0, "most": None}


class DiesAt(Faults):
    """From the first moment of that name on, the process is dead."""

    def __init__(self, moment: str) -> None:
        super().__init__()
        self._moment = moment
        self._dead = False

    def meet(self, moment: str) -> None:
        self._dead = self._dead or moment == self._moment
        if self._dead:
            raise ProcessDied(moment)
        super().meet(moment)


class KilledInside:
    """The product's graph, whose server is killed once inside a mutation, all rows written and nothing committed."""

    def __init__(self, product: Product) -> None:
        self._product = product
        self.kills = 0

    async def query(self, statement: str, parameters: dict[str, Any]) -> list[Any]:
        return await self._product.graph.query(statement, parameters)

    async def mutate(self, mutation: Mutation, approve: Callable[[list[list[Any]]], bool]) -> MutationOutcome:
        def kill_and_approve(observed: list[list[Any]]) -> bool:
            if not self.kills:
                self.kills += 1
                self._product.kill()
            return approve(observed)

        return await self._product.graph.mutate(mutation, kill_and_approve)

    async def close(self) -> None:
        pass


class RestartingClock(FixedClock):
    """While the runner waits before another attempt, somebody starts the server again; or nobody does."""

    def __init__(self, product: Product, *, restarts: bool) -> None:
        self._product = product
        self._restarts = restarts
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self._restarts:
            await self._product.restart()


def counting() -> Definition:
    """Reads the entities and counts each write of each."""
    write = "MATCH (e:Entity {id: $id}) SET e.writes = coalesce(e.writes, 0) + 1"
    return define(
        step("find", "query", dependsOn=[], cypher="MATCH (e:Entity) RETURN e.id AS id, e.name AS name"),
        step("write", "mutation", dependsOn=["find"], cypher=write, preconditions=["authority:write_entities"]),
        step("count", "query", dependsOn=["write"], cypher=COUNT),
    )


async def fill(graph: BoltGraph) -> None:
    rows = [{"id": f"e{number}", "name": f"entity {number}"} for number in range(ROWS)]
    await graph.load("UNWIND $rows AS row CREATE (e:Entity) SET e = row", rows)


async def run(runner: RunbookRunner) -> Execution:
    return await runner.execute(counting(), {}, executed_by="analyst")


async def require_one_effect(graph: BoltGraph, execution: Execution) -> None:
    assert execution.outcome == "completed"
    assert execution.steps["write"].outputs == {"updated": ROWS}
    assert execution.steps["count"].outputs == [ONCE]
    assert await graph.query(COUNT, {}) == [ONCE]
    assert await graph.query(RECEIPTS, {}) == [{"n": 1}]


@pytest.mark.parametrize(
    ("moment", "committed"), [("before graph.mutate", False), ("after graph.mutate", True)], ids=["before", "after"]
)
async def test_a_process_that_dies_around_the_commit_is_resumed_to_one_effect(
    product: Product, tmp_path: Path, moment: str, committed: bool
) -> None:
    await fill(product.graph)
    with pytest.raises(ProcessDied):
        async with installed(tmp_path, product.graph, faults=DiesAt(moment)) as runner:
            await run(runner)
    assert await product.graph.query(COUNT, {}) == [ONCE if committed else NEVER]
    async with installed(tmp_path, product.graph) as runner:
        [started] = runner.executions()
        before = runner.get_status(started.execution_id)
        assert before.steps["write"].outputs == {}, "the record must not know yet"
        execution = await runner.resume(started.execution_id)
        await require_one_effect(product.graph, execution)
        assert (await runner.replay(started.execution_id)).is_identical


async def test_the_server_may_die_together_with_the_process_after_the_commit(product: Product, tmp_path: Path) -> None:
    await fill(product.graph)
    with pytest.raises(ProcessDied):
        async with installed(tmp_path, product.graph, faults=DiesAt("after graph.mutate")) as runner:
            await run(runner)
    product.kill()
    await product.restart()
    async with installed(tmp_path, product.graph) as runner:
        execution = await runner.resume(runner.resolve("last"))
        await require_one_effect(product.graph, execution)


async def test_a_server_that_is_restarted_inside_a_mutation_gets_it_once(product: Product, tmp_path: Path) -> None:
    await fill(product.graph)
    graph, clock = KilledInside(product), RestartingClock(product, restarts=True)
    seen: list[ev.Event] = []
    async with installed(tmp_path, graph, clock=clock) as runner:
        runner._progress = lambda event, _: seen.append(event)
        execution = await run(runner)
    assert graph.kills == 1
    failures = [event for event in seen if isinstance(event, ev.AttemptFailed)]
    assert [(event.step_id, event.attempt, event.code, event.transient) for event in failures] == [
        ("write", 1, "graph.unreachable", True)
    ]
    assert len(clock.slept) == 1
    await require_one_effect(product.graph, execution)


async def test_a_server_that_stays_away_fails_the_step_and_leaves_no_row(product: Product, tmp_path: Path) -> None:
    await fill(product.graph)
    clock = RestartingClock(product, restarts=False)
    async with installed(tmp_path, KilledInside(product), clock=clock) as runner:
        execution = await run(runner)
        assert execution.outcome == "failed"
        assert len(clock.slept) == 2, "three attempts"
        await product.restart()
        assert await product.graph.query(COUNT, {}) == [NEVER]
        assert await product.graph.query(RECEIPTS, {}) == [{"n": 0}]
        await require_one_effect(product.graph, await run(runner))
