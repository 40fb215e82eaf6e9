"""One execution over HTTP: what can be done with it, its steps, their values, and its cancellation."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import pytest
from runbooks.api.ranges import ranged

from services.runbooks.tests.api.conftest import Api
from services.runbooks.tests.simulator import define, step

ALWAYS = ("rerun", "fork", "values")


def enabled(found: dict[str, Any]) -> set[str]:
    assert all(item["enabled"] == (item["reason"] is None) == (item["code"] is None) for item in found["actions"])
    return {item["name"] for item in found["actions"] if item["enabled"]}


async def test_actions_say_what_can_be_done_now_and_why_the_rest_cannot(api: Api) -> None:
    done, held = await api.run(), await api.run("gated")
    assert enabled((await api.get(f"/runbooks/{done}")).json()) == {"replay", "manifest", *ALWAYS}
    waiting = (await api.get(f"/runbooks/{held}")).json()
    assert enabled(waiting) == {"cancel", "pause", *ALWAYS}
    reasons = {item["name"]: item["reason"] for item in waiting["actions"]}
    assert "prover some blocked it at step s" in reasons["manifest"]
    [review] = (await api.get("/reviews", "ann")).json()
    assert enabled(review) == set(), "who asks does not decide"
    [review] = (await api.get("/reviews", "ben")).json()
    assert enabled(review) == {"approved", "rejected", "info-requested", "break-glass"}
    answer = await api.post(f"/runbooks/{held}/cancel", {"reason": "not needed any more"}, "bob")
    assert answer.status_code == 200, answer.text
    ended = answer.json()
    assert (ended["outcome"], enabled(ended)) == ("blocked", {"replay", "manifest-of-block", *ALWAYS})
    [review] = (await api.get("/reviews", "ben")).json()
    assert (review["state"], enabled(review)) == ("closed", set())


async def test_a_pause_outlasts_everything_but_its_end(api: Api) -> None:
    steps = step("ask", "approval", dependsOn=[], question="May we?"), step("s", "transform", expression="1")
    api.definitions["asking"] = define(*steps, runbookId="asking")
    name = await api.run("asking")
    position = (await api.get(f"/runbooks/{name}")).json()["position"]
    stream = api.hub.stream([f"execution:{name}"], position)
    answer = await api.post(f"/runbooks/{name}/pause", {"reason": "the source is being moved"}, "bob")
    found = answer.json()
    assert (answer.status_code, found["outcome"], enabled(found)) == (200, "paused", {"cancel", "resume", *ALWAYS})
    assert (found["paused"]["by"], found["paused"]["reason"]) == ("bob", "the source is being moved")
    assert {item["name"]: item["code"] for item in found["actions"]}["pause"] == "execution.paused"
    told = await anext(stream)
    assert b"event: PauseRequested" in told
    assert b'"outcome":"paused"' in told
    [item] = (await api.get("/executions", outcome="paused")).json()["items"]
    assert item["executionId"] == name
    [review] = (await api.get("/reviews")).json()
    said = {"decision": "approved", "reason": "seen"}
    await api.post(f"/reviews/{review['reviewId']}/decisions", said, "ben", {"If-Match": '"1"'})
    answer = await api.post(f"/runbooks/{name}/resume", {"reason": "it is back"}, "adm")
    assert (answer.status_code, answer.json()["paused"]) == (200, None)
    async with asyncio.timeout(10):
        while (await api.get(f"/runbooks/{name}")).json()["endedAt"] is None:  # noqa: ASYNC110
            await asyncio.sleep(0)
    kept = [(item["who"], item["action"], item["reason"]) for item in api.audit.page(None, 10)[0]]
    assert ("bob", "execution.pause", "the source is being moved") in kept
    assert ("adm", "execution.resume", "it is back") in kept


async def test_what_is_over_is_not_paused_and_what_is_not_paused_not_resumed(api: Api) -> None:
    done, held = await api.run(), await api.run("gated")
    why = {"reason": "why not"}
    for name, way, code in ((done, "pause", "execution.over"), (held, "resume", "execution.not_paused")):
        answer = await api.post(f"/runbooks/{name}/{way}", why)
        assert (answer.status_code, answer.json()["code"]) == (409, code)
        assert (await api.post(f"/runbooks/{name}/{way}", {})).status_code == 422
        assert (await api.post(f"/runbooks/{name}/{way}", why, "vic")).status_code == 403
        assert (await api.post(f"/runbooks/none/{way}", why)).status_code == 404


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": 1}, {"reason": "x", "outcome": "completed"}, []])
async def test_a_cancel_needs_a_reason_and_nothing_else(body: Any, api: Api) -> None:
    name = await api.run("gated")
    answer = await api.post(f"/runbooks/{name}/cancel", body)
    assert answer.status_code == 422
    assert (await api.get(f"/runbooks/{name}")).json()["outcome"] == "held"


async def test_a_step_shows_what_went_in_what_came_out_and_what_was_signed(api: Api) -> None:
    name = await api.run()
    found = (await api.get(f"/runbooks/{name}/steps/s")).json()
    assert (found["type"], found["inputs"], found["outputs"], found["outcome"]) == ("transform", {}, 42, "done")
    assert found["definition"]["expression"] == "42"
    assert found["attestation"]["attestationHash"].startswith("sha256:")
    assert found["attestation"]["core"]["stepId"] == "s"
    held = (await api.get(f"/runbooks/{await api.run('gated')}/steps/s")).json()
    assert (held["state"], held["attestation"]) == ("held", None)
    assert held["postconditions"][0]["reason"] == "row_count.too_few"
    assert held["reviews"]
    for path in (f"/runbooks/{name}/steps/none", f"/runbooks/{name}/values/outputs/none"):
        answer = await api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "step.unknown")


async def test_a_large_value_is_fetched_by_its_digest_and_in_ranges(api: Api) -> None:
    large = define(step("a/b", "transform", dependsOn=[], expression="{'text': $pad('x', 100000)}"), runbookId="large")
    api.definitions["large"] = large
    name = await api.run("large")
    marker = (await api.get(f"/runbooks/{name}/steps/a/b")).json()["outputs"]
    address = f"/runbooks/{name}/values/outputs/a/b"
    whole = await api.get(address)
    assert whole.headers["etag"] == f'"{marker["$digest"]}"'
    assert hashlib.sha256(whole.content).hexdigest() == marker["$digest"].removeprefix("sha256:")
    assert (len(whole.content), json.loads(whole.content)["text"][:3]) == (marker["size"], "x  ")
    part = await api.http.get(address, headers={**api.of("ann"), "Range": "bytes=0-8"})
    assert (part.status_code, part.content) == (206, b'{"text":"')
    assert (await api.get(f"/runbooks/{name}/values/secrets/a/b")).status_code == 422


@pytest.mark.parametrize(
    ("asked", "status", "body", "told"),
    [
        ({}, 200, b"0123456789", None),
        ({"range": "bytes=2-4"}, 206, b"234", "bytes 2-4/10"),
        ({"range": "bytes=7-"}, 206, b"789", "bytes 7-9/10"),
        ({"range": "bytes=7-99"}, 206, b"789", "bytes 7-9/10"),
        ({"range": "bytes=-3"}, 206, b"789", "bytes 7-9/10"),
        ({"range": "bytes=-99"}, 206, b"0123456789", "bytes 0-9/10"),
        ({"range": "bytes=-0"}, 416, b"", "bytes */10"),
        ({"range": "bytes=10-"}, 416, b"", "bytes */10"),
        ({"range": "bytes=5-2"}, 416, b"", "bytes */10"),
        ({"range": "bytes=0-1,3-4"}, 200, b"0123456789", None),
        ({"range": "lines=0-1"}, 200, b"0123456789", None),
        ({"range": "bytes=2-4", "if-range": '"other"'}, 200, b"0123456789", None),
    ],
)
def test_one_range_is_answered_as_the_standard_says(
    asked: dict[str, str], status: int, body: bytes, told: str | None
) -> None:
    answer = ranged(b"0123456789", asked)
    assert (answer.status_code, answer.body, answer.headers.get("content-range")) == (status, body, told)
    again = ranged(b"0123456789", {**asked, "if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.body) == (304, b"")
