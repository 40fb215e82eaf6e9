"""The ledger: one chain, whole transactions, nothing lost that was acknowledged (spec/ledger.md)."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from runbooks.adapters.ledger.sqlite import SqliteLedger
from runbooks.errors import LedgerConflictError, LedgerError
from runbooks.ledger import GENESIS, Draft, Entry, Head, chain, verify_chain

OTHER_USER = 65534

Change = Callable[[list[Entry]], list[Entry]]


def draft(
    kind: str = "Noted", *, execution: str = "R-1", step: str | None = None, body: Any = None, runbook: str = "R"
) -> Draft:
    return Draft(execution, runbook, kind, step, rfc8785.dumps(body or {"members": {}, "blobs": {}}))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    opened = SqliteLedger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def append(ledger: SqliteLedger, *drafts: Draft) -> list[Entry]:
    return ledger.append(lambda head: drafts)


def naive_hash(entry: Entry) -> str:
    """spec/ledger.md, 2, word by word."""
    item = entry.draft
    body = rfc8785.dumps([entry.seq, item.execution_id, item.runbook_id, item.kind, item.step_id, orjson_of(item.body)])
    return "sha256:" + hashlib.sha256(b"pcq-entry-v1\x00" + entry.previous_hash.encode() + body).hexdigest()


def orjson_of(data: bytes) -> Any:
    import orjson

    return orjson.loads(data)


def test_entries_are_numbered_and_chained_from_the_genesis_hash(ledger: SqliteLedger) -> None:
    made = append(ledger, draft(), draft(step="a", body={"members": {"é": [1, 2.5, None]}, "blobs": {}}))
    made += append(ledger, draft(execution="R-2"))
    assert [entry.seq for entry in made] == [1, 2, 3]
    assert [entry.previous_hash for entry in made] == [GENESIS, made[0].entry_hash, made[1].entry_hash]
    assert [entry.entry_hash for entry in made] == [naive_hash(entry) for entry in made]
    assert GENESIS == "sha256:" + "0" * 64
    assert ledger.entries() == made
    assert verify_chain(ledger.entries()) == 3


def test_an_empty_ledger_is_intact(ledger: SqliteLedger) -> None:
    assert (ledger.entries(), verify_chain(ledger.entries())) == ([], 0)


def test_entries_are_found_by_execution_and_by_kind_in_their_order(ledger: SqliteLedger) -> None:
    append(ledger, draft("A"), draft("B", execution="R-2"), draft("A", execution="R-2"), draft("B"))
    assert [entry.seq for entry in ledger.entries("R-2")] == [2, 3]
    assert [entry.seq for entry in ledger.entries(kind="A")] == [1, 3]
    assert [entry.seq for entry in ledger.entries("R-2", "A")] == [3]
    assert ledger.entries("R-3") == []


def test_the_head_knows_counts_and_the_last_entry_of_a_runbook(ledger: SqliteLedger) -> None:
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


def test_a_build_that_fails_leaves_nothing_and_holds_no_lock(ledger: SqliteLedger, tmp_path: Path) -> None:
    def build(head: Head) -> Sequence[Draft]:
        raise RuntimeError(f"at {head.seq}")

    append(ledger, draft())
    with pytest.raises(RuntimeError, match="at 1"):
        ledger.append(build)
    other = SqliteLedger(tmp_path / "ledger.sqlite")
    append(other, draft())
    other.close()
    assert verify_chain(ledger.entries()) == 2


@pytest.mark.parametrize(
    ("kind", "step"),
    [("ExecutionStarted", None), ("ExecutionSealed", None), ("AttemptSucceeded", "a"), ("StepSealed", "a")],
)
def test_what_happens_once_is_recorded_once(kind: str, step: str | None, ledger: SqliteLedger) -> None:
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
def test_the_store_refuses_to_change_or_delete_an_entry(statement: str, ledger: SqliteLedger, tmp_path: Path) -> None:
    before = append(ledger, draft(), draft())
    connection = sqlite3.connect(tmp_path / "ledger.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()
    assert ledger.entries() == before


COLUMNS = {
    "execution_id": "'other'",
    "runbook_id": "'other'",
    "kind": "'Other'",
    "step_id": "'other'",
    "body": "x'7b7d'",
    "previous_hash": f"'{GENESIS[:-1]}1'",
    "entry_hash": f"'{GENESIS[:-1]}1'",
}


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("seq", [1, 3, 5])
def test_tampering_with_any_column_is_found_at_its_entry(
    column: str, seq: int, ledger: SqliteLedger, tmp_path: Path
) -> None:
    append(ledger, *[draft(body={"members": {"n": n}, "blobs": {}}) for n in range(5)])
    tamper(tmp_path, f"UPDATE entries SET {column} = {COLUMNS[column]} WHERE seq = {seq}")
    with pytest.raises(LedgerError, match=f"entry {seq} ") as caught:
        verify_chain(ledger.entries())
    assert caught.value.code == "ledger.chain"


def tamper(folder: Path, *statements: str) -> None:
    connection = sqlite3.connect(folder / "ledger.sqlite", isolation_level=None)
    for statement in ("DROP TRIGGER no_update", "DROP TRIGGER no_delete", *statements):
        connection.execute(statement)
    connection.close()


def test_an_entry_that_was_replaced_behind_the_triggers_is_found(ledger: SqliteLedger, tmp_path: Path) -> None:
    made = append(ledger, draft(), draft(), draft())
    connection = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    row = (2, "R-1", "R", "Forged", None, b"{}", made[1].previous_hash, made[1].entry_hash)
    connection.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    connection.close()
    with pytest.raises(LedgerError, match="entry 2 "):
        verify_chain(ledger.entries())


@pytest.mark.parametrize(
    ("change", "code", "seq"),
    [
        (lambda entries: entries[1:], "ledger.gap", 1),
        (lambda entries: entries[:1] + entries[2:], "ledger.gap", 2),
        (lambda entries: [entries[1], entries[0], *entries[2:]], "ledger.gap", 1),
        (lambda entries: [entries[0], *entries], "ledger.gap", 2),
        (lambda entries: [*chain(0, "sha256:" + "1" * 64, [draft()])], "ledger.chain", 1),
        (lambda entries: [*entries[:2], *chain(2, entries[0].entry_hash, [draft()])], "ledger.chain", 3),
    ],
    ids=["first missing", "one missing", "swapped", "doubled", "another genesis", "forked"],
)
def test_a_missing_moved_or_forked_entry_is_found(change: Change, code: str, seq: int) -> None:
    entries = chain(0, GENESIS, [draft(), draft("B"), draft("C")])
    assert verify_chain(entries) == 3
    with pytest.raises(LedgerError, match=f"entry {seq} ") as caught:
        verify_chain(change(entries))
    assert caught.value.code == code


@contextmanager
def unprivileged() -> Iterator[None]:
    """As a user whom file modes bind; root is bound by none."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(OTHER_USER)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_folder_that_cannot_be_written_is_an_error_that_says_what_to_do() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        SqliteLedger(folder / "ledger.sqlite").close()
        folder.chmod(0o555)
        for file in ("ledger.sqlite", "new.sqlite"):
            with unprivileged(), pytest.raises(LedgerError, match="check that the folder is writable"):
                append(SqliteLedger(folder / file), draft())
        folder.chmod(0o700)


