"""Values against an author's JSON Schema: in this process what is small, in the evaluator's child everything else.

Provers, parameters and the answers of external APIs are checked here alike (spec/provers.md, 10).
"""

from __future__ import annotations

__all__ = ["Finding", "require_usable", "schema_findings"]

from typing import Any, NamedTuple

from runbooks.evaluator import compile_schema, findings_here, findings_in_child, is_small


class Finding(NamedTuple):
    """A place in the value that is not as the schema says, and what it says; nothing of the value but names."""

    pointer: str
    expected: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.expected}"


def require_usable(schema: Any) -> None:
    """Raise SchemaError for a schema that cannot be used."""
    compile_schema(schema)


def schema_findings(schema: Any, value: Any) -> list[Finding]:
    """At most 10 findings, sorted by the UTF-8 bytes of their pointers, one for each; none for a valid value.

    Raises SchemaError for a schema that cannot be used, or whose use takes too long or too much memory.
    """
    found = findings_here(schema, value) if is_small(schema, value) else findings_in_child(schema, value)
    return [Finding(pointer, expected) for pointer, expected in found]
