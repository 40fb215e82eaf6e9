"""A record that somebody changed behind the service's back: no proof leaves, and the answer says what was found."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from runbooks.canonical import dumps, loads
from runbooks.ledger import Draft, chain

from services.runbooks.tests.api.conftest import Api

Change = Callable[[sqlite3.Connection, int], None]
# Of an execution with one step: opened, computed, sealed, ended.
ENTRIES = ("ExecutionStarted", "AttemptSucceeded", "StepSealed", "ExecutionSealed")


def another_digit(connection: sqlite3.Connection, seq: int) -> None:
    [body] = connection.execute("SELECT body FROM entries WHERE seq = ?", (seq,)).fetchone()
    at = max(place for place, byte in enumerate(body) if chr(byte).isdigit())
    changed = body[:at] + (b"8" if body[at : at + 1] == b"7" else b"7") + body[at + 1 :]
    connection.execute("UPDATE entries SET body = ? WHERE seq = ?", (changed, seq))


def another_body(connection: sqlite3.Connection, seq: int) -> None:
    connection.execute("UPDATE entries SET body = ? WHERE seq = ?", (b"{}", seq))


def another_kind(connection: sqlite3.Connection, seq: int) -> None:
    connection.execute("UPDATE entries SET kind = 'CancelRequested' WHERE seq = ?", (seq,))


def another_step(connection: sqlite3.Connection, seq: int) -> None:
    connection.execute("UPDATE entries SET step_id = 'another' WHERE seq = ?", (seq,))


def nothing_left(connection: sqlite3.Connection, seq: int) -> None:
    connection.execute("DELETE FROM entries WHERE seq = ?", (seq,))


async def tampered(api: Api, change: Change, entry: str) -> str:
    """The executionId of an execution whose entry of that kind was changed."""
    name = await api.run()
    with closing(sqlite3.connect(api.world.home / "ledger.sqlite", isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER no_update")
        connection.execute("DROP TRIGGER no_delete")
        [seq] = connection.execute("SELECT max(seq) FROM entries WHERE kind = ?", (entry,)).fetchone()
        change(connection, seq)
    return name


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("change", [another_digit, another_body, another_kind, another_step])
async def test_a_changed_entry_is_named_and_no_proof_leaves(change: Change, entry: str, api: Api) -> None:
    name = await tampered(api, change, entry)
    answer = await api.get(f"/runbooks/{name}/manifest.pcq")
    assert (answer.status_code, answer.json()["code"]) == (409, "record.tampered")
    number = ENTRIES.index(entry) + 1
    assert f"execution {name}: ledger entry {number} (" in answer.json()["detail"]
    assert "`runbooks fsck`" in answer.json()["detail"]
    # What cannot be read at all is told so everywhere, and what can be is shown.
    for path in ("", "/steps/s", "/replay", "/parameters"):
        other = await api.get(f"/runbooks/{name}{path}")
        assert other.is_success or (other.status_code, other.json()["code"]) == (409, "record.tampered"), path


@pytest.mark.parametrize("entry", ENTRIES[:-1])
async def test_an_entry_that_is_gone_is_missed(entry: str, api: Api) -> None:
    name = await tampered(api, nothing_left, entry)
    for path in ("", "/steps/s", "/replay", "/manifest.pcq"):
        answer = await api.get(f"/runbooks/{name}{path}")
        assert (answer.status_code, answer.json()["code"]) == (409, "record.tampered"), path
        assert "missing" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("entry", "member", "value"),
    [
        ("AttemptSucceeded", "outputs", 43),
        ("StepSealed", "observed", {}),
        ("StepSealed", "signature", "base64:AAAA"),
        ("ExecutionSealed", "header", {"executedBy": "mal"}),
    ],
)
async def test_a_change_with_a_hash_that_fits_contradicts_the_seals(
    entry: str, member: str, value: object, api: Api
) -> None:
    def forged(rows: sqlite3.Connection, seq: int) -> None:
        found = rows.execute(
            "SELECT execution_id, runbook_id, kind, step_id, body, previous_hash FROM entries WHERE seq = ?", (seq,)
        ).fetchone()
        body = loads(found[4])
        before = body["members"][member]
        body["members"][member] = {**before, **value} if isinstance(value, dict) and value else value
        [made] = chain(seq - 1, found[5], [Draft(*found[:4], dumps(body))])
        rows.execute("UPDATE entries SET body = ?, entry_hash = ? WHERE seq = ?", (dumps(body), made.entry_hash, seq))

    name = await tampered(api, forged, entry)
    answer = await api.get(f"/runbooks/{name}/manifest.pcq")
    assert (answer.status_code, answer.json()["code"]) == (409, "record.tampered")
    assert "was changed" in answer.json()["detail"]


async def test_an_execution_beside_it_has_its_proof(api: Api) -> None:
    other = await api.run()
    name = await tampered(api, another_digit, "AttemptSucceeded")
    found = [(await api.get(f"/runbooks/{item}/manifest.pcq")).status_code for item in (other, name)]
    assert found == [200, 409]
