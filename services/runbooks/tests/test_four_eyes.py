"""Four eyes and steps that ask people: nobody is held up but who waits, and what follows is in the proof."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from runbooks.definition import Definition
from runbooks.errors import ReviewError
from runbooks.execution import Execution
from runbooks.runner import RunbookRunner

from services.runbooks.tests.deciding import WHY, held, replays, the_review, verified
from services.runbooks.tests.example import MEASURE, PROVERS, WRITE, example_world
from services.runbooks.tests.simulator import World, define, rejected, step

FOUR_EYES = {"type": "four_eyes", "quorum": 2, "exclude": ["dan"]}


def guarded(**claim: Any) -> Definition:
    provers = {**PROVERS, "preconditions": {**PROVERS["preconditions"], "two": {**FOUR_EYES, **claim}}}
    steps = [
        step("other", "query", dependsOn=[], cypher=MEASURE),
        step("write", "mutation", dependsOn=[], cypher=WRITE, inputs="[{'id': 'e1'}]", preconditions=["two"]),
    ]
    return define(*steps, provers=provers)


async def test_four_eyes_wait_without_holding_others_and_pass_with_their_approvals(memory_path: Path) -> None:
    world = example_world(memory_path)
    runner, execution = await held(world, guarded())
    assert (execution.outcome, execution.steps["other"].outcome) == ("waiting", "done")
    name = the_review(execution).review_id
    with pytest.raises(ReviewError) as refused:
        await runner.decide(name, "approved", approver="dan", reason=WHY)
    assert refused.value.code == "review.excluded"
    await runner.decide(name, "approved", approver="ben", reason=WHY)
    execution = await runner.decide(name, "approved", approver="cat", reason=WHY)
    assert execution.outcome == "completed"
    [proof] = execution.steps["write"].preconditions
    assert (proof["reason"], [item["approver"] for item in proof["evidence"]["approvals"]]) == (
        "four_eyes.approved",
        ["ben", "cat"],
    )
    verified(world, execution)
    assert await replays(world, execution)


async def refused(world: World, runner: RunbookRunner, execution: Execution, decision: str | None) -> Execution:
    """What a `decision` makes of it, or with None that nobody decides in time."""
    review_id = the_review(execution).review_id
    if decision:
        return await runner.decide(review_id, decision, approver="ben", reason="no")
    await world.clock.sleep(86_400)
    assert await runner.expire_overdue() == [review_id]
    return runner.get_status(review_id.rpartition(".r")[0])


@pytest.mark.parametrize(("decision", "reason"), [("rejected", "four_eyes.rejected"), (None, "four_eyes.expired")])
async def test_four_eyes_that_do_not_agree_deny(decision: str | None, reason: str, memory_path: Path) -> None:
    world = example_world(memory_path)
    runner, execution = await held(world, guarded())
    execution = await refused(world, runner, execution, decision)
    assert (execution.outcome, world.graph.written) == ("held", [])
    assert execution.steps["write"].preconditions[0]["reason"] == reason
    verified(world, await rejected(runner, execution))


async def test_glass_broken_for_four_eyes_is_in_the_verdict(memory_path: Path) -> None:
    world = example_world(memory_path)
    runner, execution = await held(world, guarded())
    execution = await runner.decide(the_review(execution).review_id, "break-glass", approver="ben", reason=WHY)
    assert execution.steps["write"].preconditions[0]["reason"] == "four_eyes.break_glass"
    verified(world, execution)


def asking(**members: Any) -> Definition:
    ask = step("ask", "approval", dependsOn=[], question="Is this fit to leave the house?", **members)
    return define(
        ask, step("after", "transform", expression="approvals.approver"), step("other", "transform", expression="1")
    )


async def test_a_step_asks_people_and_hands_on_who_said_what(memory_path: Path) -> None:
    world = example_world(memory_path)
    runner, execution = await held(world, asking(assignees=["ben", "cat"], quorum=1, dueSeconds=60))
    assert execution.outcome == "waiting"
    assert "fit to leave the house" in the_review(execution).approvals[0]["statement"]["reason"]
    execution = await runner.decide(the_review(execution).review_id, "approved", approver="cat", reason=WHY)
    assert (execution.outcome, execution.steps["after"].outputs) == ("completed", "cat")
    verified(world, execution)
    assert await replays(world, execution)


@pytest.mark.parametrize("decision", ["rejected", None])
async def test_a_step_that_asks_in_vain_fails(decision: str | None, memory_path: Path) -> None:
    world = example_world(memory_path)
    runner, execution = await held(world, asking())
    execution = await refused(world, runner, execution, decision)
    assert execution.outcome == "failed"
    assert execution.steps["ask"].attempts[-1]["error"]["code"] == f"approval.{decision or 'expired'}"
    verified(world, execution)
