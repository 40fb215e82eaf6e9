"""Who may call what: the table has every route, the policies decide, and whatever fails denies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from pcq_verify import verify
from runbooks.api.guard import GuardedRoute
from runbooks.api.rights import (
    EXECUTION,
    OPEN,
    REVIEW,
    RIGHTS,
    SCHEDULE,
    TEMPLATE,
    VALUES,
    Right,
    holders,
)

from services.runbooks.tests.api.conftest import Api
from services.runbooks.tests.api.routes import address, routes
from services.runbooks.tests.gates import service_bundle
from services.runbooks.tests.simulator import define, step

SECRET = "a value that nobody may read"
KEEPER = define(
    step("s", "transform", dependsOn=[], inputs="$.parameters", expression="$"),
    step("t", "transform", dependsOn=["s"], expression="{'rows': []}", postconditions=["some"]),
    runbookId="keeper",
    parameters={"type": "object", "properties": {"secret": {"type": "string"}}},
    provers={"postconditions": {"some": {"type": "row_count", "minimum": 1, "pointer": "/rows"}}},
)


async def asked(api: Api, method: str, path: str, person: str | None) -> httpx.Response:
    headers = api.of(person) if person else {}
    query = {"topics": "executions"} if path.endswith("/events") else {}
    return await api.http.request(method, address(path), headers=headers, params=query)


async def kept(api: Api) -> str:
    """An execution with a secret in it, which was blocked and rejected."""
    api.definitions["keeper"] = KEEPER
    started = await api.post("/runbooks/execute", {"runbookId": "keeper", "parameters": {"secret": SECRET}})
    name = str(started.json()["executionId"])
    while (await api.get(f"/runbooks/{name}")).json()["outcome"] == "running":
        pass
    return name


async def test_every_route_is_in_the_table_and_behind_the_gate(api: Api) -> None:
    found = routes(api.app)
    assert {(method, path.removeprefix("/api")) for method, path in found} == RIGHTS.keys() | OPEN
    for (method, path), route in found.items():
        is_open = (method, path.removeprefix("/api")) in OPEN
        assert is_open != isinstance(route, GuardedRoute), path


async def test_no_route_answers_a_stranger_or_somebody_without_a_role(api: Api) -> None:
    for method, path in routes(api.app):
        right = RIGHTS.get((method, path.removeprefix("/api")))
        if right is None:
            continue
        for stranger in (None, "nobody"):
            answer = await asked(api, method, path, stranger)
            assert (answer.status_code, answer.json()["code"]) == (401, "request.not_signed_in"), path
            assert answer.headers["www-authenticate"] == "Bearer"
        answer = await asked(api, method, path, "mal")
        assert (answer.status_code, answer.json()["code"]) == (403, "request.forbidden"), path
        assert right.action in answer.json()["detail"]
        assert "data.runbooks.service.allow" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("person", "actions"),
    [
        ("vic", {"value.read"}),
        ("olga", {"value.read", "execution.start", "execution.cancel", "review.speak"}),
        ("aud", {"audit.read"}),
        ("adm", {"audit.read", "execution.cancel"}),
    ],
)
async def test_a_role_may_do_what_it_is_for_and_no_more(person: str, actions: set[str], api: Api) -> None:
    beyond = {"value.read", "execution.start", "execution.cancel", "review.speak", "audit.read"}
    found = (await api.get("/me", person)).json()
    assert (found["subject"], beyond & set(found["actions"])) == (person, actions)
    for (method, path), right in RIGHTS.items():
        if right.action in beyond and path != "/events":
            answer = await asked(api, method, path, person)
            assert (answer.status_code == 403) == (right.action not in actions), (path, answer.text)


async def test_every_change_that_a_route_makes_has_a_name_among_the_actions(api: Api) -> None:
    named = {*EXECUTION.values(), *REVIEW.values(), *TEMPLATE.values(), *SCHEDULE.values()}
    assert {right for (method, _), right in RIGHTS.items() if method == "POST"} <= named
    held = await api.run("gated")
    shown = {item["name"] for item in (await api.get(f"/runbooks/{held}")).json()["actions"]}
    assert shown == set(EXECUTION)
    shown = {item["name"] for item in (await api.get("/reviews")).json()[0]["actions"]}
    assert shown == set(REVIEW)
    shown = {item["name"] for item in (await api.get("/templates/R")).json()["actions"]}
    assert shown == set(TEMPLATE)


@pytest.mark.parametrize(
    ("person", "code", "reason"),
    [
        ("vic", "request.forbidden", "needs role approver or ombuds or operator"),
        ("aud", "request.forbidden", "needs role approver or ombuds or operator"),
        ("ann", "review.requester", None),
    ],
)
async def test_actions_say_what_the_caller_may_and_who_may_instead(
    person: str, code: str, reason: str | None, api: Api
) -> None:
    await api.run("gated")
    [review] = (await api.get("/reviews", person)).json()
    approve = review["actions"][0]
    assert (approve["name"], approve["enabled"], approve["code"]) == ("approved", False, code)
    assert reason in (None, approve["reason"])
    [execute, *_] = (await api.get("/templates", person)).json()["items"][0]["actions"]
    assert (execute["name"], execute["enabled"]) == ("execute", person == "ann")


async def test_a_policy_without_roles_is_named_in_their_place(api: Api) -> None:
    assert holders({"rights": {"b": ["x", "y"], "a": ["x"], "c": 1}}) == {"x": ["a", "b"], "y": ["b"]}
    assert holders([]) == holders({"rights": []}) == {}
    refused = await api.app.state.gate.refusals("ann", {"fly": Right("flight.begin", "execution")})
    assert refused == {
        "fly": ("request.forbidden", "the policy data.runbooks.service.allow does not allow flight.begin")
    }


async def test_an_auditor_verifies_what_they_may_not_read(api: Api) -> None:
    name = await kept(api)
    [review] = (await api.get("/reviews", "aud")).json()
    assert "evidence" not in review["evidence"][0]
    assert "evidence" in (await api.get(f"/reviews/{review['reviewId']}", "vic")).json()["evidence"][0]
    refused = await api.post(f"/reviews/{review['reviewId']}/decisions", {"decision": "rejected"}, "aud")
    assert refused.status_code == 403
    done = {"decision": "rejected", "reason": "there are no rows"}
    assert (await api.post(f"/reviews/{review['reviewId']}/decisions", done, "ben", {"If-Match": "1"})).is_success
    whole = await api.get(f"/runbooks/{name}/manifest.pcq", "vic", blocked=True)
    shown = await api.get(f"/runbooks/{name}/manifest.pcq", "aud", blocked=True)
    assert verify(whole.content, api.world.trust()).exit_code == 0
    for profile in ("integrity", "disclosure"):
        assert verify(shown.content, api.world.trust(), profile=profile).exit_code == 0
    assert SECRET in whole.text
    for path in ("steps/s", "steps/t", "replay", "values/inputs/s", "values/outputs/s", ""):
        answer = await api.get(f"/runbooks/{name}/{path}".rstrip("/"), "aud")
        assert answer.status_code == (403 if path.startswith("values") else 200), answer.text
        assert SECRET not in answer.text
    assert SECRET not in shown.text
    detail = (await api.get(f"/runbooks/{name}/steps/t", "aud")).json()
    assert "inputs" not in detail
    assert "evidence" not in detail["postconditions"][0]


async def test_who_asked_decides_on_no_route_whatever_their_roles(api: Api) -> None:
    await api.run("gated", "ben")
    [review] = (await api.get("/reviews", "ben")).json()
    for decision in ("approved", "rejected", "info-requested", "break-glass"):
        said = {"decision": decision, "reason": "I may"}
        answer = await api.post(f"/reviews/{review['reviewId']}/decisions", said, "ben", {"If-Match": '"1"'})
        assert (answer.status_code, answer.json()["code"]) == (403, "review.requester"), decision
    assert (await api.get("/reviews", "ben")).json()[0]["state"] == "open"


class TestPoliciesThatFail:
    """Fail closed: an error is no yes."""

    @pytest.fixture(
        params=[
            {"service.rego": "package runbooks.service\nallow if {"},
            {"service.rego": "package runbooks.service\nallow := 1"},
            {"service.rego": 'package runbooks.service\nallow if http.send({"method": "get", "url": "x"})'},
            {"service.rego": "package runbooks.service\nallow if input.subject.missing"},
            {"other.rego": "package runbooks.other\nallow := true"},
            {},
        ],
        ids=["syntax", "no boolean", "builtin", "undefined", "no such rule", "empty"],
    )
    def bundle(self, request: pytest.FixtureRequest) -> dict[str, Any]:
        return {"modules": request.param, "data": service_bundle()["data"]}

    async def test_a_policy_that_fails_denies(self, api: Api) -> None:
        for path in ("/executions", "/audit", "/me"):
            assert (await api.get(path)).status_code == 403
        assert (await api.post("/runbooks/execute", {"runbookId": "R"})).status_code == 403
        assert api.runner.executions() == []


async def test_the_policy_sees_the_question_in_the_standard_shape(api: Api) -> None:
    asked_of: list[tuple[str, Mapping[str, Any]]] = []

    class Listening:
        engine = "listening"

        async def decide(self, query: str, document: dict[str, Any]) -> str:
            asked_of.append((query, document))
            return "allow"

        async def close(self) -> None:
            pass

    gate = api.app.state.gate
    object.__setattr__(gate, "policy", Listening())
    await api.get("/runbooks/R-0001-000000/steps/s")
    query, document = asked_of[0]
    assert query == "data.runbooks.service.allow"
    assert document.keys() == {"subject", "action", "resource", "context"}
    assert document["subject"] == {"type": "user", "id": "ann"}
    assert (document["action"], document["resource"]["type"]) == ({"name": "step.read"}, "execution")
    assert document["resource"]["properties"] == {"execution_id": "R-0001-000000", "step_id": "s"}
    assert document["context"]["now"].endswith("Z")


async def test_what_is_in_no_table_is_for_nobody(api: Api) -> None:
    gate = api.app.state.gate
    assert await gate.allows("ann", VALUES)
    assert not await gate.allows("ann", Right("everything", "execution"))
