"""An execution run again, as it was or with other parameters, and what a view of a run finds in one answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pcq_verify import verify
from runbooks.definition import Definition
from runbooks.errors import ParameterError, UnknownExecutionError

from services.runbooks.tests.api.conftest import Api
from services.runbooks.tests.simulator import World, define, step


def chosen(expression: str = "n * 2") -> Definition:
    """A runbook with two parameters."""
    return define(
        step("s", "transform", dependsOn=[], inputs="parameters", expression=expression),
        runbookId="chosen",
        purpose="to count",
        parameters={
            "type": "object",
            "properties": {"n": {"type": "integer"}, "of": {"type": "object"}},
            "required": ["n"],
        },
    )


async def settled(api: Api, name: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while (await api.get(f"/runbooks/{name}")).json()["outcome"] == "running":  # noqa: ASYNC110
            await asyncio.sleep(0)
    return dict((await api.get(f"/runbooks/{name}")).json())


async def begun(api: Api, parameters: dict[str, Any], person: str = "ann") -> dict[str, Any]:
    api.definitions["chosen"] = chosen()
    body = {"runbookId": "chosen", "parameters": parameters, "purpose": "to be seen"}
    answer = await api.post("/runbooks/execute", body, person)
    return await settled(api, answer.json()["executionId"])


async def test_a_rerun_is_another_execution_of_the_same_definition_in_the_callers_name(api: Api) -> None:
    first = await begun(api, {"n": 4})
    api.definitions["chosen"] = chosen("n * 3")
    answer = await api.post(f"/runbooks/{first['executionId']}/rerun", {"reason": "once more"}, "bob")
    assert answer.status_code == 202, answer.text
    name = answer.json()["executionId"]
    assert answer.headers["location"] == f"/runbooks/{name}"
    second = await settled(api, name)
    same = ("runbookId", "version", "definitionDigest", "parametersDigest", "purpose")
    assert {member: second[member] for member in same} == {member: first[member] for member in same}
    assert (second["executedBy"], second["number"], first["origin"]) == ("bob", first["number"] + 1, None)
    assert second["origin"] == {"executionId": first["executionId"], "as": "rerun"}
    assert (await api.get(f"/runbooks/{name}/steps/s")).json()["outputs"] == 8
    record = api.audit.page(None, 1)[0][0]
    assert (record["who"], record["action"], record["object"]) == ("bob", "execution.rerun", first["executionId"])
    assert (record["made"], record["reason"]) == (name, "once more")


async def test_a_fork_has_other_values_of_whole_parameters_and_keeps_the_rest(api: Api) -> None:
    first = await begun(api, {"n": 4, "of": {"a": 1, "b": 2}})
    changes = {"parameters": {"of": {"b": 3}}}
    answer = await api.post(f"/runbooks/{first['executionId']}/fork", changes)
    second = await settled(api, answer.json()["executionId"])
    assert second["origin"] == {"executionId": first["executionId"], "as": "fork"}
    assert second["parametersDigest"] != first["parametersDigest"]
    inputs = (await api.get(f"/runbooks/{second['executionId']}/steps/s")).json()["inputs"]
    assert inputs == {"n": 4, "of": {"b": 3}}
    assert (await api.get(f"/runbooks/{second['executionId']}/parameters")).json() == inputs
    assert (await api.get(f"/runbooks/{second['executionId']}/parameters", "aud")).status_code == 403
    proof = await api.get(f"/runbooks/{second['executionId']}/manifest.pcq")
    assert verify(proof.content, api.world.trust()).exit_code == 0
    assert first["executionId"] not in proof.text, "where it comes from is no part of the proof"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"parameters": {"n": "four"}}, "parameter.invalid"),
        ({"parameters": {"of": 1}}, "parameter.invalid"),
        ({"parameters": {"unknown": 1}}, "parameter.invalid"),
        ({"parameters": {}}, "request.invalid"),
        ({"reason": "other"}, "request.invalid"),
        ({"parameters": [1]}, "request.invalid"),
    ],
    ids=str,
)
async def test_a_fork_that_does_not_fit_begins_nothing(body: dict[str, Any], code: str, api: Api) -> None:
    first = await begun(api, {"n": 4})
    answer = await api.post(f"/runbooks/{first['executionId']}/fork", body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert len(api.runner.executions()) == 1


@pytest.mark.parametrize(("way", "body"), [("rerun", {}), ("fork", {"parameters": {"n": 1}})])
async def test_what_is_not_there_is_not_run_again_and_who_may_not_start_does_not(
    way: str, body: dict[str, Any], api: Api
) -> None:
    answer = await api.post(f"/runbooks/R-0001-000000/{way}", body)
    assert (answer.status_code, answer.json()["code"]) == (404, "execution.unknown")
    name = (await begun(api, {"n": 4}))["executionId"]
    for person in ("vic", "aud", "adm"):
        answer = await api.post(f"/runbooks/{name}/{way}", body, person)
        assert (answer.status_code, answer.json()["code"]) == (403, "request.forbidden")
        [action] = [
            item for item in (await api.get(f"/runbooks/{name}", person)).json()["actions"] if item["name"] == way
        ]
        assert (action["enabled"], action["code"], action["reason"]) == (
            *(False, "request.forbidden"),
            "needs role operator",
        )


async def test_a_run_view_needs_one_answer(api: Api) -> None:
    api.definitions["mapped"] = define(
        step("each", "transform", dependsOn=[], forEach="[1, 2, 3]", expression="$", description="counts"),
        step("fails", "transform", expression="1 / 0"),
        step("waits", "transform", expression="1"),
        runbookId="mapped",
        version="7",
    )
    found = await settled(api, await api.run("mapped"))
    assert (found["version"], found["name"], found["purpose"]) == ("7", "a runbook", None)
    assert found["startedAt"] < found["endedAt"]
    each, fails, waits = found["steps"]
    assert (each["type"], each["description"], each["items"], each["attempts"]) == ("transform", "counts", 3, 1)
    assert found["startedAt"] < each["startedAt"] <= each["endedAt"] <= fails["endedAt"]
    assert (fails["dependsOn"], fails["outcome"], fails["error"]["code"]) == (
        ["each"],
        "failed",
        "expression.not_finite",
    )
    assert (waits["outcome"], waits["startedAt"], waits["attempts"], waits["error"]) == ("not-run", None, 0, None)
    [blocked] = (await api.get(f"/runbooks/{await api.run('gated')}")).json()["steps"]
    assert blocked["blockedBy"] == {"prover": "some", "result": "fail", "reason": "row_count.too_few"}
    assert len(blocked["reviews"]) == 1


async def test_events_go_on_at_the_position_of_the_status(api: Api) -> None:
    name = await api.run("gated")
    position = (await api.get(f"/runbooks/{name}")).json()["position"]
    stream = api.hub.stream([f"execution:{name}"], position)
    await api.post(f"/runbooks/{name}/cancel", {"reason": "not needed"})
    assert b"event: CancelRequested" in await anext(stream)


async def test_steps_name_the_executions_that_they_began(api: Api) -> None:
    child = define(step("s", "transform", dependsOn=[], expression="1"), runbookId="C")
    api.world.runbooks = {"C": child}
    api.definitions["P"] = define(
        step("one", "runbook", dependsOn=[], runbook="C"),
        step("each", "runbook", runbook="C", forEach="['b', 'c']", inputs={}),
        step("no", "runbook", runbook="C", inputs="1"),
        runbookId="P",
    )
    found = await settled(api, await api.run("P"))
    children = {item["stepId"]: item["children"] for item in found["steps"]}
    assert {name: len(of) for name, of in children.items()} == {"one": 1, "each": 2, "no": 0}
    begun = (await api.get(f"/runbooks/{children['one'][0]}")).json()
    assert begun["parent"] == {"executionId": found["executionId"], "stepId": "one"}


async def test_a_runner_runs_again_what_is_recorded(world: World) -> None:
    runner = world.runner()
    first = await runner.execute(chosen(), {"n": 1}, executed_by="ann")
    assert first.started is not None
    again, _ = runner.start_again(first.started.execution_id, executed_by="bob", changes={"n": 5})
    assert again.started is not None
    assert (again.started.parameters, again.started.context["runbookDigest"]) == ({"n": 5}, chosen().digest)
    assert (await world.runner().resume(again.started.execution_id)).outcome == "completed"
    with pytest.raises(ParameterError):
        runner.start_again(first.started.execution_id, executed_by="bob", changes={"n": None})
    with pytest.raises(UnknownExecutionError):
        runner.start_again("none", executed_by="bob")
