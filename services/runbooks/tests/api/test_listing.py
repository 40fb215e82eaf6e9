"""Lists: pages that neither skip nor repeat, filters, templates, and a catalogue that follows the ledger."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from runbooks.adapters.catalogue import SqliteCatalogue
from runbooks.errors import DataFolderError, Problem
from runbooks.listing import ExecutionList

from services.runbooks.tests.api.conftest import PLAIN, Api


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


async def test_a_list_of_100_000_is_paged_by_its_keys(tmp_path: Path) -> None:
    catalogue = SqliteCatalogue(tmp_path / "catalogue.sqlite")
    summary = {"runbookId": "R", "executedBy": "ann", "startedAt": "2026-03-01T00:00:00Z"}
    for start in range(0, 100_000, 10_000):
        some = [
            {**summary, "executionId": f"R-{number}", "outcome": "failed" if number % 1000 == 0 else "completed"}
            for number in range(start, start + 10_000)
        ]
        catalogue.put(some, start)
    page = catalogue.page({"outcome": ["failed"]}, None, 50)
    assert (page.total, page.items[0]["executionId"], page.items[-1]["executionId"]) == (100, "R-99000", "R-50000")
    assert page.after is not None
    rest = catalogue.page({"outcome": ["failed"]}, page.after, 50)
    assert (rest.items[0]["executionId"], rest.after) == ("R-49000", None)
    catalogue.close()
    with sqlite3.connect(tmp_path / "catalogue.sqlite") as connection:
        query = "SELECT place FROM executions WHERE outcome IN ('failed') AND place < 500 ORDER BY place DESC LIMIT 50"
        [plan] = connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
    assert "by_outcome" in plan[3]


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
