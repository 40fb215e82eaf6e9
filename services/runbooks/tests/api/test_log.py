"""The log of an execution: every entry once and in order, page by page, and no payload in it."""

from __future__ import annotations

from typing import Any

import pytest
from runbooks.errors import PermanentPortError
from runbooks.events import CancelRequested

from services.runbooks.tests.api.conftest import Api
from services.runbooks.tests.simulator import Script, define, step

SECRET = "a value that nobody reads here"
CALLING = define(
    step("make", "transform", dependsOn=[], expression=f"{{'said': '{SECRET}'}}"),
    step("ask", "query", dependsOn=["make"], cypher="MATCH (n) RETURN n", retry={"maxAttempts": 1}),
    runbookId="calling",
)


async def log(api: Api, name: str, person: str = "ann", **wanted: Any) -> dict[str, Any]:
    answer = await api.get(f"/runbooks/{name}/log", person, **wanted)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_each_entry_is_one_line_in_the_order_of_the_ledger(api: Api) -> None:
    name = await api.run("gated")
    found = await log(api, name)
    entries = api.world.ports().ledger.entries(name)
    assert [(line["seq"], line["kind"], line["stepId"]) for line in found["items"]] == [
        (entry.seq, entry.draft.kind, entry.draft.step_id) for entry in entries
    ]
    assert found["next"] is None
    words = {line["kind"]: (line["level"], line["words"]) for line in found["items"]}
    assert words["ExecutionStarted"][1].startswith("run 1 of gated 1 started by ann")
    assert words["AttemptSucceeded"] == ("error", "attempt 1 gave its outputs; some fail (row_count.too_few)")
    assert words["ReviewOpened"][0] == "warning"


async def test_pages_follow_each_other_without_a_gap(api: Api) -> None:
    await api.run()
    name = await api.run("gated")
    whole = (await log(api, name))["items"]
    found, after = [], 0
    while after is not None:
        page = await log(api, name, after=after, limit=1)
        found += page["items"]
        after = page["next"]
    assert found == whole
    assert (await log(api, name, after=whole[-1]["seq"])) == {"items": [], "next": None}


async def test_lines_are_found_by_step_by_level_and_by_letters(api: Api) -> None:
    name = await api.run("gated")
    whole = (await log(api, name))["items"]
    assert (await log(api, name, stepId="s"))["items"] == [line for line in whole if line["stepId"] == "s"]
    assert (await log(api, name, level="error"))["items"] == [line for line in whole if line["level"] == "error"]
    assert [line["kind"] for line in (await log(api, name, q="OUTPUTS"))["items"]] == ["AttemptSucceeded"]
    assert (await log(api, name, q="in no line at all"))["items"] == []


@pytest.mark.parametrize("wrong", [{"after": -1}, {"limit": 0}, {"limit": 5001}, {"q": ""}, {"level": "x"}, {"x": 1}])
async def test_a_question_that_makes_no_sense_is_refused(wrong: dict[str, Any], api: Api) -> None:
    name = await api.run()
    assert (await api.get(f"/runbooks/{name}/log", **wrong)).status_code == 422


async def test_an_unknown_execution_has_no_log(api: Api) -> None:
    answer = await api.get("/runbooks/R-9999-000000/log")
    assert (answer.status_code, answer.json()["code"]) == (404, "execution.unknown")


async def test_no_line_holds_a_payload_and_a_failure_says_why(api: Api) -> None:
    api.definitions["calling"] = CALLING
    api.world.graph.script = Script({"MATCH (n) RETURN n": [PermanentPortError("no such label")]})
    name = await api.run("calling")
    lines = (await log(api, name))["items"]
    assert SECRET not in str(lines)
    [failed] = [line for line in lines if line["kind"] == "AttemptFailed"]
    assert (failed["level"], failed["stepId"]) == ("error", "ask")
    assert failed["words"].startswith("attempt 1 failed for good: ")
    assert [line["words"].split(",")[0] for line in lines if line["kind"] == "StepSealed"] == [
        "step sealed as done",
        "step sealed as failed",
    ]


async def test_what_people_say_is_in_it(api: Api) -> None:
    name = await api.run("gated")
    for action in ("pause", "resume", "cancel"):
        said = await api.post(f"/runbooks/{name}/{action}", {"reason": f"I {action} it"})
        assert said.status_code == 200, said.text
    lines = (await log(api, name))["items"]
    found = [line["words"] for line in lines if "it" in line["words"].split() and line["stepId"] is None]
    assert found == ["paused by ann: I pause it", "pause ended by ann: I resume it", "cancelled: ann: I cancel it"]
    assert CancelRequested.__name__ in [line["kind"] for line in lines if line["level"] == "warning"]
