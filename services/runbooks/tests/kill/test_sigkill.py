"""SIGKILL at random moments of R1: nothing is lost, nothing happens twice, every proof verifies.

The graph, either product, is a server of its own and outlives the runner, as a production graph does. Each execution
is killed again and again, at a random moment of its run or of its resumption, until it gets through; then its effects
are counted.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import random
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pcq_verify import verify
from runbooks.adapters.graph.bolt import BoltGraph
from runbooks.cli import main
from runbooks.demo.enrichment import EnrichmentService
from runbooks.service import open_runner, trust_file
from runbooks.settings import Settings, load_settings

from services.runbooks.tests.graph.products import PRODUCTS

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

# Kills, and at how many different numbers of entries they must at least have met the execution.
KILLS = {"arcadedb": (200, 8), "neo4j": (20, 3)}
SEED = 20261124
ENTITIES = ("Alice", "Bob", "Carol")
TEMPLATE = Path(__file__).parents[2] / "templates" / "seed" / "R1-entity-enrichment.json"

# Processes come from a server that has imported everything: a kill must meet the execution and not the imports.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["runbooks.cli", "runbooks.service", "neo4j", "httpx", "rich.console"])


class World:
    """A data folder whose graph and enrichment service run outside of the killed process."""

    def __init__(self, product: str, home: Path, graph: BoltGraph, definition: Path) -> None:
        self.product = product
        self.home = home
        self.graph = graph
        self.definition = definition

    async def reset(self) -> None:
        await self.graph.load("UNWIND $rows AS row MATCH (n) WHERE NOT n:RunbookMigration DETACH DELETE n", [{}])
        rows = [{"id": f"e{number}", "name": name} for number, name in enumerate(ENTITIES)]
        await self.graph.load("UNWIND $rows AS row CREATE (:Entity {id: row.id, name: row.name})", rows)

    def entries_of(self, execution: int) -> int:
        """Number of entries of the execution with that index; 0 when it has not been opened."""
        names = self.execution_ids()[execution:]
        ledger = sqlite3.connect(self.home / "ledger.sqlite")
        try:
            query = "SELECT count(*) FROM entries WHERE execution_id = ?"
            return int(ledger.execute(query, names).fetchone()[0]) if names else 0
        finally:
            ledger.close()

    def execution_ids(self) -> list[str]:
        ledger = sqlite3.connect(self.home / "ledger.sqlite")
        try:
            found = ledger.execute("SELECT execution_id FROM entries WHERE kind = 'ExecutionStarted' ORDER BY seq")
            return [row[0] for row in found]
        except sqlite3.OperationalError:
            return []
        finally:
            ledger.close()


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=sorted(KILLS))
async def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder = tmp_path_factory.mktemp("kill")
    product = PRODUCTS[request.param](folder / "product")
    await product.start()
    address = product.address
    secret = folder / "password"
    secret.write_text(address.writer.password)
    home = folder / "home"
    home.mkdir()
    with EnrichmentService() as service:
        settings = {
            "graph": address.url,
            "graph_user": address.writer.user,
            "graph_password": f"file:{secret}",
            "endpoints": {"https://api.example.com": {"base": service.url, "private": True}},
        }
        (home / "settings.json").write_text(json.dumps(settings))
        yield World(request.param, home, product.graph, _counting_definition(folder))
    await product.stop()


async def test_kills_of_r1_lose_and_double_nothing(world: World) -> None:
    dice = random.Random(SEED)
    wanted, least_stages = KILLS[world.product]
    kills = executions = 0
    stages: set[int] = set()
    span = 1.5
    while kills < wanted:
        await world.reset()
        before = len(world.execution_ids())
        executions += 1
        while True:
            started = world.execution_ids()[before:]
            command = ["resume", started[0]] if started else ["run", str(world.definition), "--as", "agent-456"]
            began = time.monotonic()
            arguments = [*command, "--home", str(world.home)]
            killed = await asyncio.to_thread(_run_and_kill, arguments, dice.uniform(0, span))
            kills += killed
            if killed:
                stages.add(world.entries_of(before))
            else:
                span = 0.7 * span + 0.3 * 1.5 * (time.monotonic() - began)
                break
        assert len(world.execution_ids()) == before + 1
        await _require_one_effect(world)
    await _require_proofs(world, executions)
    # An undisturbed execution leaves 16 entries: the kills must have met it nearly everywhere.
    assert len(stages) >= least_stages, f"the kills met only these numbers of entries: {sorted(stages)}"


async def _require_one_effect(world: World) -> None:
    rows = await world.graph.query("MATCH (e:Entity) RETURN e.email AS email, e.writes AS writes", {})
    assert sorted((row["email"], row["writes"]) for row in rows) == [
        (f"{name.lower()}@example.com", 1) for name in sorted(ENTITIES)
    ]
    receipts = await world.graph.query("MATCH (r:RunbookReceipt) RETURN count(r) AS receipts", {})
    assert receipts == [{"receipts": 1}]


async def _require_proofs(world: World, executions: int) -> None:
    settings: Settings = load_settings(world.home)
    trust = json.dumps(trust_file(settings)).encode()
    async with open_runner(settings) as runner:
        assert runner.verify_ledger() > 0
        ids = world.execution_ids()
        assert len(ids) == executions
        sequence = []
        for name in ids:
            execution = runner.get_status(name)
            assert execution.outcome == "completed"
            path = runner.manifest(name).export_to_file(world.home / f"{name}.pcq")
            report = verify(path.read_bytes(), trust)
            assert report.exit_code == 0, (name, report)
            header: Any = execution.ended.header if execution.ended else {}
            sequence.append(header["executionSeq"])
        assert sequence == list(range(1, executions + 1))


def _run_and_kill(arguments: list[str], after: float) -> bool:
    """True when the process was killed, False when it came to its end before that; any other end is an error."""
    process = processes.Process(target=main, args=(arguments,))
    process.start()
    process.join(after)
    process.kill()
    process.join()
    if process.exitcode == -9:
        return True
    assert process.exitcode == 0, f"{arguments}: exit code {process.exitcode}"
    return False


def _counting_definition(folder: Path) -> Path:
    """R1 as it is, but its mutation counts how often it ran."""
    definition = json.loads(TEMPLATE.read_bytes())
    [mutation] = [step for step in definition["steps"] if step["type"] == "mutation"]
    mutation["cypher"] += ", e.writes = coalesce(e.writes, 0) + 1"
    path = folder / "R1.json"
    path.write_text(json.dumps(definition))
    return path
