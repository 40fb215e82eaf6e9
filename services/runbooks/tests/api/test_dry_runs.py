"""A dry run tells what an execution would do, to whom it is denied and why, and leaves nothing behind."""

from __future__ import annotations

from typing import Any

import pytest
from runbooks.errors import TransientPortError

from services.runbooks.tests.api.conftest import Api
from services.runbooks.tests.example import LICENCE
from services.runbooks.tests.simulator import World, define, step

MAY = {"type": "opa", "policy": "acl.allow", "input": {"action": "read", "resource": "entity"}}
LICENSED = {"type": "license_registry", "check": "data allows read"}
PROVERS: dict[str, Any] = {
    "preconditions": {
        "may": MAY,
        "licensed": LICENSED,
        "calls": {"type": "budget", "counter": "calls", "limit": 3},
        "two": {"type": "four_eyes", "quorum": 2, "assignedTo": ["ben", "cat"]},
        "both": {"type": "all", "provers": ["may", "licensed"]},
        "mixed": {"type": "all", "provers": ["may", "calls"]},
    },
    "postconditions": {},
}
WHOLE = define(
    step("z-ask", "approval", dependsOn=[], question="May we?"),
    step("a-call", "external_api", dependsOn=["z-ask"], endpoint="https://api.example.com/x", preconditions=["may"]),
    step("b-write", "mutation", cypher="CREATE (n)", preconditions=["two", "calls", "both", "mixed"]),
    step("c-file", "export", file="out.json", when="parameters.n > 1"),
    step("d-tell", "notify", channel="mail", subject="'done'", to=["a@example.com"]),
    runbookId="whole",
    provers=PROVERS,
    parameters={"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
)


async def rehearsed(api: Api, body: dict[str, Any], person: str = "ann") -> dict[str, Any]:
    api.definitions["whole"] = WHOLE
    answer = await api.post("/runbooks/dry-run", {"runbookId": "whole", **body}, person)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_dry_run_tells_the_plan_and_leaves_nothing(api: Api) -> None:
    found = await rehearsed(api, {"parameters": {"n": 2}, "purpose": "to see"})
    assert [item["stepId"] for item in found["steps"]] == ["z-ask", "a-call", "b-write", "c-file", "d-tell"]
    assert (found["problems"], found["hosts"], found["purpose"]) == ([], ["api.example.com"], "to see")
    touched = {item["stepId"]: item["touches"] for item in found["steps"]}
    assert touched == {
        "z-ask": None,
        "a-call": {"method": "POST", "endpoint": "https://api.example.com/x"},
        "b-write": {"graph": "written"},
        "c-file": {"file": "out.json"},
        "d-tell": {"channel": "mail", "to": ["a@example.com"]},
    }
    asked, _, write, file, _ = found["steps"]
    assert [item["requirement"] for item in asked["approvals"]] == ["approval"]
    assert [(item["requirement"], item["quorum"], item["assignedTo"]) for item in write["approvals"]] == [
        ("four_eyes/two", 2, ["ben", "cat"])
    ]
    assert file["when"] == "parameters.n > 1"
    assert api.runner.executions() == []
    assert api.world.ports().ledger.entries() == []
    assert api.world.graph.script.asked.total() + api.world.api.script.asked.total() == 0
    assert not list((api.world.home / "blobs").rglob("sha256*"))


async def test_provers_that_can_be_asked_are_asked_about_the_caller(api: Api) -> None:
    said = (await rehearsed(api, {"parameters": {"n": 2}}))["steps"][2]["preconditions"]
    assert {item["prover"]: item["result"] for item in said} == {
        "two": "open",
        "calls": "open",
        "both": "fail",
        "mixed": "open",
    }
    found = await rehearsed(api, {"parameters": {"n": 2}}, "bob")
    assert found["steps"][1]["preconditions"] == [{"prover": "may", "result": "fail", "reason": "policy.denied"}]
    assert found["denied"] == ["a-call", "b-write"]


async def test_a_licence_is_asked_about_and_a_registry_that_does_not_answer_is_told(world: World) -> None:
    world.licences = {"licences": [LICENCE]}
    definition = define(
        step("s", "query", dependsOn=[], cypher="RETURN 1", preconditions=["licensed"]),
        provers={
            "preconditions": {"licensed": {"type": "license_registry", "check": "api.example.com allows enrichment"}},
            "postconditions": {},
        },
    )
    runner = world.runner()
    found = await runner.rehearse(definition, {}, executed_by="ann")
    assert (found["denied"], found["steps"][0]["preconditions"][0]["result"]) == ([], "pass")
    world.registry.down = TransientPortError("down")
    found = await runner.rehearse(definition, {}, executed_by="ann")
    assert found["denied"] == ["s"]
    assert found["steps"][0]["preconditions"][0]["reason"] == "licence.registry_unavailable"
    assert world.ports().ledger.entries() == []


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [({}, ""), ({"n": "two"}, "/n"), ({"n": 1, "a/b": 1}, "/a~1b"), ({"executionId": "x"}, "/executionId")],
    ids=str,
)
async def test_parameters_that_do_not_fit_are_told_by_pointer(
    parameters: dict[str, Any], pointer: str, api: Api
) -> None:
    found = await rehearsed(api, {"parameters": parameters})
    assert [(item["in"], item["pointer"]) for item in found["problems"]] == [("parameters", pointer)]
    assert len(found["steps"]) == 5, "the plan is told nevertheless"
    answer = await api.post("/runbooks/execute", {"runbookId": "whole", "parameters": parameters})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/body/parameters{pointer}")


async def test_what_is_wrong_with_the_definition_here_is_told_by_pointer(api: Api) -> None:
    api.definitions["odd"] = define(
        step("s", "transform", dependsOn=[], expression="1", preconditions=["nobody"]),
        step("t", "runbook", runbook="none", inputs={}),
        runbookId="odd",
    )
    found = (await api.post("/runbooks/dry-run", {"runbookId": "odd"})).json()
    assert {(item["in"], item["code"], item["pointer"]) for item in found["problems"]} == {
        ("definition", "prover.undefined", "/steps/0/preconditions/0"),
        ("definition", "runbook.unknown", "/steps/1/runbook"),
    }


async def test_a_dry_run_names_the_plan_that_the_execution_has(api: Api) -> None:
    found = await rehearsed(api, {"parameters": {"n": 2}})
    started = await api.post("/runbooks/execute", {"runbookId": "whole", "parameters": {"n": 2}})
    same = ("definitionDigest", "parametersDigest", "planDigest")
    assert {name: started.json()[name] for name in same} == {name: found[name] for name in same}
    assert (await api.post("/runbooks/dry-run", {"runbookId": "none"})).status_code == 404
    assert (await api.post("/runbooks/dry-run", {"runbookId": "whole"}, "vic")).status_code == 403
