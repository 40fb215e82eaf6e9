"""Every role and every route of the document: who may, written out, and asked by token and by session."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from services.runbooks.tests.api.conftest import Api, client_of
from services.runbooks.tests.gates import ORIGIN, service_bundle

ROLES = ("viewer", "operator", "approver", "ombuds", "auditor", "admin", "monitor", "none")
# One letter a role, in that order: `y` may, `-` may not. A route of the document that is not here fails the test.
MAY = {
    "GET /health": "yyyyyyyy",
    "GET /ready": "yyyyyyyy",
    "GET /me": "yyyyyy--",
    "GET /trust": "yyyyyy--",
    "GET /policies": "yyyyyy--",
    "GET /licences": "yyyyyy--",
    "GET /audit": "----yy--",
    "GET /executions": "yyyyyy--",
    "GET /events": "yyyyyy--",
    "GET /templates": "yyyyyy--",
    "GET /templates/{runbook_id}": "yyyyyy--",
    "POST /runbooks/execute": "-y------",
    "GET /runbooks/{execution_id}": "yyyyyy--",
    "GET /runbooks/{execution_id}/log": "yyyyyy--",
    "POST /runbooks/{execution_id}/cancel": "-y---y--",
    "GET /runbooks/{execution_id}/replay": "yyyyyy--",
    "GET /runbooks/{execution_id}/manifest.pcq": "yyyyyy--",
    "GET /runbooks/{execution_id}/steps/{step_id}": "yyyyyy--",
    "GET /runbooks/{execution_id}/values/{section}/{step_id}": "yyyy----",
    "GET /executions/histogram": "yyyyyy--",
    "GET /templates/{runbook_id}/versions/{digest}": "yyyyyy--",
    "POST /runbooks/dry-run": "-y------",
    "POST /runbooks/{execution_id}/pause": "-y---y--",
    "POST /runbooks/{execution_id}/resume": "-y---y--",
    "POST /runbooks/{execution_id}/rerun": "-y------",
    "POST /runbooks/{execution_id}/fork": "-y------",
    "GET /runbooks/{execution_id}/parameters": "yyyy----",
    "GET /schedules": "yyyyyy--",
    "POST /schedules": "-y------",
    "GET /schedules/{schedule_id}": "yyyyyy--",
    "POST /schedules/{schedule_id}/pause": "-y---y--",
    "POST /schedules/{schedule_id}/resume": "-y---y--",
    "POST /schedules/{schedule_id}/delete": "-y---y--",
    "GET /metrics": "-----yy-",
    "GET /keys": "yyyyyy--",
    "GET /reviews": "yyyyyy--",
    "GET /reviews/{review_id}": "yyyyyy--",
    "POST /reviews/{review_id}/decisions": "-yyy----",
    # Whoever signs in is nobody yet: the code decides. Whoever has no session may end none.
    "POST /session": "yyyyyyyy",
    "DELETE /session": "yyyyyyyy",
}
# People of tests/gates.py, one for each role.
PEOPLE = dict(zip(ROLES, ("vic", "olga", "cat", "ben", "aud", "adm", "mon", "mal"), strict=True))
MEMBERS = {role: [person] for role, person in PEOPLE.items() if role != "none"}
# `info-given` decides nothing: it is what the requester may say when somebody asked.
DECISIONS = ("approved", "rejected", "info-requested", "break-glass")


@pytest.fixture
def bundle() -> dict[str, Any]:
    """One person a role; `ann` has them all."""
    return service_bundle({role: [*people, "ann"] for role, people in MEMBERS.items()})


async def operations(api: Api) -> list[str]:
    document = (await api.http.get("/openapi.json")).json()
    return [f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item]


async def test_the_table_has_every_route_of_the_document_and_no_other(api: Api) -> None:
    assert set(await operations(api)) == MAY.keys()
    assert {len(row) for row in MAY.values()} == {len(ROLES)}


async def signed_in(api: Api, person: str) -> httpx.AsyncClient:
    """A client with a session of that person; one without a role gets none, nor does a program that only watches."""
    client = client_of(api.app, headers={"Origin": ORIGIN})
    answer = await client.post("/session", json={"code": api.app.state.gate.sessions.offer(person)})
    assert answer.is_success == (person not in (PEOPLE["none"], PEOPLE["monitor"]))
    return client


def request_of(operation: str, known: dict[str, str]) -> tuple[str, str, dict[str, Any]]:
    method, path = operation.split(" ")
    address = re.sub(r"{(\w+)}", lambda found: known[found[1]], path)
    named: dict[str, Any] = {"params": {"topics": "nothing"}} if path == "/events" else {}
    # Bodies that no route takes: who may is told so, and nothing is changed for those who come after.
    return method, address, {**named, **({"json": {"no": "body"}} if method not in ("GET", "DELETE") else {})}


@pytest.mark.parametrize("by", ["token", "session"])
@pytest.mark.parametrize("role", ROLES)
async def test_each_role_may_do_what_the_table_says(role: str, by: str, api: Api) -> None:
    name = await api.run("gated", "ann")
    [review] = (await api.get("/reviews", "ann")).json()
    known = {"execution_id": name, "step_id": "s", "runbook_id": "R", "section": "outputs"}
    known |= {"schedule_id": "none", "digest": api.definitions["R"].digest}
    known["review_id"] = review["reviewId"]
    person, column = PEOPLE[role], ROLES.index(role)
    client = api.http if by == "token" else await signed_in(api, person)
    # Last, for it ends the session.
    for operation in sorted(MAY, key=lambda item: item == "DELETE /session"):
        method, address, named = request_of(operation, known)
        headers = api.of(person) if by == "token" else {}
        answer = await client.request(method, address, headers=headers, **named)
        turned_away, may = answer.status_code in (401, 403), MAY[operation][column] == "y"
        if role == "monitor" and by == "session":
            may = MAY[operation][-1] == "y"  # a program has a token, and no session
        assert turned_away != may, (operation, answer.status_code, answer.text)
        if turned_away:
            no_session = role in ("none", "monitor") and by == "session"
            expected = "request.not_signed_in" if no_session else "request.forbidden"
            assert answer.json()["code"] == expected, operation
        else:
            assert answer.status_code < 500, operation


@pytest.mark.parametrize("by", ["token", "session"])
@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("monitor", "none")])
async def test_who_asked_decides_on_no_route_whatever_their_role(role: str, by: str, api: Api) -> None:
    """They ran it when they might, and have that role now; and `ann`, who has every role."""
    for person in (PEOPLE[role], "ann"):
        definition = api.definitions["gated"]
        execution, _ = api.runner.start(definition, {}, executed_by=person, purpose=None)
        assert execution.started is not None
        await api.runner.resume(execution.started.execution_id)
        review = next(
            item
            for item in (await api.get("/reviews", "ann")).json()
            if item["executionId"] == execution.started.execution_id
        )
        client = api.http if by == "token" else await signed_in(api, person)
        headers = {**(api.of(person) if by == "token" else {}), "If-Match": f'"{review["version"]}"'}
        for decision in DECISIONS:
            said = {"decision": decision, "reason": "I may"}
            answer = await client.post(f"/reviews/{review['reviewId']}/decisions", json=said, headers=headers)
            found = answer.json()
            assert answer.status_code == 403, (role, decision, found)
            assert found["code"] in ("review.requester", "request.forbidden"), decision
        after = (await api.get(f"/reviews/{review['reviewId']}", "ann")).json()
        assert (after["state"], after["version"]) == ("open", review["version"])
