"""What people decide: reviews of denials, four eyes, approval steps; each record is verified by the other program."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from runbooks.errors import KeyFileError, ReviewConflictError, ReviewError, UnknownReviewError
from runbooks.ledger import Draft

from services.runbooks.tests.deciding import WHY, decisions, held, replays, the_review, verified
from services.runbooks.tests.example import MEASURE, PROVERS, example, example_world
from services.runbooks.tests.simulator import World, define, rejected, step


async def test_a_denied_mutation_waits_and_an_approval_has_it_done_once_with_the_failure_still_said(
    memory_path: Path,
) -> None:
    world = example_world(memory_path, filled=1)
    runner, execution = await held(world)
    assert (execution.outcome, world.graph.written, world.exported()) == ("held", [], [])
    for _ in range(2):  # the assertion after it measures the same
        review = the_review(execution)
        execution = await runner.decide(review.review_id, "approved", approver="ben", reason=WHY)
    assert (execution.outcome, execution.steps["write"].outcome) == ("overridden", "overridden")
    assert (len(world.graph.written), len(world.graph.receipts), world.exported()) == (2, 1, ["summary.json"])
    assert execution.steps["write"].postconditions[0]["result"] == "fail"
    manifest = verified(world, execution)
    assert decisions(manifest) == ["opened", "approved", "opened", "approved"]
    assert "kpi:filled>=0.9 says fail" in manifest["ending"]
    assert f'approved by ben: "{WHY}"' in manifest["ending"]
    assert await replays(world, execution)


async def test_a_rejection_ends_it_and_the_record_says_who_and_why(memory_path: Path) -> None:
    world = example_world(memory_path, filled=1)
    runner, execution = await held(world)
    execution = await runner.decide(the_review(execution).review_id, "rejected", approver="ben", reason="not so")
    assert (execution.outcome, world.graph.written, world.exported()) == ("blocked", [], [])
    manifest = verified(world, execution)
    assert decisions(manifest) == ["opened", "rejected"]
    assert 'rejected by ben: "not so"' in manifest["ending"]
    assert await replays(world, execution)


async def test_a_denied_subject_is_overridden_for_the_step_that_was_reviewed_alone(memory_path: Path) -> None:
    world = example_world(memory_path)
    runner, execution = await held(world, executed_by="bob")
    review = the_review(execution)
    assert review.requirement.requirement_id == "denial/preconditions"
    execution = await runner.decide(review.review_id, "approved", approver="ben", reason=WHY)
    assert execution.steps["write"].outcome == "overridden"
    assert [proof["reason"] for proof in execution.steps["write"].preconditions] == ["policy.denied"]
    assert {run.outcome for name, run in execution.steps.items() if name != "write"} == {"done"}
    verified(world, execution)


async def test_a_question_is_answered_before_the_decision(memory_path: Path) -> None:
    world = example_world(memory_path, filled=1)
    runner, execution = await held(world)
    name = the_review(execution).review_id
    await runner.decide(name, "info-requested", approver="ben", reason="which source?")
    with pytest.raises(ReviewConflictError) as refused:
        await runner.decide(name, "approved", approver="cat", reason=WHY)
    assert (refused.value.code, refused.value.state) == ("review.not_now", "info-requested")
    await runner.decide(name, "info-given", approver="ann", reason="the registry of 2021")
    execution = await runner.decide(name, "approved", approver="ben", reason=WHY)
    manifest = verified(world, await rejected(runner, execution))
    assert decisions(manifest)[:4] == ["opened", "info-requested", "info-given", "approved"]


async def test_a_review_that_nobody_decides_expires_and_denies(memory_path: Path) -> None:
    world = example_world(memory_path, filled=1)
    runner, execution = await held(world)
    assert execution.started is not None
    review = the_review(execution)
    assert (await runner.resume(execution.started.execution_id)).outcome == "held"
    await world.clock.sleep(259_200)
    with pytest.raises(ReviewConflictError) as late:
        await runner.decide(review.review_id, "approved", approver="ben", reason=WHY)
    assert late.value.state == "expired"
    execution = await runner.resume(execution.started.execution_id)
    assert execution.outcome == "blocked"
    assert decisions(verified(world, execution)) == ["opened", "expired"]


async def test_breaking_the_glass_needs_no_quorum_and_is_said_loudly(memory_path: Path) -> None:
    world = example_world(memory_path, filled=1)
    definition = example(write={"review": {"quorum": 2, "assignedTo": ["cat", "dan"], "risk": "critical"}})
    runner, execution = await held(world, definition)
    review = the_review(execution)
    with pytest.raises(ReviewError) as refused:
        await runner.decide(review.review_id, "approved", approver="ben", reason=WHY)
    assert refused.value.code == "review.not_assigned"
    execution = await runner.decide(review.review_id, "break-glass", approver="ben", reason="lives at risk")
    assert execution.steps["write"].outcome == "overridden"
    execution = await runner.decide(the_review(execution).review_id, "approved", approver="ben", reason=WHY)
    assert 'BREAK-GLASS by ben: "lives at risk"' in verified(world, execution)["ending"]


async def test_two_of_three_must_approve_where_the_definition_says_so(memory_path: Path) -> None:
    world = example_world(memory_path, filled=1)
    needs = {"quorum": 2, "assignedTo": ["ben", "cat", "dan"]}
    runner, execution = await held(world, example(write={"review": needs}))
    name = the_review(execution).review_id
    execution = await runner.decide(name, "approved", approver="ben", reason=WHY)
    assert execution.outcome == "held"
    with pytest.raises(ReviewError) as again:
        await runner.decide(name, "approved", approver="ben", reason=WHY)
    assert again.value.code == "review.twice"
    execution = await runner.decide(name, "approved", approver="dan", reason=WHY)
    assert execution.steps["write"].outcome == "overridden"
    verified(world, await rejected(runner, execution))


async def test_an_approval_that_ran_out_does_not_count_for_the_quorum(memory_path: Path) -> None:
    world = example_world(memory_path, filled=1)
    runner, execution = await held(world, example(write={"review": {"quorum": 2}}))
    review = the_review(execution)
    soon = world.clock.now()[:17] + "59.999999Z"
    await runner.decide(review.review_id, "approved", approver="ben", reason=WHY, expires_at=soon)
    await world.clock.sleep(120)
    execution = await runner.decide(review.review_id, "approved", approver="cat", reason=WHY)
    assert execution.outcome == "held"
    execution = await runner.decide(review.review_id, "approved", approver="dan", reason=WHY)
    assert execution.steps["write"].outcome == "overridden"
    verified(world, await rejected(runner, execution))


@pytest.mark.parametrize(
    ("requester", "approver"), [("ben", "ben"), ("ben", "BEN"), ("ben", " ben "), ("ben", "ｂｅｎ"), ("Ben", "ben")]
)
@pytest.mark.parametrize("decision", ["approved", "rejected", "info-requested", "break-glass"])
async def test_who_asked_decides_by_no_route(requester: str, approver: str, decision: str, memory_path: Path) -> None:
    world = example_world(memory_path)
    runner, execution = await held(world, executed_by=requester)
    with pytest.raises(ReviewError) as refused:
        await runner.decide(the_review(execution).review_id, decision, approver=approver, reason=WHY)
    assert refused.value.code == "review.requester"
    [entry] = world.ports().ledger.entries(kind="DecisionRefused")
    assert json.loads(entry.draft.body)["members"]["reason"] == WHY
    assert world.runner().get_status(execution.started.execution_id).outcome == "held"  # type: ignore[union-attr]


@pytest.mark.parametrize("reason", ["", "   ", "\t\n", "\u200b\u200b", "...", "—", "x" * 4001])
async def test_a_decision_without_a_reason_in_words_is_refused(reason: str, memory_path: Path) -> None:
    runner, execution = await held(example_world(memory_path, filled=1))
    with pytest.raises(ReviewError) as refused:
        await runner.decide(the_review(execution).review_id, "approved", approver="ben", reason=reason)
    assert refused.value.code == "review.reason_missing"


async def test_whom_the_policy_does_not_name_decides_nothing(memory_path: Path) -> None:
    runner, execution = await held(example_world(memory_path, filled=1))
    with pytest.raises(ReviewError) as refused:
        await runner.decide(the_review(execution).review_id, "approved", approver="eve", reason=WHY)
    assert refused.value.code == "review.not_allowed"


async def test_who_has_no_key_decides_nothing(memory_path: Path) -> None:
    world = example_world(memory_path, filled=1)
    world.approvers = ("ben",)
    runner, execution = await held(world)
    with pytest.raises(KeyFileError):
        await runner.decide(the_review(execution).review_id, "approved", approver="cat", reason=WHY)


async def test_only_the_installation_opens_expires_and_closes(memory_path: Path) -> None:
    runner, execution = await held(example_world(memory_path, filled=1))
    for decision in ("expired", "closed"):
        with pytest.raises(ReviewError) as refused:
            await runner.decide(the_review(execution).review_id, decision, approver="ben", reason=WHY)
        assert refused.value.code == "review.not_allowed"


async def test_a_review_that_is_not_there_is_named(memory_path: Path) -> None:
    world = example_world(memory_path, filled=1)
    runner, execution = await held(world)
    for name in ("R.r1", the_review(execution).review_id + "9", "nothing"):
        with pytest.raises(UnknownReviewError):
            await runner.decide(name, "approved", approver="ben", reason=WHY)


async def test_who_decides_on_an_older_version_is_told_the_state_and_keeps_the_reason(memory_path: Path) -> None:
    runner, execution = await held(example_world(memory_path, filled=1))
    name = the_review(execution).review_id
    await runner.decide(name, "info-requested", approver="ben", reason="which source?")
    with pytest.raises(ReviewConflictError) as late:
        await runner.decide(name, "rejected", approver="cat", reason="typed for long", version=1)
    assert (late.value.code, late.value.version, late.value.reason) == ("review.conflict", 2, "typed for long")
    await runner.decide(name, "rejected", approver="cat", reason="typed for long", version=2)


class OvertakenLedger:
    """A ledger in which another process writes just before the next append."""

    def __init__(self, ledger: Any, drafts: Sequence[Draft]) -> None:
        self._ledger, self._drafts = ledger, drafts

    def append(self, build: Any) -> Any:
        drafts, self._drafts = self._drafts, []
        if drafts:
            self._ledger.append(lambda head: drafts)
        return self._ledger.append(build)

    def entries(self, *names: Any, **filters: Any) -> Any:
        return self._ledger.entries(*names, **filters)


async def test_of_two_processes_that_decide_at_once_one_is_refused_with_the_state(memory_path: Path) -> None:
    world = example_world(memory_path / "one", filled=1)
    _, execution = await held(world)
    name = the_review(execution).review_id
    shutil.copytree(memory_path / "one", memory_path / "other")
    other = example_world(memory_path / "other", filled=1)
    before = len(other.ports().ledger.entries())
    await other.runner().decide(name, "rejected", approver="ben", reason="no")
    drafts = [entry.draft for entry in other.ports().ledger.entries()[before:]]

    ports = world.ports()
    overtaken = replace(ports, ledger=OvertakenLedger(ports.ledger, drafts))
    with pytest.raises(ReviewConflictError) as late:
        await world.runner(ports=overtaken).decide(name, "approved", approver="cat", reason="typed for long")
    assert (late.value.reason, late.value.state) == ("typed for long", "rejected")
    decided = world.ports().ledger.entries(kind="ReviewDecided")
    assert [json.loads(entry.draft.body)["members"]["statement"]["decision"] for entry in decided] == ["rejected"]
    verified(world, world.runner().get_status(name.rpartition(".r")[0]))


async def test_a_cancel_closes_what_people_were_asked(memory_path: Path) -> None:
    world = example_world(memory_path, filled=1)
    runner, execution = await held(world)
    assert execution.started is not None
    execution = await runner.cancel(execution.started.execution_id, "not needed any more")
    assert execution.outcome == "blocked"
    assert decisions(verified(world, execution)) == ["opened", "closed"]


async def test_what_is_not_the_same_any_more_is_asked_again(memory_path: Path) -> None:
    replies = {MEASURE: [[{"filled": 1, "total": 2}], [{"filled": 0, "total": 2}], [{"filled": 0, "total": 2}]]}
    world = example_world(memory_path, graph=replies)
    runner, execution = await held(world)
    first = the_review(execution)
    execution = await runner.decide(first.review_id, "approved", approver="ben", reason=WHY)
    second = the_review(execution)
    assert (execution.outcome, world.graph.written) == ("held", [])
    assert second.requirement.subject != first.requirement.subject
    execution = await runner.decide(second.review_id, "approved", approver="ben", reason=WHY)
    assert execution.steps["write"].outcome == "overridden"
    manifest = verified(world, await rejected(runner, execution))
    assert decisions(manifest)[:4] == ["opened", "approved", "opened", "approved"]


async def test_a_budget_that_was_reserved_before_a_pause_is_not_reserved_again(memory_path: Path) -> None:
    world = World(memory_path)
    claims = {
        "calls": {"type": "budget", "counter": "calls", "limit": 5, "amount": "3"},
        "may": PROVERS["preconditions"]["authority:write"],
    }
    definition = define(
        step("s", "transform", expression="1", preconditions=["calls", "may"]), provers={"preconditions": claims}
    )
    runner, execution = await held(world, definition, executed_by="bob")
    execution = await runner.decide(the_review(execution).review_id, "approved", approver="ben", reason=WHY)
    assert execution.outcome == "overridden"
    assert len(world.ports().ledger.entries(kind="BudgetReserved")) == 1
    verified(world, execution)


async def test_reviews_whose_time_is_over_expire_without_anybody_naming_them(memory_path: Path) -> None:
    world = example_world(memory_path, filled=1)
    runner, first = await held(world)
    second = await runner.execute(example(), {}, executed_by="ann")
    assert await runner.expire_overdue() == []
    await world.clock.sleep(259_200)
    assert await runner.expire_overdue() == [the_review(first).review_id, the_review(second).review_id]
    for execution in (first, second):
        assert execution.started is not None
        assert world.runner().get_status(execution.started.execution_id).outcome == "blocked"
    assert await runner.expire_overdue() == []
