"""One runbook on the same data, clock, seed and keys has one merkleRoot, whichever product holds the graph."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from runbooks.adapters.keys import FileKeys
from runbooks.demo.load import load_demo, load_seed_sample
from runbooks.execution import Execution

from services.runbooks.tests.graph.conftest import Running
from services.runbooks.tests.graph.installation import DECIDER, find_template, installed
from services.runbooks.tests.graph.products import PRODUCTS

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="session")]

# A replay reads the record and no graph, so that one holds for a server's record too is seen once.
REPLAYS = {"arcadedb": 10}


@dataclass(frozen=True)
class Case:
    """A shipped runbook, what must be in the graph, and how it ends."""

    template: str
    load: Callable[[Any], Awaitable[dict[str, int]]] = load_demo
    parameters: dict[str, Any] = field(default_factory=dict)
    subject: str = "analyst"
    outcome: str = "completed"


# A new template is a line here.
CASES = [
    Case("R1-entity-enrichment.json"),
    Case("R1-country.json", outcome="blocked"),
    Case("R2-relationship-inference.json"),
    Case("R3-weekly-report.json"),
    Case("seed/R1-entity-enrichment.json", load_seed_sample, subject="agent-456"),
]


class Roots:
    """Roots of executions, each run once and replayed."""

    def __init__(self, running: Running, folder: Path) -> None:
        self._running = running
        self._folder = folder
        FileKeys.open(folder / "keys")
        self._roots: dict[tuple[str, str], dict[str, str]] = {}

    async def of(self, case: Case, product: str) -> dict[str, str]:
        """Each step's attestation hash, and the root under ``."""
        if (case.template, product) not in self._roots:
            self._roots[case.template, product] = await self._run(case, product)
        return self._roots[case.template, product]

    async def _run(self, case: Case, name: str) -> dict[str, str]:
        product = await self._running.get(name)
        await product.empty()
        await case.load(product.graph)
        home = self._folder / name
        async with installed(home, product.graph, keys=self._folder / "keys") as runner:
            execution = await runner.execute(find_template(case.template), case.parameters, executed_by=case.subject)
            while execution.ended is None:
                review = execution.open_reviews()[0].review_id
                why = {"approver": DECIDER, "reason": "not satisfiable from these sources"}
                execution = await runner.decide(review, "rejected", **why)
            assert execution.outcome == case.outcome
            root = root_of(execution)
            started = execution.started
            for _ in range(REPLAYS.get(name, 1)):
                report = await runner.replay(started.execution_id if started else "")
                assert report.is_identical
                assert report.root == root
        sealed = {step: run.sealed.attestation_hash for step, run in execution.steps.items() if run.sealed}
        return {**sealed, "": root}


def root_of(execution: Execution) -> str:
    assert execution.ended is not None
    return str(execution.ended.header["merkleRoot"])


@pytest.fixture(scope="session")
def roots(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Roots:
    return Roots(running, tmp_path_factory.mktemp("roots"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.template.removesuffix(".json"))
@pytest.mark.parametrize("product", sorted(set(PRODUCTS) - {"arcadedb"}))
async def test_a_server_gives_the_root_that_the_embedded_graph_gives_and_so_do_replays(
    case: Case, product: str, roots: Roots
) -> None:
    assert await roots.of(case, product) == await roots.of(case, "arcadedb")
