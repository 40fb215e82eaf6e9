"""The contract of a ledger's store: one chain, whole transactions, nothing acknowledged is lost (spec/ledger.md)."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
import rfc8785
from runbooks.errors import LedgerConflictError, LedgerError
from runbooks.ledger import GENESIS, Draft, Entry, Head, verify_chain
from runbooks.ports import LedgerStore

from services.runbooks.tests.ledger.conftest import SqliteStore, Store, append, draft


def naive_hash(entry: Entry) -> str:
    """spec/ledger.md, 2, word by word."""
    item = entry.draft
    body = rfc8785.dumps(
        [entry.seq, item.execution_id, item.runbook_id, item.kind, item.step_id, orjson.loads(item.body)]
    )
    return "sha256:" + hashlib.sha256(b"pcq-entry-v1\x00" + entry.previous_hash.encode() + body).hexdigest()


def test_entries_are_numbered_and_chained_from_the_genesis_hash(ledger: LedgerStore) -> None:
    made = append(ledger, draft(), draft(step="a", body={"members": {"é": [1, 2.5, None]}, "blobs": {}}))
    made += append(ledger, draft(execution="R-2"))
    assert [entry.seq for entry in made] == [1, 2, 3]
    assert [entry.previous_hash for entry in made] == [GENESIS, made[0].entry_hash, made[1].entry_hash]
    assert [entry.entry_hash for entry in made] == [naive_hash(entry) for entry in made]
    assert GENESIS == "sha256:" + "0" * 64
    assert ledger.entries() == made
    assert verify_chain(ledger.entries()) == 3


def test_an_empty_ledger_is_intact(ledger: LedgerStore) -> None:
    assert (ledger.entries(), verify_chain(ledger.entries())) == ([], 0)


def test_entries_are_found_by_execution_and_by_kind_in_their_order(ledger: LedgerStore) -> None:
    append(ledger, draft("A"), draft("B", execution="R-2"), draft("A", execution="R-2"), draft("B"))
    assert [entry.seq for entry in ledger.entries("R-2")] == [2, 3]
    assert [entry.seq for entry in ledger.entries(kind="A")] == [1, 3]
    assert [entry.seq for entry in ledger.entries("R-2", "A")] == [3]
    assert ledger.entries("R-3") == []


def test_the_head_knows_counts_and_the_last_entry_of_a_runbook(ledger: LedgerStore) -> None:
    seen: list[Any] = []

    def build(head: Head) -> Sequence[Draft]:
        last = head.last("R", "ExecutionStarted")
        seen.append((head.seq, head.entry_hash, head.count("R", "ExecutionStarted"), last and last.seq))
        return [draft("ExecutionStarted", execution=f"R-{head.seq}")]

    ledger.append(build)
    append(ledger, draft("ExecutionStarted", execution="S-1", runbook="S"))
    ledger.append(build)
    ledger.append(build)
    hashes = [entry.entry_hash for entry in ledger.entries()]
    assert seen == [(0, GENESIS, 0, None), (2, hashes[1], 1, 1), (3, hashes[2], 2, 3)]


def test_a_build_that_fails_leaves_nothing_and_holds_no_lock(ledger: LedgerStore, store: Store) -> None:
    def build(head: Head) -> Sequence[Draft]:
        raise RuntimeError(f"at {head.seq}")

    append(ledger, draft())
    with pytest.raises(RuntimeError, match="at 1"):
        ledger.append(build)
    other = store.open()
    append(other, draft())
    other.close()
    assert verify_chain(ledger.entries()) == 2


@pytest.mark.parametrize(
    ("kind", "step"),
    [("ExecutionStarted", None), ("ExecutionSealed", None), ("AttemptSucceeded", "a"), ("StepSealed", "a")],
)
def test_what_happens_once_is_recorded_once(kind: str, step: str | None, ledger: LedgerStore) -> None:
    first = draft(kind, step=step)
    append(ledger, first, draft(kind, step=step, execution="R-2"))
    with pytest.raises(LedgerConflictError) as caught:
        append(ledger, draft("Noted"), first)
    assert caught.value.code == "ledger.conflict"
    assert verify_chain(ledger.entries()) == 2, "the entry before the conflict must not be there either"
    append(ledger, draft("AttemptFailed", step="a"), draft("AttemptFailed", step="a"))
    assert verify_chain(ledger.entries()) == 4


@pytest.mark.parametrize(
    "statement", ["UPDATE entries SET kind = 'x' WHERE seq = 1", "DELETE FROM entries WHERE seq = 1"]
)
def test_the_store_refuses_to_change_or_delete_an_entry(statement: str, ledger: LedgerStore, store: Store) -> None:
    before = append(ledger, draft(), draft())
    with pytest.raises(store.refused, match="append-only"):
        store.run(statement)
    assert ledger.entries() == before


COLUMNS = {
    "execution_id": "'other'",
    "runbook_id": "'other'",
    "kind": "'Other'",
    "step_id": "'other'",
    "body": "'{}'",
    "previous_hash": f"'{GENESIS[:-1]}1'",
    "entry_hash": f"'{GENESIS[:-1]}1'",
}


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("seq", [1, 3, 5])
def test_tampering_with_any_column_is_found_at_its_entry(
    column: str, seq: int, ledger: LedgerStore, store: Store
) -> None:
    append(ledger, *[draft(body={"members": {"n": n}, "blobs": {}}) for n in range(5)])
    value = (
        f"CAST({COLUMNS[column]} AS BLOB)" if column == "body" and isinstance(store, SqliteStore) else COLUMNS[column]
    )
    store.run(*store.unprotect, f"UPDATE entries SET {column} = {value} WHERE seq = {seq}")
    with pytest.raises(LedgerError, match=f"entry {seq} ") as caught:
        verify_chain(ledger.entries())
    assert caught.value.code == "ledger.chain"


WRITER = """
import sys
from pathlib import Path
from runbooks.ledger import Draft
address, name, count = sys.argv[1:]
if address.startswith("postgresql:"):
    from runbooks.adapters.ledger.postgres import PostgresLedger
    ledger = PostgresLedger(address)
