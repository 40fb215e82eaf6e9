"""What a Cypher statement of a runbook may not contain, whatever the server would allow.

Three things escape the transaction in which a statement runs, and so the promise that a refused mutation leaves no
trace: `CALL { … } IN TRANSACTIONS` (ArcadeDB commits its batches even inside an explicit transaction), schema and
administration commands, and `LOAD CSV`, which reads files and addresses of the server's machine (Neo4j does so in read
mode too). The check is lexical, on the text outside strings, quoted names and comments.
"""

from __future__ import annotations

__all__ = ["refuse_unsafe"]

import re

from runbooks.errors import PermanentPortError

_COMMENT_OR_QUOTED = re.compile(
    r"""(?P<comment> //[^\n]* | /\*.*?\*/ ) | '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | `(?:[^`]|``)*`""",
    re.VERBOSE | re.DOTALL,
)

# Neo4j resolves unicode escapes before it reads tokens, so `LOAD \u0043SV` and an escaped quote would pass as harmless.
_ESCAPED_ASCII = re.compile(r"\\u+00[0-7][0-9a-f]", re.IGNORECASE)

_COMMANDS = (
    "ALTER|CYPHER|DEALLOCATE|DENY|DROP|ENABLE|EXPLAIN|GRANT|PROFILE|REALLOCATE|RENAME|REVOKE"
    "|SHOW|START|STOP|TERMINATE|USE"
)

_REFUSED = (
    (re.compile(r"\bLOAD\s+CSV\b", re.IGNORECASE), "LOAD CSV"),
    (re.compile(r"\bIN\s+(?:(?:\S+\s+)?CONCURRENT\s+)?TRANSACTIONS\b", re.IGNORECASE), "IN TRANSACTIONS"),
    (re.compile(rf"\A\s*(?:{_COMMANDS})\b", re.IGNORECASE), "a command"),
    # `CREATE INDEX …`, `CREATE USER …`; but `CREATE (n)` and `CREATE path = (n)` make data.
    (re.compile(r"\A\s*CREATE\s+\w+\b(?!\s*=)", re.IGNORECASE), "a schema or administration command"),
)


def refuse_unsafe(statement: str) -> None:
    """Raise PermanentPortError, code `graph.refused`, for a statement that could act outside its transaction.

    A blank statement is refused with `graph.syntax`.
    """
    bare = _COMMENT_OR_QUOTED.sub(lambda found: " " if found["comment"] else " '' ", statement)
    if not bare.strip().strip(";"):
        raise PermanentPortError("the statement is empty", code="graph.syntax")
    if _ESCAPED_ASCII.search(statement):
        raise PermanentPortError(
            "the statement escapes an ASCII character with \\u: write the character itself", code="graph.refused"
        )
    for pattern, name in _REFUSED:
        if pattern.search(bare):
            raise PermanentPortError(
                f"the statement holds {name}: only clauses that read or write data are allowed", code="graph.refused"
            )
