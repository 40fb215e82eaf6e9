"""Executions of every ending, with steps of every kind and state: whatever is asked of them is as the document says.

The client holds each answer against its schema; here is only what is asked, and that nothing was left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from runbooks.api.answers.executions import ENDED
from runbooks.definition import Definition
from runbooks.errors import PermanentPortError

from services.runbooks.tests.api.conftest import Api
from services.runbooks.tests.example import API, EMAILS, STEPS, example, example_world
from services.runbooks.tests.simulator import World, define, step

# Members that change from state to state; each must have been seen with a value, and without one.
STATUS = {"endedAt", "cancelled", "paused", "merkleRoot", "blockedBy", "parent", "origin", "openReviews"}
STEP = {"outcome", "startedAt", "endedAt", "error", "blockedBy", "reviews", "items", "children"}


@pytest.fixture
def world(memory_path: Path) -> World:
    return example_world(memory_path, api={API: [EMAILS, PermanentPortError("no", code="http.404"), EMAILS]})


class Looker:
    """Asks everything of executions, and keeps what it saw of each member."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.outcomes: set[str] = set()
        self.step_outcomes: set[str | None] = set()
        self.seen: set[tuple[str, bool]] = set()

    def know(self, *definitions: Definition) -> str:
        """Have these runbooks; the id of the first."""
        self.api.definitions |= {item.runbook_id: item for item in definitions}
        return definitions[0].runbook_id

    async def look(self, name: str) -> dict[str, Any]:
        """As who may read values sees it, and before that as who may not."""
        await self._look(name, "aud")
        return await self._look(name, "vic")

    async def _look(self, name: str, person: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.api.get(f"/runbooks/{name}", person)).json()
        self.outcomes.add(found["outcome"])
        self.seen |= {(member, bool(found[member])) for member in STATUS}
        for item in found["steps"]:
            self.step_outcomes.add(item["outcome"])
            self.seen |= {(f"step {member}", bool(item[member])) for member in STEP}
            await self.api.get(f"/runbooks/{name}/steps/{item['stepId']}", person)
            for section in ("inputs", "outputs"):
                await self.api.get(f"/runbooks/{name}/values/{section}/{item['stepId']}", person)
        for path in ("parameters", "replay", "manifest.pcq", "manifest.pcq?blocked=true"):
            await self.api.get(f"/runbooks/{name}/{path}", person)
        return found

    async def look_around(self) -> None:
        for person in ("aud", "vic"):
            for path in ("/executions", "/executions/histogram", "/templates", "/reviews", "/schedules", "/licences"):
                assert (await self.api.get(path, person)).status_code == 200, path
            for name in self.api.definitions:
                digest = (await self.api.get(f"/templates/{name}", person)).json()["digest"]
                await self.api.get(f"/templates/{name}/versions/{digest}", person)
        for name in self.api.definitions:
            await self.api.post("/runbooks/dry-run", {"runbookId": name, "parameters": {}})


async def say(api: Api, name: str, decision: str, person: str = "ben") -> None:
    """Say it in the one review of that execution in which something can be said."""
    reviews = [item for item in (await api.get("/reviews")).json() if item["executionId"] == name]
    [review] = [item for item in reviews if item["state"] in ("open", "info-requested")]
    answer = await api.post(
        f"/reviews/{review['reviewId']}/decisions",
        {"decision": decision, "reason": "seen and judged sound"},
        person,
        {"If-Match": f'"{review["version"]}"'},
    )
    assert answer.status_code == 200, answer.text


async def of_every_kind(looker: Looker) -> None:
    scattered = define(
        step("rows", "transform", dependsOn=[], expression="[1, 2, 3]"),
        step("each", "transform", dependsOn=["rows"], forEach="steps.rows", expression="item * 2"),
        step("never", "transform", dependsOn=["rows"], when="$count(steps.rows) > 3", expression="1"),
        runbookId="scattered",
    )
    whole = looker.know(example(), scattered)
    completed = await looker.look(await looker.api.run(whole))
    assert completed["outcome"] == "completed"
    assert {item["type"] for item in completed["steps"]} == {item["type"] for item in STEPS}
    failed = await looker.look(await looker.api.run(whole))
    assert {item["outcome"] for item in failed["steps"]} >= {"done", "failed", "not-run"}
    await looker.look(await looker.api.run("scattered"))


async def of_every_decision(looker: Looker) -> None:
    for decision, ending in (("rejected", "blocked"), ("approved", "overridden"), ("break-glass", "overridden")):
        held = await looker.api.run("gated")
        assert (await looker.look(held))["outcome"] == "held"
        await say(looker.api, held, "info-requested")
        await looker.look(held)
        await say(looker.api, held, "info-given", "ann")
        await say(looker.api, held, decision)
        assert (await looker.look(held))["outcome"] == ending


async def below_others(looker: Looker) -> None:
    api, asking = looker.api, step("ask", "approval", dependsOn=[], question="May we?")
    child = define(asking, step("s", "transform", dependsOn=["ask"], expression="42"), runbookId="child")
    looker.know(child, define(step("below", "runbook", dependsOn=[], runbook="child"), runbookId="parent"))
    api.world.runbooks = {"child": child}
    waiting = await api.run("parent")
    [below] = (await looker.look(waiting))["steps"][0]["children"]
    assert (await looker.look(below))["parent"] == {"executionId": waiting, "stepId": "below"}
    await api.post(f"/runbooks/{waiting}/pause", {"reason": "later"}, "bob")
    assert (await looker.look(waiting))["outcome"] == "paused"
    await api.post(f"/runbooks/{waiting}/resume", {"reason": "now"}, "bob")
    again = (await api.post(f"/runbooks/{below}/rerun", {"reason": "once more"})).json()["executionId"]
    for name in (waiting, again):
        await api.post(f"/runbooks/{name}/cancel", {"reason": "not needed"}, "bob")
        await looker.look(name)


async def test_answers_about_executions_of_every_ending_are_as_the_document_says(api: Api) -> None:
    looker = Looker(api)
    for live in (of_every_kind, of_every_decision, below_others):
        await live(looker)
    await api.post("/schedules", {"runbookId": "R", "cron": "0 6 * * 1"})
    await looker.look_around()
    assert looker.outcomes >= {*ENDED, "held", "waiting", "paused"}
    assert looker.step_outcomes == {None, "done", "failed", "skipped", "blocked", "not-run", "overridden"}
    members = (*STATUS, *(f"step {name}" for name in STEP))
    assert {(name, is_there) for name in members for is_there in (True, False)} - looker.seen == set()