def test_a_path_that_is_no_ledger_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database, but long enough to be read as a header of one " * 20)
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "text", tmp_path / "folder", tmp_path / "none" / "ledger.sqlite"):
        with pytest.raises(LedgerError) as caught:
            SqliteLedger(path)
        assert caught.value.code == "ledger.error"
        assert str(path) in str(caught.value)


def test_a_closed_ledger_says_so(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.sqlite")
    ledger.close()
    with pytest.raises(LedgerError):
        ledger.entries()


WRITER = """
import sys
from pathlib import Path
from runbooks.adapters.ledger.sqlite import SqliteLedger
from runbooks.ledger import Draft
ledger = SqliteLedger(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    body = b'{"n":%d}' % number
    made = ledger.append(lambda head: [Draft(sys.argv[2], "R", "Noted", None, body)] * 2)
    print(made[-1].seq, flush=True)
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_processes_that_write_at_once_never_fork_the_chain(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    SqliteLedger(path).close()
    processes = [writer(path, name, 60) for name in ("one", "two")]
    for process in processes:
        assert process.communicate(timeout=60)[0].count("\n") == 60
        assert process.returncode == 0
    entries = SqliteLedger(path).entries()
    assert verify_chain(entries) == 240
    order = [entry.draft.execution_id for entry in entries]
    assert (order.count("one"), order.count("two")) == (120, 120)
    assert all(first == second for first, second in zip(order[::2], order[1::2], strict=True)), "appends are whole"


def test_a_killed_writer_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    dice = random.Random(20260301)
    acknowledged = 0
    for round_ in range(4):
        process = writer(path, str(round_), 10_000)
        assert process.stdout is not None
        for _ in range(dice.randrange(1, 30)):
            acknowledged = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(line) for line in process.stdout if line.endswith("\n"))])
        process.wait(timeout=30)
        ledger = SqliteLedger(path)
        count = verify_chain(ledger.entries())
        ledger.close()
        assert acknowledged <= count <= acknowledged + 2
        assert count % 2 == 0, "an append is there as a whole or not at all"


def test_readers_and_the_writer_do_not_lock_each_other_out(ledger: SqliteLedger, tmp_path: Path) -> None:
    append(ledger, draft())
    other = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None, timeout=0)
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.execute("BEGIN")
    assert other.execute("SELECT count(*) FROM entries").fetchone() == (1,)
    append(ledger, draft())
    assert other.execute("SELECT count(*) FROM entries").fetchone() == (1,)
    other.close()


def test_a_reader_sees_whole_appends_while_another_writes(ledger: SqliteLedger, tmp_path: Path) -> None:
    reader = SqliteLedger(tmp_path / "ledger.sqlite")
    seen: list[int] = []

    def build(head: Head) -> Sequence[Draft]:
        seen.append(len(reader.entries()))
        return [draft(), draft()]

    ledger.append(build)
    ledger.append(build)
    assert [*seen, len(reader.entries())] == [0, 2, 4]
    reader.close()
