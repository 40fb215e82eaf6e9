"""Death at any moment of a decision: it was made or it was not, and what follows happens once."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from runbooks.adapters.policy.rego import EmbeddedRego

from services.runbooks.tests.deciding import WHY, the_review, verified
from services.runbooks.tests.example import example, example_world
from services.runbooks.tests.simulator import BUNDLE, Faults, ProcessDied, World, rejected
from services.runbooks.tests.test_crashes import SharedPolicy


def opened(home: Path, policy: SharedPolicy) -> World:
    world = example_world(home, filled=1)
    world.policy = lambda bundle: policy
    return world


async def test_a_decision_that_dies_is_made_once_or_not_at_all_and_so_is_what_it_allows(memory_path: Path) -> None:
    engine = EmbeddedRego(BUNDLE)
    policy = SharedPolicy(engine)
    first = opened(memory_path / "first", policy)
    execution = await first.runner().execute(example(), {}, executed_by="ann")
    name = the_review(execution).review_id
    moments, at, made = 1, 0, 0
    while at < moments:
        home = memory_path / f"at-{at}"
        shutil.copytree(memory_path / "first", home)
        world, faults = opened(home, policy), Faults(at if at else None)
        # The first life is not disturbed: it says how many moments there are.
        with suppress(ProcessDied):
            await world.runner(faults).decide(name, "approved", approver="ben", reason=WHY)
        moments = len(faults.moments) if not at else moments
        runner = world.runner()
        execution = await runner.resume(name.rpartition(".r")[0])
        is_made = execution.reviews[name].state == "approved"
        made += is_made
        if not is_made:
            execution = await runner.decide(name, "approved", approver="ben", reason=WHY)
        assert execution.steps["write"].outcome == "overridden", at
        assert (len(world.graph.written), len(world.graph.receipts)) == (2, 1), at
        execution = await rejected(runner, execution)
        if at % 10 == 0:
            verified(world, execution)
        at += 1
    assert 0 < made < moments
    await engine.close()
