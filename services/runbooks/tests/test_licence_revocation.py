"""Licences that end, from the run to the proof: each is denied, says why, does nothing, and verifies."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pcq_verify import verify
from runbooks.adapters.licences.embedded import FolderLicences
from runbooks.adapters.licences.http import HttpLicences
from runbooks.canonical import dumps
from runbooks.definition import Definition
from runbooks.errors import PermanentPortError
from runbooks.execution import Execution
from runbooks.ports import LicenceRegistry
from runbooks.progress import explain_proof

from services.runbooks.tests.example import LICENCE
from services.runbooks.tests.licence_server import serving_licences
from services.runbooks.tests.simulator import (
    ClockSimulator,
    Faults,
    GraphSimulator,
    ProcessDied,
    World,
    define,
    rejected,
    step,
)

PROVERS: dict[str, Any] = {
    "preconditions": {
        "license:enrich": {"type": "license_registry", "check": "api.example.com allows enrichment"},
        "license:sources": {"type": "license_derived", "action": "enrichment"},
        "license:both": {"type": "all", "provers": ["license:enrich", "license:sources"]},
    },
    "postconditions": {},
}


def two_uses(second: str = "license:enrich") -> Definition:
    """Two reads of licensed data one after the other, and an export."""
    return define(
        step("first", "query", dependsOn=[], cypher="FIRST", preconditions=["license:enrich"]),
        step("second", "query", dependsOn=["first"], cypher="SECOND", preconditions=[second]),
        step("export", "export", dependsOn=["second"], file="x.json"),
        provers=PROVERS,
    )


def a_world(home: Path, *, between: Callable[[World], None] = lambda world: None, **licence: Any) -> World:
    """Where both reads are permitted; `between` happens while the first one is under way."""

    async def first() -> list[Any]:
        between(world)
        return [{"n": 1}]

    graph = GraphSimulator({"FIRST": [first], "SECOND": [[{"n": 2}]]})
    world = World(home, graph=graph, licences={"licences": [{**LICENCE, **licence}]})
    return world


def revoke(world: World) -> None:
    world.registry.gone.add("api@1")


async def denied(world: World, definition: Definition, at: str, **run: Any) -> dict[str, Any]:
    """Run it; the proof that blocks the step `at`, of an execution that exported nothing, verifies and replays."""
    runner = world.runner()
    execution = await rejected(runner, await runner.execute(definition, {}, **{"executed_by": "ann", **run}))
    assert (execution.outcome, execution.steps[at].outcome) == ("blocked", "blocked")
    assert execution.steps["export"].outcome == "not-run"
    assert world.exported() == []
    assert world.graph.script.asked["SECOND"] == 0
    assert verified(world, execution) == 0
    assert execution.started is not None
    asked, executions = len(world.registry.asked), execution.started.execution_id
    world.registry.gone, world.registry.down = set(), None
    assert (await world.runner().replay(executions)).is_identical
    assert len(world.registry.asked) == asked, "a replay plays the recorded answer"
    [proof] = execution.steps[at].preconditions
    return proof


def verified(world: World, execution: Execution) -> int:
    assert execution.started is not None
    manifest = world.runner().manifest(execution.started.execution_id).build(record_of_block=True)
    return verify(dumps(manifest), world.trust()).exit_code


def answers(world: World) -> list[Any]:
    entries = world.ports().ledger.entries(kind="PreconditionsObserved")
    return [json.loads(entry.draft.body)["members"]["answers"] for entry in entries]


async def test_a_licence_in_force_lets_both_steps_act_and_is_asked_about_before_each(memory_path: Path) -> None:
    world = a_world(memory_path)
    execution = await world.runner().execute(two_uses(), {}, executed_by="ann")
    assert execution.outcome == "completed"
    assert world.registry.asked == [["api@1"], ["api@1"]]
    assert answers(world) == [{"license:enrich": {"revoked": []}}] * 2
    assert verified(world, execution) == 0


async def test_a_licence_revoked_between_two_steps_denies_the_second(memory_path: Path) -> None:
    world = a_world(memory_path, between=revoke)
    proof = await denied(world, two_uses(), "second")
    assert (proof["result"], proof["reason"]) == ("fail", "licence.revoked")
    assert (proof["evidence"]["licence"], proof["evidence"]["revoked"]) == ("api@1", ["api@1"])
    assert answers(world) == [{"license:enrich": {"revoked": names}} for names in ([], ["api@1"])]
    assert "the licence api@1 is revoked" in explain_proof(proof)


async def test_what_was_made_of_data_whose_licence_is_revoked_may_not_be_used(memory_path: Path) -> None:
    world = a_world(memory_path, between=revoke)
    proof = await denied(world, two_uses("license:sources"), "second")
    assert (proof["reason"], proof["evidence"]["licence"]) == ("licence.revoked", "api@1")
    assert proof["evidence"]["sources"] == proof["evidence"]["revoked"] == ["api@1"]


async def test_a_combination_asks_once_for_all_its_parts(memory_path: Path) -> None:
    world = a_world(memory_path, between=revoke)
    proof = await denied(world, two_uses("license:both"), "second")
    assert [part["reason"] for part in proof["evidence"]["proofs"]] == ["licence.revoked", "licence.revoked"]
    assert world.registry.asked == [["api@1"], ["api@1"]]


@pytest.mark.parametrize("status", ["revoked", "suspended"])
async def test_an_edit_of_the_licences_folder_denies_the_next_step(status: str, memory_path: Path) -> None:
    folder = memory_path / "licences"
    folder.mkdir()

    def write(status: str) -> None:
        (folder / "licences.json").write_text(json.dumps({"licences": [{**LICENCE, "status": status}]}))

    write("active")
    world = a_world(memory_path / "home", between=lambda _: write(status))
    ask_with(world, FolderLicences(folder))
    proof = await denied(world, two_uses(), "second")
    assert proof["reason"] == "licence.revoked"


def ask_with(world: World, registry: LicenceRegistry) -> None:
    """Let the world's registry be asked through a real adapter."""
    world.registry.revoked = registry.revoked  # type: ignore[assignment,method-assign]


