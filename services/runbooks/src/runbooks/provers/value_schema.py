"""`schema`: a value of the outputs has the shape that the claim says (spec/provers.md, 10)."""

from __future__ import annotations

__all__ = ["ValueSchema"]

from collections.abc import Iterable
from typing import Any

from runbooks.canonical import digest_of, pointer_to
from runbooks.evidence import Scope, resolve_pointer
from runbooks.provers.prover import Claim, Prover, Verdict
from runbooks.provers.rows import POINTER

_MAX_ERRORS = 10


class ValueSchema(Prover):
    """JSON Schema 2020-12 without references to elsewhere; a schema that cannot be used is an error."""

    kind = "schema"
    phase = "postconditions"
    members = {"schema": {"type": "object"}, **POINTER}
    required = ("schema",)

    def claim_problems(self, claim: Claim) -> Iterable[tuple[str, str]]:
        """A schema that cannot be used."""
        try:
            _validator(claim["schema"])
        except ValueError as error:
            yield "schema", f"not a usable JSON Schema: {str(error).splitlines()[0]}"

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
        evidence.update(valid=not errors, errors=errors[:_MAX_ERRORS])
        return Verdict("fail", "schema.invalid", evidence) if errors else Verdict("pass", "schema.valid", evidence)


def _errors(schema: Any, value: Any) -> list[str] | None:
    """Pointers to what is wrong, distinct and sorted; None when the schema cannot be used."""
    try:
        validator = _validator(schema)
    except ValueError:
        return None
    pointers = {pointer_to(error.instance_path) for error in validator.iter_errors(value)}
    return sorted(pointers, key=str.encode)


def _validator(schema: Any) -> Any:
    """Raises ValueError for a schema that cannot be used."""
    import jsonschema_rs

    if _refers_elsewhere(schema):
        raise ValueError("a $ref or $dynamicRef leads out of the schema")
    try:
        # The engine's other kind of pattern goes back and forth in a text, for minutes if it is made for that.
        patterns = jsonschema_rs.RegexOptions()
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=False, pattern_options=patterns)
    except jsonschema_rs.ReferencingError as error:
        raise ValueError(str(error)) from None


def _refers_elsewhere(schema: Any) -> bool:
    if isinstance(schema, list):
        return any(_refers_elsewhere(item) for item in schema)
    if not isinstance(schema, dict):
        return False
    references = [schema[name] for name in ("$ref", "$dynamicRef") if name in schema]
    if any(isinstance(target, str) and not target.startswith("#") for target in references):
        return True
    return any(_refers_elsewhere(item) for item in schema.values())
