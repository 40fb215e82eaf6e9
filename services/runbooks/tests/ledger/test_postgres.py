"""What is PostgreSQL's own in the ledger's store: addresses, accounts, crashes, and what an error may tell."""

from __future__ import annotations

import time

import psycopg
import pytest
from runbooks.adapters.ledger.postgres import PostgresLedger
from runbooks.errors import LedgerConflictError, LedgerError, SettingsError
from runbooks.ledger import verify_chain

from services.runbooks.tests.ledger.conftest import PostgresStore, append, draft
from services.runbooks.tests.real.postgres import PostgresServer

pytestmark = pytest.mark.real


@pytest.fixture
def database(postgres_server: PostgresServer) -> PostgresStore:
    return PostgresStore(postgres_server)


def test_a_crash_of_the_server_loses_nothing_and_the_next_call_connects_anew(
    database: PostgresStore, postgres_server: PostgresServer
) -> None:
    ledger = PostgresLedger(database.address)
    append(ledger, draft(), draft())
    postgres_server.crash()
    with pytest.raises(LedgerError, match="check that the server runs"):
        append(ledger, draft())
    append(ledger, draft())
    assert verify_chain(ledger.entries()) == 3
    ledger.close()


def test_a_connection_that_broke_while_idle_is_noticed_before_it_is_used(
    database: PostgresStore, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = PostgresLedger(database.address)
    append(ledger, draft())
    postgres_server.crash()
    later = time.monotonic() + 60
    monkeypatch.setattr(time, "monotonic", lambda: later)
    append(ledger, draft())
    assert verify_chain(ledger.entries()) == 2
    ledger.close()


def test_an_account_that_may_only_read_and_append_is_enough(
    database: PostgresStore, postgres_server: PostgresServer
) -> None:
    PostgresLedger(database.address).close()
    postgres_server.run("DROP ROLE IF EXISTS appender")
    postgres_server.run("CREATE ROLE appender LOGIN")
    database.run("GRANT SELECT, INSERT ON entries TO appender")
    address = database.address.replace("postgres:@", "appender@")
    ledger = PostgresLedger(address)
    append(ledger, draft())
    with pytest.raises(psycopg.errors.InsufficientPrivilege), psycopg.connect(address) as connection:
        connection.execute("ALTER TABLE entries DISABLE TRIGGER no_change")
    assert verify_chain(ledger.entries()) == 1
    ledger.close()
    database.run("REVOKE ALL ON entries FROM appender")


def test_the_table_cannot_be_emptied(database: PostgresStore) -> None:
    ledger = PostgresLedger(database.address)
    append(ledger, draft())
    with pytest.raises(psycopg.errors.RestrictViolation):
        database.run("TRUNCATE entries")
    ledger.close()


@pytest.mark.parametrize("address", ["nonsense", "postgresql://ann:s3cret@[::1/x", "host=a s3cret"])
def test_what_is_no_address_is_refused_without_being_repeated(address: str) -> None:
    with pytest.raises(SettingsError, match="postgresql://") as caught:
        PostgresLedger(address)
    assert "s3cret" not in str(caught.value)


def test_a_server_that_is_not_there_is_an_error_that_names_it_and_no_password() -> None:
    with pytest.raises(LedgerError, match=r"127\.0\.0\.1/ledger") as caught:
        PostgresLedger("postgresql://ann@127.0.0.1:1/ledger", password="s3cret")
    assert "s3cret" not in str(caught.value)


def test_a_conflict_tells_nothing_of_what_was_recorded(database: PostgresStore) -> None:
    ledger = PostgresLedger(database.address)
    start = draft("ExecutionStarted", execution="secret-case", body={"members": {"who": "ann"}, "blobs": {}})
    append(ledger, start)
    with pytest.raises(LedgerConflictError) as caught:
        append(ledger, start)
    assert "secret-case" not in str(caught.value)
    ledger.close()


def test_the_budget_and_reviews_are_read_from_the_bodies(database: PostgresStore) -> None:
    ledger = PostgresLedger(database.address)
    for amount in (2, 3):
        members = {"counter": "c", "period": "p", "amount": amount, "text": "\u0000"}
        append(ledger, draft("BudgetReserved", step="a", body={"members": members, "blobs": {}}))
    seen: list[int] = []
    ledger.append(lambda head: seen.extend((head.reserved("c", "p"), head.reserved("c", "q"))) or [])
    assert seen == [5, 0]
    said = {"members": {"statement": {"reviewId": "R-1.r1", "sequence": 1, "reason": "\u0000"}}, "blobs": {}}
    append(ledger, draft("ReviewOpened", step="a", body=said))
    with pytest.raises(LedgerConflictError):
        append(ledger, draft("ReviewDecided", step="a", body=said))
    ledger.close()


def test_a_table_of_before_there_were_schedules_is_brought_up_by_its_owner(database: PostgresStore) -> None:
    ledger = PostgresLedger(database.address)
    append(ledger, draft())
    ledger.close()
    database.run("DROP INDEX one_nominal_time", "ALTER TABLE entries DROP COLUMN schedule_id, DROP COLUMN nominal_at")
    ledger = PostgresLedger(database.address)
    append(ledger, draft())
    assert (verify_chain(ledger.entries()), ledger.fired("S1")) == (2, None)
    ledger.close()