async def test_a_registry_over_http_that_revokes_and_then_is_gone_denies(memory_path: Path) -> None:
    async with serving_licences({"api@1": "active"}) as server:
        world = a_world(memory_path / "a", between=lambda _: server.statuses.update({"api@1": "suspended"}))
        registry = HttpLicences(server.url)
        ask_with(world, registry)
        assert (await denied(world, two_uses(), "second"))["reason"] == "licence.revoked"
        await registry.close()
    registry = HttpLicences("http://127.0.0.1:1")
    world = a_world(memory_path / "b")
    ask_with(world, registry)
    assert (await denied(world, two_uses(), "first"))["reason"] == "licence.registry_unavailable"
    await registry.close()


async def test_a_registry_that_is_down_denies_as_an_error(memory_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    world = a_world(memory_path)
    world.registry.down = PermanentPortError("licence registry: did not answer", code="licences.no_answer")
    proof = await denied(world, two_uses(), "first")
    assert (proof["result"], proof["reason"]) == ("error", "licence.registry_unavailable")
    assert (proof["evidence"]["licence"], proof["evidence"]["revoked"]) == (None, None)
    assert answers(world) == [{"license:enrich": {"revoked": None}}]
    assert "licence registry: did not answer" in caplog.text
    assert "does not say whether it is revoked" in explain_proof(proof)


async def test_a_registry_that_speaks_of_other_licences_did_not_answer(memory_path: Path) -> None:
    async def confused(names: Any) -> list[str]:
        return ["other@1"]

    world = a_world(memory_path)
    world.registry.revoked = confused  # type: ignore[assignment,method-assign]
    assert (await denied(world, two_uses(), "first"))["reason"] == "licence.registry_unavailable"


async def test_a_licence_ends_at_the_very_second(memory_path: Path) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    just_before = ClockSimulator(noon - timedelta(milliseconds=1))
    world = a_world(memory_path / "a", effectiveTo="2026-03-01T12:00:00Z")
    world.clock = just_before
    proof = await denied(world, two_uses(), "first")
    assert proof["evidence"]["now"] == "2026-03-01T12:00:00.000000Z"
    assert proof["reason"] == "licence.not_active"
    world = a_world(memory_path / "b", effectiveTo="2026-03-01T12:00:00.000001Z")
    world.clock = ClockSimulator(noon - timedelta(milliseconds=1))
    assert (await world.runner().execute(two_uses(), {}, executed_by="ann")).outcome == "completed"


@pytest.mark.parametrize("status", ["suspended", "revoked", "expired", "draft"])
async def test_a_licence_that_was_not_active_at_the_start_denies(status: str, memory_path: Path) -> None:
    world = a_world(memory_path, status=status)
    assert (await denied(world, two_uses(), "first"))["reason"] == "licence.not_active"


async def test_a_purpose_that_the_registry_does_not_know_denies(memory_path: Path) -> None:
    world = a_world(memory_path)
    world.licences = {**world.licences, "vocabulary": {"purposes": {"enrichment": None}}}
    proof = await denied(world, two_uses(), "first", purpose="fun")
    assert (proof["reason"], proof["evidence"]["purpose"]) == ("licence.unknown_purpose", "fun")


async def test_a_recorded_answer_holds_for_its_step_after_a_crash_and_for_no_other(memory_path: Path) -> None:
    whole = Faults()
    await a_world(memory_path / "whole").runner(whole).execute(two_uses(), {}, executed_by="ann")
    asked = whole.moments.index("after licences.revoked")
    recorded = whole.moments.index("after ledger.append", asked)
    world = a_world(memory_path / "died")
    with pytest.raises(ProcessDied):
        await world.runner(Faults(recorded + 1)).execute(two_uses(), {}, executed_by="ann")
    assert (len(answers(world)), world.graph.script.asked["FIRST"]) == (1, 0)
    revoke(world)
    runner = world.runner()
    execution = await rejected(runner, await runner.resume(runner.resolve("last")))
    assert (execution.steps["first"].outcome, execution.steps["second"].outcome) == ("done", "blocked")
    assert verified(world, execution) == 0
