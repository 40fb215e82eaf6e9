"""The same request sent twice is done once: by a double press, after a lost answer, and across a restart."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from runbooks.adapters.answers import KEPT_SECONDS, SqliteAnswers
from runbooks.api.guard import GuardedRoute
from runbooks.api.once import Once
from runbooks.callers import Kept
from runbooks.canonical import digest_of

from services.runbooks.tests.api.conftest import Api
from services.runbooks.tests.gates import seconds_of

EXECUTE = "/runbooks/execute"
BODY: dict[str, Any] = {"runbookId": "R"}
KEY = {"Idempotency-Key": "7d3f5f0c-6a5e-4a3c-9a55-2f1f4f3b7c11"}


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_double_press_makes_one_run(api: Api) -> None:
    first, *rest = await asyncio.gather(*(api.post(EXECUTE, BODY, headers=KEY) for _ in range(5)))
    assert first.status_code == 202
    for answer in [*rest, await api.post(f"/api{EXECUTE}", {"runbookId": "R"}, headers=KEY)]:
        assert (answer.status_code, answer.content) == (202, first.content)
        assert answer.headers["location"] == first.headers["location"]
        assert answer.headers["content-type"] == first.headers["content-type"]
        assert answer.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(api.runner.executions()) == 1
    await api.post(EXECUTE, BODY)
    await api.post(EXECUTE, BODY, headers={"Idempotency-Key": "another"})
    assert len(api.runner.executions()) == 3


async def test_a_decision_is_said_once(api: Api) -> None:
    await api.run("gated")
    [review] = (await api.get("/reviews", "ben")).json()
    where, said = f"/reviews/{review['reviewId']}/decisions", {"decision": "rejected", "reason": "there are no rows"}
    first = await api.post(where, said, "ben", {**KEY, "If-Match": '"1"'})
    again = await api.post(where, said, "ben", {**KEY, "If-Match": '"1"'})
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert code_of(await api.post(where, said, "ben", {**KEY, "If-Match": '"2"'})) == (422, "request.idempotency")
    assert code_of(await api.post(where, said, "ben", {"If-Match": '"1"'}))[0] in (403, 409, 412)


async def test_a_key_belongs_to_one_request_of_one_subject(api: Api) -> None:
    assert (await api.post(EXECUTE, BODY, headers=KEY)).status_code == 202
    for body in ({"runbookId": "R", "purpose": "other"}, {"runbookId": "gated"}):
        assert code_of(await api.post(EXECUTE, body, headers=KEY)) == (422, "request.idempotency")
    name = api.runner.executions()[0].execution_id
    elsewhere = await api.post(f"/runbooks/{name}/cancel", {"reason": "x"}, headers=KEY)
    assert code_of(elsewhere) == (422, "request.idempotency")
    assert (await api.post(EXECUTE, BODY, "bob", KEY)).status_code == 202
    assert len(api.runner.executions()) == 2


async def test_who_may_not_is_told_so_and_not_what_another_was_told(api: Api) -> None:
    assert (await api.post(EXECUTE, BODY, headers=KEY)).status_code == 202
    for person, status in (("vic", 403), ("nobody", 401)):
        assert (await api.post(EXECUTE, BODY, person, KEY)).status_code == status


@pytest.mark.parametrize(
    ("body", "code"),
    [({"runbookId": "none"}, "runbook.unknown"), ({}, "request.invalid"), ({**BODY, "parameters": {"a": 1}}, None)],
    ids=str,
)
async def test_what_was_refused_may_be_sent_again_with_the_same_key(body: Any, code: str | None, api: Api) -> None:
    refused = await api.post(EXECUTE, body, headers=KEY)
    assert refused.status_code in (404, 422)
    assert code in (None, refused.json()["code"])
    assert (await api.post(EXECUTE, BODY, headers=KEY)).status_code == 202


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 129, '"a"b"', "\t"])
async def test_what_is_no_key_is_refused(key: str, api: Api) -> None:
    answer = await api.post(EXECUTE, BODY, headers={"Idempotency-Key": key.encode()})  # type: ignore[dict-item]
    assert code_of(answer) == (422, "request.idempotency_key")
    assert api.runner.executions() == []


async def test_a_key_in_quotes_is_the_same_key(api: Api) -> None:
    await api.post(EXECUTE, BODY, headers={"Idempotency-Key": '"k"'})
    assert "idempotency-replayed" in (await api.post(EXECUTE, BODY, headers={"Idempotency-Key": "k"})).headers


async def test_it_survives_a_restart_and_ends_after_a_day(api: Api, tmp_path: Path) -> None:
    first = await api.post(EXECUTE, BODY, headers=KEY)
    gate = api.app.state.gate
    with closing(SqliteAnswers(tmp_path / "answers.sqlite", seconds_of(api.world))) as answers:
        object.__setattr__(gate, "once", Once(answers))
        assert (await api.post(EXECUTE, BODY, headers=KEY)).content == first.content
        await api.world.clock.sleep(KEPT_SECONDS)
        assert (await api.post(EXECUTE, BODY, headers=KEY)).json()["executionId"] != first.json()["executionId"]
        assert len(api.runner.executions()) == 2


async def test_what_a_dead_process_began_is_a_question_and_no_second_run(api: Api, tmp_path: Path) -> None:
    asked = digest_of(["POST", EXECUTE, "", BODY, None])
    with closing(SqliteAnswers(tmp_path / "answers.sqlite", seconds_of(api.world))) as answers:
        assert answers.begin("ann", KEY["Idempotency-Key"], asked) is None
        assert answers.begin("ann", KEY["Idempotency-Key"], asked) == Kept(asked, None, {}, b"")
    answer = await api.post(EXECUTE, BODY, headers=KEY)
    assert code_of(answer) == (409, "request.idempotency_unknown")
    assert api.runner.executions() == []


async def test_a_failure_of_ours_is_no_invitation_to_do_it_twice(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    start = api.runner.start

    def broken(*args: Any, **named: Any) -> Any:
        start(*args, **named)
        raise KeyError("after it was done")

    monkeypatch.setattr(api.runner, "start", broken)
    assert (await api.post(EXECUTE, BODY, headers=KEY)).status_code == 500
    assert code_of(await api.post(EXECUTE, BODY, headers=KEY)) == (409, "request.idempotency_unknown")
    assert len(api.runner.executions()) == 1


async def test_every_changing_route_behind_the_gate_says_that_it_takes_a_key(api: Api) -> None:
    document = (await api.http.get("/openapi.json")).json()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            names = [parameter["name"] for parameter in operation.get("parameters", [])]
            assert names.count("Idempotency-Key") == (method not in ("get", "head") and path != "/session"), path
    assert GuardedRoute.unfinished == set()
