"""The audit trail: one record for every change that was asked for, whatever became of it, and no values in it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from runbooks.adapters.ledger.sqlite import SqliteLedger
from runbooks.audit import AuditRecord, AuditTrail, Wanted
from runbooks.errors import LedgerError

from services.runbooks.tests.api.conftest import Api
from services.runbooks.tests.simulator import define, step

SECRET = "a value that nobody may read"
MADE = {"execute": 202, "rerun": 202, "fork": 202, "schedules": 201}
CHANGING = {"post", "put", "patch", "delete"}


def records(api: Api) -> list[dict[str, Any]]:
    """All of them, the oldest first."""
    items, after = api.audit.page(None, 200)
    assert after is None
    return list(items)[::-1]


async def successes(api: Api) -> dict[str, tuple[str, dict[str, Any], dict[str, str]]]:
    """For each changing path of the document: an address, a body and headers that work."""
    held = await api.run("gated", "ann")
    ended = await api.run("gated", "bob")
    paused = await api.run("gated", "eve")
    await api.post(f"/runbooks/{paused}/pause", {"reason": "wait"})
    api.definitions["chosen"] = define(
        step("s", "transform", dependsOn=[], expression="1"),
        runbookId="chosen",
        parameters={"type": "object", "properties": {"n": {"type": "integer"}}},
    )
    chosen = await api.run("chosen")
    for _ in range(2):
        await api.post("/schedules", {"runbookId": "R", "cron": "0 6 * * 1"})
    await api.post("/schedules/S2/pause", {"reason": "wait"})
    review = next(item for item in (await api.get("/reviews")).json() if item["executionId"] == held)
    said = {"decision": "rejected", "reason": "there are no rows"}
    return {
        "/runbooks/execute": ("/runbooks/execute", {"runbookId": "R"}, {}),
        "/schedules": ("/schedules", {"runbookId": "R", "cron": "0 6 * * 1"}, {}),
        "/schedules/{schedule_id}/pause": ("/schedules/S1/pause", {"reason": "wait"}, {}),
        "/schedules/{schedule_id}/resume": ("/schedules/S2/resume", {"reason": "go on"}, {}),
        "/schedules/{schedule_id}/delete": ("/schedules/S1/delete", {"reason": "not needed"}, {}),
        "/runbooks/dry-run": ("/runbooks/dry-run", {"runbookId": "R"}, {}),
        "/runbooks/{execution_id}/cancel": (f"/runbooks/{ended}/cancel", {"reason": "not needed"}, {}),
        "/runbooks/{execution_id}/pause": (f"/runbooks/{held}/pause", {"reason": "wait"}, {}),
        "/runbooks/{execution_id}/resume": (f"/runbooks/{paused}/resume", {"reason": "go on"}, {}),
        "/runbooks/{execution_id}/rerun": (f"/runbooks/{ended}/rerun", {"reason": "once more"}, {}),
        "/runbooks/{execution_id}/fork": (f"/runbooks/{chosen}/fork", {"parameters": {"n": 2}}, {}),
        "/reviews/{review_id}/decisions": (f"/reviews/{review['reviewId']}/decisions", said, {"If-Match": '"1"'}),
    }


async def test_every_changing_route_leaves_one_record_when_it_is_done_and_when_it_is_refused(api: Api) -> None:
    document = (await api.http.get("/openapi.json")).json()
    changing = [(path, method) for path, item in document["paths"].items() for method in item if method in CHANGING]
    working = await successes(api)
    assert {path for path, _ in changing} == working.keys()
    for path, method in changing:
        where, body, headers = working[path]
        tries = [
            (None, body, 401),
            ("mal", body, 403),
            ("ben", {**body, "owner": "eve"}, 422),
            ("ben", [], 422),
            ("ben", body, MADE.get(path.rpartition("/")[2], 200)),
        ]
        for person, sent, status in tries:
            before = len(records(api))
            known = api.of(person) if person else {}
            answer = await api.http.request(method, where, json=sent, headers={**known, **headers})
            assert answer.status_code == status, answer.text
            [record] = records(api)[before:]
            assert (record["who"], record["status"]) == (person, status)
            assert record["requestId"] == answer.headers["x-request-id"]
            assert record["code"] == (answer.json()["code"] if status >= 400 else None)


async def test_a_record_says_who_did_what_to_what_when_and_why(api: Api) -> None:
    name = await api.run("gated", "ann")
    await api.post(f"/runbooks/{name}/cancel", {"reason": "not needed any more"}, "bob")
    await api.post("/runbooks/execute", {"runbookId": "none"}, "eve")
    started, cancelled, unknown = records(api)
    assert (started["who"], started["action"], started["object"], started["made"]) == (
        *("ann", "execution.start", "gated"),
        name,
    )
    assert (cancelled["who"], cancelled["action"], cancelled["resource"]) == ("bob", "execution.cancel", "execution")
    assert (cancelled["object"], cancelled["reason"], cancelled["status"]) == (name, "not needed any more", 200)
    assert (unknown["object"], unknown["code"], unknown["made"]) == ("none", "runbook.unknown", None)
    assert started["at"] < cancelled["at"] < unknown["at"]


async def test_no_value_is_in_it_and_reading_leaves_no_record(api: Api, tmp_path: Path) -> None:
    for body in (
        {"runbookId": "R", "parameters": {"secret": SECRET}},
        {"runbookId": SECRET, "parameters": {}},
        {"runbookId": "R", "purpose": [SECRET]},
        {SECRET: 1},
    ):
        await api.post("/runbooks/execute", body)
    for path in ("/executions", "/reviews", "/audit", f"/runbooks/{SECRET}"):
        await api.get(path, "adm")
    await api.post(f"/runbooks/{SECRET}/cancel", {"reason": "x" * 5000})
    assert len(records(api)) == 5
    assert SECRET not in json.dumps(records(api))
    assert all(len(record["reason"] or "") <= 4000 for record in records(api))


async def test_it_is_read_page_by_page_by_those_who_may(api: Api) -> None:
    for number in range(7):
        await api.post("/runbooks/execute", {"runbookId": f"none-{number}"})
    found: list[str] = []
    page = (await api.get("/audit", "aud", limit=3)).json()
    while True:
        found += [item["object"] for item in page["items"]]
        if page["next"] is None:
            break
        page = (await api.get("/audit", "adm", limit=3, cursor=page["next"])).json()
    assert found == [f"none-{number}" for number in range(6, -1, -1)]
    assert (await api.get("/audit", "ann")).status_code == 403
    for query in ({"limit": 0}, {"limit": 201}, {"cursor": "x"}, {"whom": "ann"}):
        assert (await api.get("/audit", "aud", **query)).status_code == 422


async def test_it_can_be_asked_for_a_part(api: Api) -> None:
    name = await api.run("gated", "ann")
    await api.post(f"/runbooks/{name}/cancel", {"reason": "not needed any more"}, "bob")
    await api.post("/runbooks/execute", {"runbookId": "none"}, "eve")
    started, cancelled, unknown = records(api)

    async def numbers(**query: str) -> list[int]:
        answer = await api.get("/audit", "aud", **query)
        assert answer.status_code == 200, answer.text
        return [item["seq"] for item in answer.json()["items"]]

    assert await numbers(who="bob") == [cancelled["seq"]]
    assert await numbers(action="execution.start") == [unknown["seq"], started["seq"]]
    assert await numbers(action="execution.start", who="ann") == [started["seq"]]
    # An execution is found by what made it, too.
    assert await numbers(object=name) == [cancelled["seq"], started["seq"]]
    assert await numbers(**{"from": cancelled["at"]}) == [unknown["seq"], cancelled["seq"]]
    assert await numbers(to=cancelled["at"]) == [cancelled["seq"], started["seq"]]
    assert await numbers(who="mal") == []
    for query in ({"from": "2026-02-30T00:00:00Z"}, {"to": "today"}, {"who": ""}, {"object": "x" * 257}):
        assert (await api.get("/audit", "aud", **query)).status_code == 422


def test_what_is_rare_is_found_page_by_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runbooks.audit._BATCH", 4)
    monkeypatch.setattr("runbooks.audit._MOST_BATCHES", 2)
    with closing(AuditTrail(SqliteLedger(tmp_path / "audit.sqlite"))) as trail:
        for number in range(21):
            who = "ann" if number in (0, 12, 13, 20) else "bob"
            at = f"2026-01-01T00:00:{number:02}Z"
            trail.record(AuditRecord(at, who, "execution.start", "runbook", "R", 202, None, None, None, "r"))
        pages: list[list[int]] = []
        before: int | None = None
        while True:
            items, before = trail.page(before, 2, Wanted(who="ann"))
            pages.append([item["seq"] for item in items])
            if before is None:
                break
    assert [number for page in pages for number in page] == [21, 14, 13, 1]
    assert max(len(page) for page in pages) == 2


async def test_nothing_of_it_changes_or_goes_unnoticed(api: Api, tmp_path: Path) -> None:
    for number in range(3):
        await api.post("/runbooks/execute", {"runbookId": f"none-{number}"})
    assert api.audit.verify() == 3
    with closing(sqlite3.connect(tmp_path / "audit.sqlite")) as connection:
        for statement in ("DELETE FROM entries", "UPDATE entries SET kind = 'x'"):
            with pytest.raises(sqlite3.DatabaseError, match="append-only"):
                connection.execute(statement)
        connection.execute("DROP TRIGGER no_update")
        connection.execute(
            "UPDATE entries SET body = CAST(replace(CAST(body AS TEXT), 'none-1', 'none-9') AS BLOB) WHERE seq = 2"
        )
        connection.commit()
    changed = "audit trail: ledger entry 2 is not what was recorded"
    with (
        closing(AuditTrail(SqliteLedger(tmp_path / "audit.sqlite"))) as trail,
        pytest.raises(LedgerError, match=changed),
    ):
        trail.verify()


async def test_what_cannot_be_recorded_is_told_as_a_failure(api: Api, tmp_path: Path) -> None:
    api.audit.close()
    answer = await api.post("/runbooks/execute", {"runbookId": "none"})
    assert (answer.status_code, answer.json()["code"]) == (500, "ledger.error")
