"""`schema`: a value of the outputs has the shape that the claim says (spec/provers.md, 10)."""

from __future__ import annotations

__all__ = ["ValueSchema"]

from collections.abc import Iterable
from typing import Any

from runbooks.canonical import digest_of
from runbooks.errors import SchemaError
from runbooks.evidence import Scope, resolve_pointer
from runbooks.json_schema import require_usable, schema_findings
from runbooks.provers.prover import Claim, Prover, Verdict
from runbooks.provers.rows import POINTER


class ValueSchema(Prover):
    """JSON Schema 2020-12 without references to elsewhere; a schema that cannot be used is an error."""

    kind = "schema"
    phase = "postconditions"
    members = {"schema": {"type": "object"}, **POINTER}
    required = ("schema",)

    def claim_problems(self, claim: Claim) -> Iterable[tuple[str, str]]:
        """A schema that cannot be used."""
        try:
            require_usable(claim["schema"])
        except SchemaError as error:
            yield "schema", f"not a usable JSON Schema: {error}"

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """From the value alone."""
        del answer
        found, value = resolve_pointer(scope.outputs, claim.get("pointer", ""))
        evidence: dict[str, Any] = {"pointer": claim.get("pointer", ""), "schema": digest_of(claim["schema"])}
        evidence.update(valid=None, errors=[])
        if not found:
            return Verdict("error", "schema.no_value", evidence)
        errors = _errors(claim["schema"], value)
        if errors is None:
            return Verdict("error", "schema.unusable", evidence)
        evidence.update(valid=not errors, errors=errors)
        return Verdict("fail", "schema.invalid", evidence) if errors else Verdict("pass", "schema.valid", evidence)


def _errors(schema: Any, value: Any) -> list[str] | None:
    """Pointers to what is wrong, distinct and sorted; None when the schema cannot be used."""
    try:
        return [finding.pointer for finding in schema_findings(schema, value)]
    except SchemaError:
        return None
