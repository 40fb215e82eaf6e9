"""Lists: pages that neither skip nor repeat, filters, templates, and a catalogue that follows the ledger."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from runbooks.adapters.catalogue import SqliteCatalogue
from runbooks.definition import Definition
from runbooks.errors import DataFolderError, Problem
from runbooks.listing import ExecutionList

from services.runbooks.tests.api.conftest import PLAIN, Api
from services.runbooks.tests.simulator import define, step


async def test_pages_hold_every_execution_once_and_the_newest_first(api: Api) -> None:
    names = [await api.run() for _ in range(7)]
    page = (await api.get("/executions", limit=3)).json()
    assert page["total"] == {"value": 7, "exact": True}
    found = page["items"]
    while page["next"] is not None:
        await api.run()  # what starts meanwhile does not move what comes
        page = (await api.get("/executions", limit=3, cursor=page["next"])).json()
        found += page["items"]
    assert [item["executionId"] for item in found] == names[::-1]
    assert page["total"]["value"] == 9


async def test_a_summary_says_who_what_when_and_how_it_ended(api: Api) -> None:
    name = await api.run("gated", "bob")
    [item] = (await api.get("/api/executions")).json()["items"]
    assert (item["executionId"], item["runbookId"], item["executedBy"]) == (name, "gated", "bob")
    assert (item["outcome"], item["openReviews"], item["endedAt"], item["failedStep"]) == ("held", 1, None, None)
    review = (await api.get("/reviews")).json()[0]
    decision = {"decision": "rejected", "reason": "there are no rows"}
    answer = await api.post(f"/reviews/{review['reviewId']}/decisions", decision, "ben", {"If-Match": '"1"'})
    assert answer.status_code == 200, answer.text
    [item] = (await api.get("/executions")).json()["items"]
    assert (item["outcome"], item["openReviews"], item["failedStep"]) == ("blocked", 0, "s")
    assert item["steps"] == {"total": 1, "settled": 1}
    assert item["merkleRoot"].startswith("sha256:")
    assert item["startedAt"] < item["endedAt"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, 3),
        ({"outcome": "held"}, 1),
        ({"outcome": ["held", "completed"]}, 3),
        ({"runbookId": "R", "executedBy": "bob"}, 1),
        ({"runbookId": "none"}, 0),
        ({"from": "2026-03-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}, 3),
        ({"from": "2027-01-01T00:00:00Z"}, 0),
        ({"to": "2026-01-01T00:00:00Z"}, 0),
        ({"q": "ATED-0001"}, 1),
        ({"q": "R_0001"}, 0),
        ({"failedProver": "some"}, 1),
        ({"failedStep": "s"}, 0),
        ({"definitionDigest": PLAIN.digest}, 2),
    ],
    ids=str,
)
async def test_filters_narrow_the_list_and_its_total(query: dict[str, Any], found: int, api: Api) -> None:
    for runbook_id, person in (("R", "ann"), ("R", "bob"), ("gated", "ann")):
        await api.run(runbook_id, person)
    page = (await api.get("/executions", **query)).json()
    assert (len(page["items"]), page["total"]["value"]) == (found, found)


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": 201},
        {"limit": "many"},
        {"from": "yesterday"},
        {"cursor": "x"},
        {"cursor": "LTE"},
        {"cursor": "é"},
        {"status": "failed"},
        {"outcome": ["held"] * 51},
        {"direction": "up"},
        {"at": "noon"},
        {"at": "2026-02-30T00:00:00Z"},
        {"to": "0000-01-01T00:00:00Z"},
        {"q": ""},
    ],
    ids=str,
)
async def test_a_query_of_another_shape_is_a_problem_that_says_where(query: dict[str, Any], api: Api) -> None:
    answer = await api.get("/executions", **query)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert next(iter(query)) in answer.text


async def test_lists_are_for_those_who_are_signed_in(api: Api) -> None:
    for path in ("/executions", "/templates", "/templates/R", "/events?topics=executions"):
        assert (await api.http.get(path)).status_code == 401


async def test_the_catalogue_follows_the_ledger_and_is_made_anew_when_it_is_lost(api: Api, tmp_path: Path) -> None:
    for runbook_id in ("R", "gated", "R"):
        await api.run(runbook_id)
    before = api.executions.page({})
    lost = ExecutionList(api.runner, SqliteCatalogue(tmp_path / "another.sqlite"))
    assert lost.page({}) == before
    assert lost.page({}).total == 3


async def test_a_catalogue_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    path.write_bytes(b"no database, but long enough to be taken for the header of one" * 20)
    with pytest.raises(DataFolderError, match="delete the file: it is made anew"):
        SqliteCatalogue(path)


def filled(path: Path, count: int) -> SqliteCatalogue:
    """A catalogue of so many executions, one a minute; every 1,000th failed."""
    catalogue = SqliteCatalogue(path)
    for start in range(0, count, 10_000):
        catalogue.put([summary(number) for number in range(start, min(start + 10_000, count))], start)
    return catalogue


def summary(number: int) -> dict[str, Any]:
    has_failed = number % 1000 == 0
    started = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
    return {
        "executionId": f"R-{number}",
        "runbookId": "R",
        "version": "1",
        "definitionDigest": f"sha256:{number // 50_000}",
        "executedBy": "ann",
        "outcome": "failed" if has_failed else "completed",
        "failedStep": "s" if has_failed else None,
        "failedProver": "kpi" if has_failed else None,
        "startedAt": started.isoformat().replace("+00:00", "Z"),
    }


async def test_a_list_of_100_000_is_paged_by_its_keys(tmp_path: Path) -> None:
    catalogue = filled(tmp_path / "catalogue.sqlite", 100_000)
    page = catalogue.page({"outcome": ["failed"]}, None, 50)
    assert (page.total, page.items[0]["executionId"], page.items[-1]["executionId"]) == (100, "R-99000", "R-50000")
    assert page.after is not None
    rest = catalogue.page({"outcome": ["failed"]}, page.after, 50)
    assert (rest.items[0]["executionId"], rest.after) == ("R-49000", None)
    assert rest.before is not None
    back = catalogue.page({"outcome": ["failed"]}, rest.before, 50, newer=True)
    assert (back.items, back.after, back.before) == (page.items, page.after, None)
    catalogue.close()


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({"outcome": ["failed"]}, "by_outcome"),
        ({"runbookId": ["R"]}, "by_runbook"),
        ({"executedBy": ["bob"]}, "by_executor"),
        ({"failedStep": ["s", "t"]}, "by_step"),
        ({"failedProver": ["kpi"]}, "by_prover"),
    ],
    ids=str,
)
def test_no_filter_looks_at_every_execution(filters: dict[str, list[str]], index: str, tmp_path: Path) -> None:
    catalogue = filled(tmp_path / "catalogue.sqlite", 2_000)
    asked: list[str] = []
    catalogue._connection.set_trace_callback(asked.append)
    catalogue.page(filters, 1_500, 50)
    catalogue.histogram({}, "2026-01-01T00:00:00Z", 60_000, 100)
    catalogue.versions("R")
    catalogue.place_at("2026-01-02T00:00:00Z")
    catalogue._connection.set_trace_callback(None)
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as connection:
        plans = {query: str(connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()) for query in asked}
    assert len(plans) >= 5
    for query, plan in plans.items():
        assert "SCAN" not in plan, (query, plan)
    assert index in next(iter(plans.values()))
    spans, versions, _ = list(plans.values())[-3:]
    assert "COVERING INDEX by_time" in spans
    assert "COVERING INDEX by_version" in versions
    catalogue.close()


async def test_a_catalogue_of_an_older_shape_is_made_anew(api: Api, tmp_path: Path) -> None:
    await api.run()
    path = tmp_path / "old.sqlite"
    with sqlite3.connect(path) as connection:
        connection.executescript(
            "CREATE TABLE executions (place INTEGER PRIMARY KEY, outcome TEXT); INSERT INTO executions VALUES (1, 'x');"
            "CREATE TABLE cursor (one INTEGER PRIMARY KEY, seq INTEGER); INSERT INTO cursor VALUES (1, 99);"
        )
    assert ExecutionList(api.runner, SqliteCatalogue(path)).page({}) == api.executions.page({})


async def test_pages_go_both_ways_and_begin_at_a_moment(api: Api) -> None:
    names = [await api.run() for _ in range(5)]
    whole = (await api.get("/executions")).json()
    assert (whole["next"], whole["previous"]) == (None, None)
    third = whole["items"][2]["startedAt"]
    page = (await api.get("/executions", at=third, limit=2)).json()
    assert [item["executionId"] for item in page["items"]] == [names[2], names[1]]
    newer = (await api.get("/executions", cursor=page["previous"], direction="newer", limit=1)).json()
    assert [item["executionId"] for item in newer["items"]] == [names[3]]
    older = (await api.get("/executions", cursor=page["next"], limit=2)).json()
    assert ([item["executionId"] for item in older["items"]], older["next"]) == ([names[0]], None)
    oldest = (await api.get("/executions", at="2000-01-01T00:00:00Z", limit=2)).json()
    assert [item["executionId"] for item in oldest["items"]] == [names[1], names[0]]
    both = await api.get("/executions", at=third, cursor=page["next"])
    assert (both.status_code, both.json()["code"]) == (422, "parameter.invalid")


async def test_a_time_is_the_same_with_however_many_digits(api: Api) -> None:
    name = await api.run()
    [item] = (await api.get("/executions")).json()["items"]
    short = item["startedAt"].replace("000Z", "Z")
    assert short != item["startedAt"]
    for query in ({"from": short}, {"from": short, "to": short.replace("Z", "1Z")}, {"at": short}):
        assert [item["executionId"] for item in (await api.get("/executions", **query)).json()["items"]] == [name]
    assert (await api.get("/executions", to=short)).json()["items"] == []
    assert (await api.get("/executions/histogram", **{"from": short})).json()["buckets"][0]["total"] == 1


async def test_a_histogram_counts_what_started_when_and_how_it_stands(api: Api) -> None:
    for runbook_id in ("R", "gated", "R"):
        await api.run(runbook_id)
    found = (await api.get("/executions/histogram", buckets=4)).json()
    assert (len(found["buckets"]), sum(item["total"] for item in found["buckets"])) == (4, 3)
    assert sum(item["outcomes"].get("completed", 0) for item in found["buckets"]) == 2
    span = {"from": "2026-03-01T11:00:00Z", "to": "2026-03-01T13:00:00Z", "buckets": 2}
    found = (await api.get("/executions/histogram", outcome="held", **span)).json()
    assert (found["seconds"], [item["outcomes"] for item in found["buckets"]]) == (3600, [{}, {"held": 1}])
    for wrong in ({"buckets": 0}, {"buckets": 501}, {"from": span["to"], "to": span["from"]}, {"cursor": "x"}):
        assert (await api.get("/executions/histogram", **wrong)).status_code == 422


async def test_a_histogram_of_nothing_is_empty(api: Api) -> None:
    found = (await api.get("/executions/histogram", buckets=3)).json()
    assert [item["total"] for item in found["buckets"]] == [0, 0, 0]


async def test_templates_tell_what_a_runbook_asks_for_and_what_is_wrong_with_a_file(api: Api) -> None:
    api.problems.append(Problem("definition.shape", "/steps", "is missing", source="broken.json"))
    found = (await api.get("/templates")).json()
    assert [item["runbookId"] for item in found["items"]] == ["R", "gated"]
    assert found["problems"][0]["source"] == "broken.json"
    one = (await api.get("/templates/R")).json()
    assert one["digest"] == PLAIN.digest
    assert one["parameters"]["additionalProperties"] is False
    assert one["definition"]["steps"][0]["expression"] == "42"
    assert one["steps"] == [{"stepId": "s", "type": "transform", "dependsOn": [], "description": ""}]
    answer = await api.get("/templates/none")
    assert (answer.status_code, answer.json()["code"]) == (404, "runbook.unknown")


async def test_a_template_lists_its_versions_and_how_its_last_executions_went(api: Api) -> None:
    names = [await api.run() for _ in range(3)]
    newer = define(step("s", "transform", dependsOn=[], expression="43"), version="2")
    api.definitions["R"] = newer
    found = (await api.get("/templates/R")).json()
    assert [(item["version"], item["executions"], item["current"]) for item in found["versions"]] == [
        ("2", 0, True),
        ("1", 3, False),
    ]
    assert [item["executionId"] for item in found["runs"]["last"]] == names[::-1]
    assert found["runs"]["measured"] == 3
    assert 0 < found["runs"]["p50"] <= found["runs"]["p95"]
    await api.run()
    found = (await api.get("/templates/R")).json()
    assert [(item["digest"], item["current"]) for item in found["versions"]] == [
        (newer.digest, True),
        (PLAIN.digest, False),
    ]
    old = (await api.get(f"/templates/R/versions/{PLAIN.digest}")).json()
    assert (old["version"], old["definition"]["steps"][0]["expression"]) == ("1", "42")
    [listed, never] = (await api.get("/templates")).json()["items"]
    assert (len(listed["runs"]["last"]), never["runs"]) == (
        4,
        {"last": [], "measured": 0, "p50": None, "p95": None},
    )


async def test_a_version_is_of_this_runbook_and_no_other_record_is_read_so(api: Api) -> None:
    name = await api.run()
    await api.run("gated")
    of_parameters = (await api.get(f"/runbooks/{name}")).json()["parametersDigest"]
    gated: Definition = api.definitions["gated"]
    for digest in (of_parameters, gated.digest, "sha256:" + "0" * 64):
        answer = await api.get(f"/templates/R/versions/{digest}")
        assert (answer.status_code, answer.json()["code"]) == (404, "runbook.unknown_version")
    assert (await api.get("/templates/R/versions/latest")).status_code == 422


async def test_public_keys_are_those_of_the_trust_file(api: Api) -> None:
    found, trust = (await api.get("/keys", "aud")).json(), (await api.get("/trust")).json()
    assert found == {"version": trust["version"], "keys": trust["keys"]}