else:
    from runbooks.adapters.ledger.sqlite import SqliteLedger
    ledger = SqliteLedger(Path(address))
for number in range(int(count)):
    body = b'{"n":%d}' % number
    made = ledger.append(lambda head: [Draft(name, "R", "Noted", None, body)] * 2)
    print(made[-1].seq, flush=True)
"""


def writer(store: Store, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, store.address, name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_processes_that_write_at_once_never_fork_the_chain(store: Store) -> None:
    store.open().close()
    processes = [writer(store, name, 60) for name in ("one", "two")]
    for process in processes:
        assert process.communicate(timeout=60)[0].count("\n") == 60
        assert process.returncode == 0
    entries = store.open().entries()
    assert verify_chain(entries) == 240
    order = [entry.draft.execution_id for entry in entries]
    assert (order.count("one"), order.count("two")) == (120, 120)
    assert all(first == second for first, second in zip(order[::2], order[1::2], strict=True)), "appends are whole"


def test_a_killed_writer_loses_nothing_that_it_acknowledged(store: Store) -> None:
    dice = random.Random(20260301)
    acknowledged = 0
    for round_ in range(4):
        process = writer(store, str(round_), 10_000)
        assert process.stdout is not None
        for _ in range(dice.randrange(1, 30)):
            acknowledged = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(line) for line in process.stdout if line.endswith("\n"))])
        process.wait(timeout=30)
        ledger = store.open()
        count = verify_chain(ledger.entries())
        ledger.close()
        assert acknowledged <= count <= acknowledged + 2
        assert count % 2 == 0, "an append is there as a whole or not at all"


def test_a_reader_sees_whole_appends_while_another_writes(ledger: LedgerStore, store: Store) -> None:
    reader = store.open()
    seen: list[int] = []

    def build(head: Head) -> Sequence[Draft]:
        seen.append(len(reader.entries()))
        return [draft(), draft()]

    ledger.append(build)
    ledger.append(build)
    assert [*seen, len(reader.entries())] == [0, 2, 4]
    reader.close()


def test_a_closed_ledger_says_so(store: Store) -> None:
    ledger = store.open()
    ledger.close()
    with pytest.raises(LedgerError):
        ledger.entries()


def test_a_schedule_starts_at_most_one_execution_a_time_and_the_newest_time_is_known(ledger: LedgerStore) -> None:
    def opening(execution: str, schedule: str, at: str) -> Draft:
        members = {"schedule": {"scheduleId": schedule, "at": at}}
        return draft("ExecutionStarted", execution=execution, body={"members": members, "blobs": {}})

    append(ledger, draft("ExecutionStarted", execution="R-0"), draft("ExecutionStarted", execution="R-00"))
    append(ledger, opening("R-1", "S1", "2026-03-30T04:00:00Z"), opening("R-2", "S1", "2026-04-06T04:00:00Z"))
    append(ledger, opening("R-3", "S2", "2026-04-06T04:00:00Z"), draft("ScheduleSkipped", execution=""))
    with pytest.raises(LedgerConflictError):
        append(ledger, draft(), opening("R-4", "S1", "2026-03-30T04:00:00Z"))
    assert [ledger.fired(name) for name in ("S1", "S2", "S3")] == ["2026-04-06T04:00:00Z"] * 2 + [None]
    seen: list[Any] = []

    def build(head: Head) -> Sequence[Draft]:
        seen.extend([head.fired("S1"), [entry.draft.kind for entry in head.entries("")]])
        return []

    assert ledger.append(build) == []
    assert seen == ["2026-04-06T04:00:00Z", ["ScheduleSkipped"]]
    assert "" not in ledger.touched(0)[0]
    assert (ledger.touched(0)[1], ledger.touched(5)) == (6, ([], 6))
