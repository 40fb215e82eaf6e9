"""A replay through the API: what differs, what began it, and who sees the values."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from runbooks.canonical import digest
from runbooks.steps import transform

from services.runbooks.tests.api.conftest import Api
from services.runbooks.tests.simulator import define, step

CHAIN = define(
    step("find", "query", dependsOn=[], cypher="ROWS"),
    step("names", "transform", dependsOn=["find"], inputs="steps.find", expression="$[0]"),
    step("fixed", "transform", dependsOn=[], expression="42"),
    runbookId="chain",
)


async def ran(api: Api) -> str:
    api.world.graph.script.replies["ROWS"] = [[{"name": "Ann"}]]
    api.definitions["chain"] = CHAIN
    return await api.run("chain", "olga")


def tamper(api: Api, old: str, new: str) -> None:
    """Change what the ledger holds of the query's answer, behind its back."""
    with closing(sqlite3.connect(api.world.home / "ledger.sqlite", isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER no_update")
        changed = connection.execute(
            "UPDATE entries SET body = CAST(replace(CAST(body AS TEXT), ?, ?) AS BLOB) "
            "WHERE kind = 'AttemptSucceeded' AND step_id = 'find'",
            (old, new),
        )
        assert changed.rowcount == 1


async def test_an_unchanged_record_is_equal_step_by_step(api: Api) -> None:
    name = await ran(api)
    found = (await api.get(f"/runbooks/{name}/replay", "vic")).json()
    assert found["identical"]
    assert [(step["mark"], step["role"], step["sections"]) for step in found["steps"]] == [("equal", None, {})] * 3
    assert all(step["hash"] == step["recordedHash"] for step in found["steps"])


async def test_a_tampered_answer_is_the_cause_and_what_was_sealed_is_known_by_its_hash(api: Api) -> None:
    name = await ran(api)
    tamper(api, "Ann", "Eve")
    found = (await api.get(f"/runbooks/{name}/replay", "vic")).json()
    steps = {step["stepId"]: step for step in found["steps"]}
    assert not found["identical"]
    assert (steps["find"]["mark"], steps["find"]["role"]) == ("different", "cause")
    assert (steps["names"]["mark"], steps["names"]["role"]) == ("different", "follows")
    assert (steps["fixed"]["mark"], steps["fixed"]["grade"]) in {("equal", "recomputed"), ("linked", "differs")}
    outputs = steps["find"]["sections"]["outputs"]
    assert (outputs["isKnown"], outputs["again"], "recorded" in outputs) == (False, ["Eve"], False)
    assert outputs["hash"] != outputs["recordedHash"]
    # What was computed from it is still recorded as it was.
    assert steps["names"]["sections"]["outputs"]["recorded"] == "Ann"
    assert steps["names"]["sections"]["outputs"]["again"] == "Eve"


async def test_an_engine_that_computes_otherwise_is_the_cause_and_both_values_are_shown(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = await ran(api)
    evaluate = transform.evaluate

    def otherwise(text: str, data: Any) -> Any:
        return 43 if text == "42" else evaluate(text, data)

    monkeypatch.setattr(transform, "evaluate", otherwise)
    found = (await api.get(f"/runbooks/{name}/replay", "vic")).json()
    fixed = next(step for step in found["steps"] if step["stepId"] == "fixed")
    assert (fixed["mark"], fixed["role"], fixed["members"][-1]) == ("different", "cause", "outputs")
    assert (fixed["sections"]["outputs"]["recorded"], fixed["sections"]["outputs"]["again"]) == (42, 43)


async def test_who_may_not_read_values_sees_hashes(api: Api) -> None:
    name = await ran(api)
    tamper(api, "Ann", "Eve")
    answer = await api.get(f"/runbooks/{name}/replay", "aud")
    assert "Eve" not in answer.text
    assert "Ann" not in answer.text
    sections = next(step for step in answer.json()["steps"] if step["stepId"] == "names")["sections"]
    assert set(sections["outputs"]) == {"recordedHash", "hash", "isKnown"}


async def test_a_great_value_is_told_by_its_digest(api: Api) -> None:
    name = await ran(api)
    long = "E" * 70_000
    tamper(api, "Ann", long)
    found = (await api.get(f"/runbooks/{name}/replay", "vic")).json()
    again = next(step for step in found["steps"] if step["stepId"] == "find")["sections"]["outputs"]["again"]
    data = json.dumps([long], separators=(",", ":")).encode()
    assert again == {"$digest": digest(data), "size": len(data)}
