"""From the driver's exceptions to the two port errors; the only place that knows a server's error codes.

Another attempt is worth while after a lost connection and after a conflict with another writer; everything else would
fail again. Messages are the server's first sentence with its line and column, never the parameters.
"""

from __future__ import annotations

__all__ = ["is_conflict", "is_constraint", "port_error"]

import re

from neo4j.exceptions import ConstraintError, DriverError, Neo4jError, ServiceUnavailable, SessionExpired

from runbooks.errors import PermanentPortError, PortError, TransientPortError

# First match wins. Server code (a prefix) → our code.
_PERMANENT = (
    ("Neo.ClientError.Security.Forbidden", "graph.forbidden"),
    ("Neo.ClientError.Security", "graph.auth"),
    ("Neo.ClientError.Statement.AccessMode", "graph.read_only"),
    ("Neo.ClientError.Statement.ParameterMissing", "graph.parameter"),
    ("Neo.ClientError.Statement.SyntaxError", "graph.syntax"),
    ("Neo.ClientError.Statement.SemanticError", "graph.syntax"),
    ("Neo.ClientError.Schema.ConstraintValidationFailed", "graph.constraint"),
    ("Neo.ClientError.Transaction.TransactionTimedOut", "graph.timeout"),
    ("Neo.TransientError.Transaction.Terminated", "graph.timeout"),
)
_MEANING = {
    "graph.auth": "the graph server refused the credentials",
    "graph.read_only": "the statement writes, but a query may only read",
    "graph.forbidden": "the graph server's user may not do that",
    "graph.timeout": "the statement ran longer than the time-out and was stopped",
}
_LONGEST_MESSAGE = 300
_ARCADEDB_POSITIONS = (
    re.compile(r"Syntax error at line (?P<line>\d+):(?P<column>\d+) - (?P<rest>.*)"),
    re.compile(r"(?P<rest>.*) at line (?P<line>\d+), column (?P<column>\d+)"),
)


def port_error(error: Exception, *, reading: bool) -> PortError:
    """The port error for what the driver raised; `reading` says that the statement was to read only."""
    if isinstance(error, Neo4jError):
        return _server_error(error, reading=reading)
    if isinstance(error, ServiceUnavailable | SessionExpired | OSError | TimeoutError):
        return TransientPortError(
            f"the graph server cannot be reached: {_sentence(str(error))}", code="graph.unreachable"
        )
    if isinstance(error, DriverError):
        return PermanentPortError(f"the graph driver refused: {_sentence(str(error))}", code="graph.failed")
    # The driver raises plain OverflowError, TypeError and ValueError for parameters it cannot send.
    return PermanentPortError(f"a parameter cannot be sent: {_sentence(str(error))}", code="graph.parameter")


def is_conflict(error: Exception) -> bool:
    """Whether two writers met and this one may simply start again."""
    return isinstance(error, Neo4jError) and (error.code or "").startswith("Neo.TransientError.Transaction.")


def is_constraint(error: Exception) -> bool:
    """Whether a uniqueness constraint was violated: perhaps that of the receipts."""
    return isinstance(error, ConstraintError)


def _server_error(error: Neo4jError, *, reading: bool) -> PortError:
    server_code, message = error.code or "", _sentence(error.message or "")
    for prefix, code in _PERMANENT:
        if server_code.startswith(prefix):
            return _permanent("graph.read_only" if reading and code == "graph.forbidden" else code, message)
    if is_conflict(error):
        return TransientPortError(f"another writer was faster: {message}", code="graph.conflict")
    if server_code.startswith("Neo.TransientError."):
        return TransientPortError(f"the graph server is not ready: {message}", code="graph.unreachable")
    return PermanentPortError(f"the statement failed: {message}", code="graph.failed")


def _permanent(code: str, message: str) -> PermanentPortError:
    meaning = _MEANING.get(code)
    if code == "graph.parameter":
        meaning = "the statement uses a parameter that has no value"
    return PermanentPortError(f"{meaning}: {message}" if meaning else message, code=code)


def _sentence(message: str) -> str:
    """The first line, with the position in one notation (lines and columns from 1)."""
    first = (message.strip().splitlines() or [""])[0]
    first = re.sub(r" \(offset: \d+\)", "", first)
    # ArcadeDB counts columns from 0 and has two ways to say where.
    for pattern in _ARCADEDB_POSITIONS:
        if found := pattern.fullmatch(first):
            first = f"{found['rest']} (line {found['line']}, column {int(found['column']) + 1})"
    return first if len(first) <= _LONGEST_MESSAGE else first[: _LONGEST_MESSAGE - 1] + "…"
