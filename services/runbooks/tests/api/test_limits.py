"""Limits of requests: size, form, rate, number, time; and the headers of every answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from runbooks.api.limits import Limits, RateLimit, read_limits
from runbooks.api.rights import RIGHTS
from runbooks.errors import SettingsError

from services.runbooks.tests.api.conftest import Api
from services.runbooks.tests.api.routes import address, routes
from services.runbooks.tests.gates import LIMITS
from services.runbooks.tests.simulator import define, step

EXECUTE = "/runbooks/execute"
JSON = {"Content-Type": "application/json"}


def nested(depth: int) -> str:
    """A body of that depth."""
    return '{"runbookId": "R", "parameters": ' + '{"a":' * (depth - 1) + "1" + "}" * (depth - 1) + "}"


async def sent(api: Api, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    answer = await api.http.post(EXECUTE, content=body, headers={**api.of("ann"), **JSON, **headers})
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    ("body", "code", "where"),
    [
        ('{"runbookId": "R", "runbookId": "Q"}', "json.duplicate", "/runbookId"),
        ('{"runbookId": "R", "parameters": {"a": {"b": 1, "b": 1}}}', "json.duplicate", "/parameters/a/b"),
        ('{"runbookId": "R", "parameters": {"a": NaN}}', "json.syntax", "column 40"),
        ('{"runbookId": "R", "parameters": {"a": -Infinity}}', "json.syntax", "column"),
        ('{"runbookId": "R", "parameters": {"a": 1e999}}', "json.syntax", "column"),
        ('{"runbookId": "R", "parameters": {"a": 9007199254740993}}', "json.number", "/parameters/a"),
        ('{"runbookId": "\\ud800"}', "json.syntax", "column"),
        ("{'runbookId': 'R'}", "json.syntax", "column"),
        ("", "json.syntax", "not JSON"),
        (b'\xef\xbb\xbf{"runbookId": "R"}', "json.syntax", "column"),
        (b'{"runbookId": "\xff"}', "json.syntax", "UTF-8"),
        (nested(49), "json.depth", "48 levels"),
        (nested(100_000), "json.syntax", "limit"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_body_that_two_could_read_differently_is_refused_and_said_where(
    body: Any, code: str, where: str, api: Api
) -> None:
    status, problem = await sent(api, body)
    assert (status, problem["code"]) == (422, code), problem
    assert where in problem["detail"]
    assert api.runner.executions() == []


async def test_a_body_at_the_limit_of_depth_is_taken(api: Api) -> None:
    status, problem = await sent(api, nested(48))
    assert (status, problem["code"]) == (422, "parameter.invalid"), "R has no parameters"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": ""},
        {"Content-Encoding": "gzip"},
    ],
    ids=str,
)
async def test_another_content_type_is_refused(headers: dict[str, str], api: Api) -> None:
    status, problem = await sent(api, '{"runbookId": "R"}', **headers)
    assert (status, problem["code"]) == (415, "request.media_type")


async def test_a_body_is_counted_while_it_is_read(api: Api) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 65_536
            yield b" " * 65_536

    status, problem = await sent(api, endless())
    assert (status, problem["code"]) == (413, "request.too_large")
    assert given <= LIMITS.body + 2 * 65_536
    status, problem = await sent(api, b" " * (LIMITS.body + 1))
    assert (status, problem["code"]) == (413, "request.too_large")


async def test_every_body_refuses_members_that_it_does_not_have(api: Api) -> None:
    document = (await api.http.get("/openapi.json")).json()
    bodies = 0
    for path, item in document["paths"].items():
        for method, operation in item.items():
            content = operation.get("requestBody", {}).get("content", {})
            if not content:
                continue
            bodies += 1
            name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
            schema = document["components"]["schemas"][name]
            assert schema["additionalProperties"] is False, name
            assert schema["examples"], name
            for extra in ("executedBy", "approver", "outcome", "__proto__", "model_config"):
                body = {**schema["examples"][0], extra: "eve"}
                answer = await api.http.request(method, address(path), json=body, headers=api.of("ann"))
                assert answer.status_code == 422, answer.text
                assert f"/body/{extra}" in answer.text
    assert bodies == sum(method == "POST" for method, _ in RIGHTS) + 1, "signing in has a body too"


async def test_a_query_parameter_that_a_route_does_not_have_is_refused(api: Api) -> None:
    for (method, path), _ in routes(api.app).items():
        if method == "GET" and path.startswith(("/executions", "/reviews", "/runbooks", "/templates", "/me", "/audit")):
            answer = await api.http.get(address(path), headers=api.of("aud"), params={"admin": "1"})
            assert answer.status_code in (403, 422), path
            assert answer.status_code == 403 or "admin" in answer.text


async def test_every_answer_has_the_headers_that_keep_a_browser_from_doing_more(api: Api) -> None:
    answers = [
        await api.http.get("/health"),
        await api.http.get("/executions"),
        await api.get("/executions"),
        await api.get("/none"),
        await api.http.delete("/executions", headers=api.of("ann")),
        await api.http.options("/executions", headers={"Origin": "https://evil.example", **api.of("ann")}),
    ]
    assert [answer.status_code for answer in answers] == [200, 401, 200, 404, 405, 405]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert not [name for name in answer.headers if name.startswith("access-control")]
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
    assert len({answer.headers["x-request-id"] for answer in answers}) == len(answers)


def test_a_bucket_refills_and_is_one_for_each() -> None:
    now = [100.0]
    rate = RateLimit(2.0, 3, lambda: now[0])
    assert [rate.wait("ann") for _ in range(5)] == [0, 0, 0, 1, 1]
    assert rate.wait("ben") == 0
    assert (rate.take_refused("ann"), rate.take_refused("ann"), rate.take_refused("eve")) == (2, 0, 0)
    now[0] += 0.5
    assert [rate.wait("ann"), rate.wait("ann")] == [0, 1]
    now[0] += 1000
    assert [rate.wait("ann") for _ in range(4)] == [0, 0, 0, 1]


def test_settings_state_limits_and_what_is_none_is_named() -> None:
    assert read_limits({}) == Limits()
    assert read_limits({"rate": 5, "executions": 3}) == Limits(rate=5, executions=3)
    for stated, named in (
        ({"speed": 1}, "unknown limit speed"),
        ({"body": 1.5}, "body must be a whole number"),
        ({"executions": True}, "executions must be a whole number"),
        ({"rate": 0}, "rate must be a number above 0"),
        ({"seconds": "60"}, "seconds must be a number"),
    ):
        with pytest.raises(SettingsError, match=named):
            read_limits(stated)


class TestTooFast:
    """One subject's bucket is empty, and nobody else's."""

    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(rate=0.001, burst=2)

    async def test_who_asks_too_much_waits_and_the_trail_says_how_often(self, api: Api) -> None:
        first = await api.post(EXECUTE, {"runbookId": "none"})
        assert first.status_code == 404
        await api.get("/executions")
        for _ in range(3):
            answer = await api.post(EXECUTE, {"runbookId": "none"})
            assert (answer.status_code, answer.json()["code"]) == (429, "request.too_many")
            assert int(answer.headers["retry-after"]) > 900
        assert (await api.get("/executions", "ben")).status_code == 200
        # A flood has no record each, or it would fill the disk: the next record says how many there were.
        assert [record["turnedAway"] for record in api.audit.page(None, 9)[0]] == [0]
        api.app.state.gate.rate.rate = 1e9
        await api.post(EXECUTE, {"runbookId": "none"})
        assert [record["turnedAway"] for record in api.audit.page(None, 9)[0]] == [3, 0]

    async def test_strangers_share_one(self, api: Api) -> None:
        found = [(await api.http.post(EXECUTE, headers={"Authorization": f"Bearer {n}"})).status_code for n in range(4)]
        assert found == [401, 401, 429, 429]
        assert len(api.audit.page(None, 9)[0]) == 2


class TestTooMuchOrTooLong:
    """Executions under way, and answers that take their time."""

    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(rate=1e6, burst=1_000_000, executions=1, seconds=0.2)

    async def test_executions_under_way_are_counted_for_each_subject(self, api: Api) -> None:
        go = asyncio.Event()

        async def wait() -> list[Any]:
            await go.wait()
            return []

        api.world.graph.script.replies["SLOW"] = [wait]
        api.definitions["slow"] = define(step("s", "query", dependsOn=[], cypher="SLOW"), runbookId="slow")
        assert (await api.post(EXECUTE, {"runbookId": "slow"})).status_code == 202
        refused = await api.post(EXECUTE, {"runbookId": "R"})
        assert (refused.status_code, refused.json()["code"]) == (429, "request.too_many_executions")
        assert refused.headers["retry-after"]
        assert (await api.post(EXECUTE, {"runbookId": "R"}, "bob")).status_code == 202
        go.set()
        async with asyncio.timeout(10):
            while (await api.post(EXECUTE, {"runbookId": "R"})).status_code != 202:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def test_an_answer_that_does_not_come_is_a_problem(self, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        ended = asyncio.Event()

        async def slow(execution_id: str, reason: str = "") -> Any:
            await asyncio.sleep(0.5)
            ended.set()
            return api.runner.get_status(execution_id)

        name = await api.run("gated")
        monkeypatch.setattr(api.runner, "cancel", slow)
        answer = await api.post(f"/runbooks/{name}/cancel", {"reason": "not needed"})
        assert (answer.status_code, answer.json()["code"]) == (504, "request.timeout")
        assert "goes on" in answer.json()["detail"]
        async with asyncio.timeout(5):
            await ended.wait()
        monkeypatch.setattr(api.runner, "replay", slow)
        ended.clear()
        answer = await api.get(f"/runbooks/{name}/replay")
        assert (answer.status_code, answer.json()["code"]) == (504, "request.timeout")
        await asyncio.sleep(0.6)
        assert not ended.is_set(), "what only reads is ended"

    async def test_a_body_that_does_not_come_is_a_problem(self, api: Api) -> None:
        async def never() -> AsyncIterator[bytes]:
            yield b"{"
            await asyncio.sleep(30)

        status, problem = await sent(api, never())
        assert (status, problem["code"]) == (408, "request.slow")


async def test_an_error_of_ours_tells_nothing_of_itself(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise KeyError("a secret of the house")

    monkeypatch.setattr(api.runner, "start", broken)
    status, problem = await sent(api, json.dumps({"runbookId": "R"}))
    assert (status, problem["code"]) == (500, "runbooks.internal")
    assert "secret" not in json.dumps(problem)
    assert api.audit.page(None, 1)[0][0]["status"] == 500
