"""Licences revoked while people decide: a decision is about what they saw, and the registry is asked again after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pcq_verify import verify
from runbooks.canonical import dumps
from runbooks.definition import Definition
from runbooks.execution import Execution

from services.runbooks.tests.example import LICENCE
from services.runbooks.tests.simulator import GraphSimulator, World, define, rejected, step

WHY = "seen and judged sound"
API, OTHER = "license:api", "license:other"
CLAIMS: dict[str, Any] = {
    API: {"type": "license_registry", "check": "api.example.com allows enrichment"},
    OTHER: {"type": "license_registry", "check": "other.example.com allows enrichment"},
    "sources": {"type": "license_derived", "action": "enrichment"},
    "two": {"type": "four_eyes"},
    "may": {"type": "opa", "policy": "acl.allow", "input": {"action": "write", "resource": "entity"}},
}


def read(name: str, *preconditions: str, **members: Any) -> dict[str, Any]:
    """A step that reads, with these preconditions."""
    return step(name, "query", **{"dependsOn": [], "cypher": name.upper(), **members}, preconditions=[*preconditions])


def steps(*found: dict[str, Any]) -> Definition:
    """These, and an export after the last one."""
    return define(
        *found,
        step("export", "export", dependsOn=[found[-1]["stepId"]], file="x.json"),
        provers={"preconditions": CLAIMS},
    )


@pytest.fixture
def world(memory_path: Path) -> World:
    """Where two licences are in force, and every read has one row."""
    licences = [LICENCE, {**LICENCE, "licenceId": "other", "resource": "other.example.com"}]
    graph = GraphSimulator({name: [[{"n": 1}]] for name in ("FIRST", "SECOND", "GUARDED")})
    return World(memory_path, graph=graph, licences={"licences": licences})


async def run(world: World, definition: Definition, *, executed_by: str = "ann") -> Execution:
    return await world.runner().execute(definition, {}, executed_by=executed_by)


async def approved(world: World, execution: Execution) -> Execution:
    [review] = execution.open_reviews()
    return await world.runner().decide(review.review_id, "approved", approver="ben", reason=WHY)


async def ended_in_proof(world: World, execution: Execution) -> Execution:
    """The execution at its end, verified by the other program and replayed without a question."""
    execution = await rejected(world.runner(), execution)
    assert execution.started is not None
    name, asked = execution.started.execution_id, len(world.registry.asked)
    manifest = world.runner().manifest(name).build(record_of_block=execution.outcome == "blocked")
    report = verify(dumps(manifest), world.trust())
    assert report.exit_code == 0, report.reason
    assert (await world.runner().replay(name)).is_identical
    assert len(world.registry.asked) == asked
    return execution


def reasons(execution: Execution, name: str) -> list[str]:
    return [proof["reason"] for proof in execution.steps[name].preconditions]


async def test_what_four_eyes_approved_is_denied_when_its_licence_was_revoked_meanwhile(world: World) -> None:
    waiting = await run(world, steps(read("guarded", API, "two")))
    assert (waiting.outcome, world.registry.asked) == ("waiting", [])
    world.registry.gone.add("api@1")
    held = await approved(world, waiting)
    assert reasons(held, "guarded") == ["licence.revoked", "four_eyes.approved"]
    assert (held.outcome, world.graph.script.asked["GUARDED"]) == ("held", 0)
    execution = await ended_in_proof(world, held)
    assert (execution.outcome, world.exported()) == ("blocked", [])


async def test_a_step_that_asks_people_is_asked_about_again_when_they_have_spoken(world: World) -> None:
    ask = step("ask", "approval", dependsOn=[], question="Is this fit to leave the house?", preconditions=[API])
    waiting = await run(world, steps(ask))
    assert (waiting.outcome, world.registry.asked) == ("waiting", [["api@1"]])
    world.registry.gone.add("api@1")
    held = await approved(world, waiting)
    assert (held.outcome, reasons(held, "ask"), world.exported()) == ("held", ["licence.revoked"], [])
    assert (await ended_in_proof(world, held)).outcome == "blocked"


async def test_an_approved_denial_of_another_kind_does_not_carry_a_licence_that_was_revoked_since(world: World) -> None:
    held = await run(world, steps(read("first", API, "may")), executed_by="bob")
    assert reasons(held, "first") == ["licence.permitted", "policy.denied"]
    world.registry.gone.add("api@1")
    again = await approved(world, held)
    assert (again.outcome, reasons(again, "first")) == ("held", ["licence.revoked", "policy.denied"])
    assert world.graph.script.asked["FIRST"] == 0
    assert (await ended_in_proof(world, again)).outcome == "blocked"


async def test_a_step_behind_a_held_one_is_asked_about_when_its_turn_comes(world: World) -> None:
    held = await run(world, steps(read("first", "may"), read("second", API, dependsOn=["first"])), executed_by="bob")
    assert (held.outcome, world.registry.asked) == ("held", [])
    world.registry.gone.add("api@1")
    again = await approved(world, held)
    assert [again.steps[name].outcome for name in ("first", "second")] == ["overridden", None]
    assert (reasons(again, "second"), world.graph.script.asked["SECOND"]) == (["licence.revoked"], 0)
    assert (await ended_in_proof(world, again)).outcome == "blocked"


async def test_people_may_lift_a_revocation_and_its_verdict_stays(world: World) -> None:
    world.registry.gone.add("api@1")
    held = await run(world, steps(read("first", API)))
    execution = await ended_in_proof(world, await approved(world, held))
    assert (execution.outcome, execution.steps["first"].outcome) == ("overridden", "overridden")
    assert (reasons(execution, "first"), world.exported()) == (["licence.revoked"], ["x.json"])


async def test_a_lifted_revocation_is_not_that_of_another_licence(world: World) -> None:
    world.registry.gone.add("api@1")
    held = await run(world, steps(read("first", API, OTHER)))
    assert reasons(held, "first") == ["licence.revoked", "licence.permitted"]
    world.registry.gone.add("other@1")
    again = await approved(world, held)
    assert (again.outcome, reasons(again, "first")) == ("held", ["licence.revoked", "licence.revoked"])
    assert (await ended_in_proof(world, again)).outcome == "blocked"


async def test_what_was_made_under_a_lifted_revocation_stays_bound_by_that_licence(world: World) -> None:
    world.registry.gone.add("api@1")
    held = await run(world, steps(read("first", API), read("second", "sources", dependsOn=["first"])))
    again = await approved(world, held)
    assert (again.outcome, reasons(again, "second")) == ("held", ["licence.revoked"])
    assert (await ended_in_proof(world, again)).outcome == "blocked"
