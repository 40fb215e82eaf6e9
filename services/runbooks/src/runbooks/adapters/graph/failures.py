"""From the driver's exceptions to the two port errors; the only place that knows a server's error codes.

Another attempt is worth while after a lost connection and after a conflict with another writer; everything else would
fail again. Messages are the server's first sentence with its line and column, never the parameters.
"""

from __future__ import annotations

__all__ = ["is_conflict", "port_error"]

import re

from neo4j.exceptions import ConnectionPoolError, DriverError, Neo4jError, ServiceUnavailable, SessionExpired

from runbooks.errors import PermanentPortError, PortError, TransientPortError

# First match wins. Server code (a prefix) → our code and what it means, where the server does not say it.
_PERMANENT = (
    ("Neo.ClientError.Security.Forbidden", "graph.forbidden", "the graph server's user may not do that"),
    ("Neo.ClientError.Security", "graph.auth", "the graph server refused the credentials"),
    ("Neo.ClientError.Statement.AccessMode", "graph.read_only", "the statement writes, but a query may only read"),
    ("Neo.ClientError.Statement.ParameterMissing", "graph.parameter", "the statement has a parameter without a value"),
    ("Neo.ClientError.Statement.SyntaxError", "graph.syntax", ""),
    ("Neo.ClientError.Statement.SemanticError", "graph.syntax", ""),
    ("Neo.ClientError.Schema.ConstraintValidationFailed", "graph.constraint", ""),
    ("Neo.ClientError.Transaction.TransactionTimedOut", "graph.timeout", "the statement took longer than the time-out"),
)
_CONFLICTS = ("Neo.TransientError.Transaction.", "Neo.ClientError.Transaction.LockAcquisitionTimeout")
# A server that stops, or has just started, ends what runs and refuses what comes.
_NOT_READY = (
    "Neo.TransientError.",
    "Neo.ClientError.Transaction.Terminated",
    "Neo.ClientError.Transaction.LockClientStopped",
)
_LONGEST_MESSAGE = 300
_ARCADEDB_POSITIONS = (
    re.compile(r"Syntax error at line (?P<line>\d+):(?P<column>\d+) - (?P<rest>.*)"),
    re.compile(r"(?P<rest>.*) at line (?P<line>\d+), column (?P<column>\d+)"),
)


def port_error(error: Neo4jError | DriverError, *, reading: bool) -> PortError:
    """The port error for what the driver raised; `reading` says that the statement was to read only."""
    if isinstance(error, Neo4jError):
        return _server_error(error, reading=reading)
    if isinstance(error, ServiceUnavailable | SessionExpired | ConnectionPoolError):
        return TransientPortError(_connection_message(_sentence(str(error))), code="graph.unreachable")
    return PermanentPortError(f"the graph driver refused: {_sentence(str(error))}", code="graph.failed")


def is_conflict(error: Neo4jError | DriverError) -> bool:
    """Whether two writers met and this one may simply start again."""
    return isinstance(error, Neo4jError) and (error.code or "").startswith(_CONFLICTS)


def _server_error(error: Neo4jError, *, reading: bool) -> PortError:
    server_code, message = error.code or "", _sentence(error.message or "")
    if is_conflict(error):
        return TransientPortError(f"another writer was faster: {message}", code="graph.conflict")
    if server_code.startswith(_NOT_READY):
        return TransientPortError(f"the graph server is not ready: {message}", code="graph.unreachable")
    if reading and server_code.startswith("Neo.ClientError.Security.Forbidden"):
        # The reading account may do all but write.
        server_code = "Neo.ClientError.Statement.AccessMode"
    for prefix, code, meaning in _PERMANENT:
        if server_code.startswith(prefix):
            return PermanentPortError(f"{meaning}: {message}" if meaning else message, code=code)
    return PermanentPortError(f"the statement failed: {message}", code="graph.failed")


def _connection_message(message: str) -> str:
    if "defunct connection" in message:
        return "the connection to the graph server broke while it was used"
    where = re.sub(r" \(resolved to .*", "", message)
    return f"the graph server cannot be reached: {where}; check its address and that it runs"


def _sentence(message: str) -> str:
    """The first line, with the position in one notation (lines and columns from 1)."""
    first = (message.strip().splitlines() or [""])[0]
    first = re.sub(r" \(offset: \d+\)", "", first)
    # ArcadeDB counts columns from 0 and has two ways to say where.
    for pattern in _ARCADEDB_POSITIONS:
        if found := pattern.fullmatch(first):
            first = f"{found['rest']} (line {found['line']}, column {int(found['column']) + 1})"
    return first if len(first) <= _LONGEST_MESSAGE else first[: _LONGEST_MESSAGE - 1] + "…"
