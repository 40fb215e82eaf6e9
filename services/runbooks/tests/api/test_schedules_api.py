"""Schedules over HTTP: set up in the caller's name, shown with what can be done, changed by those who may."""

from __future__ import annotations

from typing import Any

import pytest

from services.runbooks.tests.api.conftest import Api
from services.runbooks.tests.simulator import define, step

PERIODIC = define(
    step("s", "transform", dependsOn=[], inputs="parameters", expression="period"),
    runbookId="periodic",
    parameters={
        "type": "object",
        "properties": {"period": {"type": "string"}, "secret": {"type": "string"}},
        "required": ["period"],
    },
)
WEEKLY = {
    "runbookId": "periodic",
    "cron": "0 6 * * 1",
    "timeZone": "Europe/Vienna",
    "parameters": {"secret": "not for all"},
    "compute": {"period": "scheduled.previousWeek"},
    "reason": "every Monday",
}


def enabled(found: dict[str, Any]) -> set[str]:
    return {item["name"] for item in found["actions"] if item["enabled"]}


async def test_a_schedule_is_set_up_in_the_callers_name_and_shown(api: Api) -> None:
    api.definitions["periodic"] = PERIODIC
    answer = await api.post("/schedules", WEEKLY, "bob")
    assert (answer.status_code, answer.headers["location"]) == (201, "/schedules/S1")
    [found] = (await api.get("/schedules")).json()["items"]
    assert found == answer.json()
    assert (found["executedBy"], found["state"], found["next"]) == ("bob", "active", "2026-03-02T05:00:00Z")
    assert (found["parameters"], enabled(found)) == ({"secret": "not for all"}, {"pause", "delete"})
    for_auditors = (await api.get("/schedules/S1", "aud")).json()
    assert ("parameters" in for_auditors, enabled(for_auditors)) == (False, set())
    assert {item["reason"] for item in for_auditors["actions"]} == {"needs role admin or operator"}
    record = api.audit.page(None, 1)[0][0]
    assert (record["action"], record["object"], record["made"], record["reason"]) == (
        *("schedule.set", "periodic", "S1"),
        "every Monday",
    )


async def test_a_schedule_is_paused_resumed_and_deleted_for_good(api: Api) -> None:
    api.definitions["periodic"] = PERIODIC
    await api.post("/schedules", WEEKLY)
    why = {"reason": "a holiday"}
    paused = (await api.post("/schedules/S1/pause", why, "adm")).json()
    assert (paused["state"], paused["next"], enabled(paused)) == ("paused", None, {"resume", "delete"})
    again = await api.post("/schedules/S1/pause", why)
    assert (again.status_code, again.json()["code"]) == (409, "schedule.state")
    assert (await api.post("/schedules/S1/resume", why)).json()["state"] == "active"
    removed = (await api.post("/schedules/S1/delete", why)).json()
    assert (removed["state"], enabled(removed)) == ("removed", set())
    assert (await api.get("/schedules")).json() == {"items": []}
    for way in ("pause", "resume", "delete"):
        assert (await api.post(f"/schedules/S1/{way}", why)).status_code == 409
        assert (await api.post(f"/schedules/S9/{way}", why)).json()["code"] == "schedule.unknown"
        assert (await api.post(f"/schedules/S1/{way}", {})).status_code == 422
    record = api.audit.page(None, 50)[0]
    assert ("adm", "schedule.pause", "S1", "a holiday") in [
        (item["who"], item["action"], item["object"], item["reason"]) for item in record
    ]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"cron": "every day"}, 422, "schedule.cron"),
        ({"cron": "0 0 30 2 *"}, 422, "schedule.cron"),
        ({"timeZone": "Mars/Olympus"}, 422, "schedule.time_zone"),
        ({"missed": "some"}, 422, "request.invalid"),
        ({"compute": {"period": "$now()"}}, 422, "expression.refused"),
        ({"compute": {}}, 422, "parameter.invalid"),
        ({"executedBy": "eve"}, 422, "request.invalid"),
        ({"runbookId": "none"}, 404, "runbook.unknown"),
    ],
    ids=str,
)
async def test_what_cannot_be_a_schedule_is_refused(changes: dict[str, Any], status: int, code: str, api: Api) -> None:
    api.definitions["periodic"] = PERIODIC
    answer = await api.post("/schedules", {**WEEKLY, **changes})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await api.get("/schedules")).json() == {"items": []}


async def test_who_may_not_start_sets_up_no_schedule(api: Api) -> None:
    for person in ("vic", "aud", "adm"):
        answer = await api.post("/schedules", WEEKLY, person)
        assert (answer.status_code, answer.json()["code"]) == (403, "request.forbidden")
