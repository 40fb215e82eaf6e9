"""What is SQLite's own in the ledger's store: files, modes, and writing behind the triggers."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from runbooks.adapters.ledger.sqlite import SqliteLedger
from runbooks.errors import LedgerError
from runbooks.ledger import verify_chain

from services.runbooks.tests.ledger.conftest import append, draft

OTHER_USER = 65534


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SqliteLedger]:
    opened = SqliteLedger(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()


def test_an_entry_that_was_replaced_behind_the_triggers_is_found(ledger: SqliteLedger, tmp_path: Path) -> None:
    made = append(ledger, draft(), draft(), draft())
    connection = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    row = (2, "R-1", "R", "Forged", None, b"{}", made[1].previous_hash, made[1].entry_hash)
    connection.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    connection.close()
    with pytest.raises(LedgerError, match="entry 2 "):
        verify_chain(ledger.entries())


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


def test_readers_and_the_writer_do_not_lock_each_other_out(ledger: SqliteLedger, tmp_path: Path) -> None:
    append(ledger, draft())
    other = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None, timeout=0)
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.execute("BEGIN")
    assert other.execute("SELECT count(*) FROM entries").fetchone() == (1,)
    append(ledger, draft())
    assert other.execute("SELECT count(*) FROM entries").fetchone() == (1,)
    other.close()
