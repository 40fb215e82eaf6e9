"""Server errors that no test can provoke at will, and what becomes of them."""

from __future__ import annotations

import pytest
from neo4j.exceptions import (
    ConnectionAcquisitionTimeoutError,
    DriverError,
    Neo4jError,
    ResultError,
    ServiceUnavailable,
    SessionExpired,
)
from runbooks.adapters.graph.failures import is_conflict, port_error
from runbooks.errors import PermanentPortError, PortError, TransientPortError


def server_error(code: str, message: str = "Something.") -> Neo4jError:
    return Neo4jError._hydrate_neo4j(code=code, message=message)


@pytest.mark.parametrize(
    ("server_code", "kind", "code"),
    [
        ("Neo.TransientError.Transaction.DeadlockDetected", TransientPortError, "graph.conflict"),
        ("Neo.ClientError.Transaction.LockAcquisitionTimeout", TransientPortError, "graph.conflict"),
        ("Neo.TransientError.General.DatabaseUnavailable", TransientPortError, "graph.unreachable"),
        ("Neo.TransientError.Transaction.Terminated", TransientPortError, "graph.unreachable"),
        ("Neo.TransientError.Transaction.LockClientStopped", TransientPortError, "graph.unreachable"),
        ("Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration", PermanentPortError, "graph.timeout"),
        ("Neo.ClientError.Security.AuthenticationRateLimit", PermanentPortError, "graph.auth"),
        ("Neo.ClientError.Security.CredentialsExpired", PermanentPortError, "graph.auth"),
        ("Neo.ClientError.Database.DatabaseNotFound", PermanentPortError, "graph.failed"),
        ("Neo.DatabaseError.General.UnknownError", PermanentPortError, "graph.failed"),
        ("nonsense", PermanentPortError, "graph.failed"),
    ],
)
def test_a_server_error_is_worth_another_attempt_or_not(server_code: str, kind: type[PortError], code: str) -> None:
    translated = port_error(server_error(server_code), reading=True)
    assert (type(translated), translated.code) == (kind, code)


@pytest.mark.parametrize("error", [ServiceUnavailable(), SessionExpired(), ConnectionAcquisitionTimeoutError()])
def test_a_lost_connection_is_worth_another_attempt(error: DriverError) -> None:
    translated = port_error(error, reading=False)
    assert (type(translated), translated.code) == (TransientPortError, "graph.unreachable")
    assert not is_conflict(error)


def test_what_else_the_driver_refuses_is_permanent() -> None:
    translated = port_error(ResultError(None, "used up"), reading=False)
    assert (type(translated), translated.code) == (PermanentPortError, "graph.failed")


@pytest.mark.parametrize(("reading", "code"), [(True, "graph.read_only"), (False, "graph.forbidden")])
def test_a_forbidden_write_is_the_statements_fault_in_a_query_and_the_accounts_in_a_mutation(
    reading: bool, code: str
) -> None:
    assert port_error(server_error("Neo.ClientError.Security.Forbidden"), reading=reading).code == code


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Invalid input 'X' (line 1, column 7 (offset: 6))\n\"MATCH X\"\n   ^", "Invalid input 'X' (line 1, column 7)"),
        ("Syntax error at line 3:6 - mismatched input 'X'", "mismatched input 'X' (line 3, column 7)"),
        ("Unexpected input ';' at line 1, column 15", "Unexpected input ';' (line 1, column 16)"),
        ("x" * 400, "x" * 299 + "…"),
    ],
)
def test_a_message_is_one_sentence_with_one_notation_of_the_position(message: str, expected: str) -> None:
    assert str(port_error(server_error("Neo.ClientError.Statement.SyntaxError", message), reading=True)) == expected
