"""Everything that can be said of a definition before it runs.

Errors refuse the definition. Warnings are said and the definition loads: a prover that nobody
defined is one, for the installation may define it later, and until then it denies.
"""

from __future__ import annotations

__all__ = ["lint", "load_definition", "require_parameters"]

from collections.abc import Iterable, Mapping
from typing import Any

from runbooks.canonical import pointer_to, require_recordable
from runbooks.definition import Definition, parse_definition
from runbooks.errors import CanonicalError, DefinitionError, ExpressionError, ParameterError, Problem
from runbooks.expressions import parse_expression
from runbooks.plan import dependency_problems
from runbooks.provers import PROVERS
from runbooks.schema import shape_problems
from runbooks.steps import STEP_KINDS


def load_definition(data: bytes) -> Definition:
    """The definition; raises DefinitionError with every finding that makes it unusable."""
    definition = parse_definition(data, shape_problems)
    problems = [
        *dependency_problems(definition.steps),
        *_expression_problems(definition),
        *_claim_problems(definition),
        *_parameter_schema_problems(definition),
    ]
    if problems:
        raise DefinitionError(problems)
    return definition


def lint(definition: Definition, registry: Mapping[str, Any]) -> list[Problem]:
    """Warnings for a loaded definition in this installation."""
    problems = []
    for number, step in enumerate(definition.steps):
        for phase in ("preconditions", "postconditions"):
            for place, name in enumerate(step.provers(phase)):
                where = f"/steps/{number}/{phase}/{place}"
                claim = definition.claim(phase, name, registry)
                if claim is None:
                    message = f"no definition of the prover {name}: the step {step.step_id} will be denied"
                    hint = f"define it under /provers/{phase} or in the installation's prover registry"
                    problems.append(Problem("prover.undefined", where, message, hint))
                elif claim["type"] not in PROVERS:
                    message = f"prover {name} has the unknown type {claim['type']}: the step will be denied"
                    problems.append(Problem("prover.unknown_kind", where, message, _known_provers()))
    return problems


def require_parameters(definition: Definition, parameters: Mapping[str, Any]) -> None:
    """Raise ParameterError, naming each, when parameters are unknown, missing or of the wrong type."""
    schema = dict(definition.parameters or {"type": "object"})
    schema.setdefault("additionalProperties", False)
    import jsonschema_rs

    known = ", ".join(schema.get("properties", {})) or "none"
    unknown = sorted(set(parameters) - set(schema.get("properties", {})))
    if unknown and schema["additionalProperties"] is False:
        raise ParameterError(f"runbook {definition.runbook_id} has no parameter {', '.join(unknown)} (it has: {known})")
    found = [
        f"{pointer_to(error.instance_path) or '/'}: {error.message}"
        for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(dict(parameters))
    ]
    if found:
        raise ParameterError(f"runbook {definition.runbook_id}: {'; '.join(found)} (it has: {known})")
    try:
        require_recordable(parameters)
    except CanonicalError as error:
        raise ParameterError(f"runbook {definition.runbook_id}: parameters: {error}") from None


def _expression_problems(definition: Definition) -> Iterable[Problem]:
    for number, step in enumerate(definition.steps):
        texts = list(STEP_KINDS[step.kind].expressions(step))
        if isinstance(step.inputs, str):
            texts.append(("inputs", step.inputs))
        elif step.inputs is not None:
            texts += [(pointer_to(["inputs", name])[1:], text) for name, text in step.inputs.items()]
        for member, text in texts:
            try:
                parse_expression(text)
            except ExpressionError as error:
                hint = "expressions are JSONata; see spec/execution.md, 2"
                yield Problem(error.code, f"/steps/{number}/{member}", str(error), hint)


def _claim_problems(definition: Definition) -> Iterable[Problem]:
    for phase, claims in definition.provers.items():
        for name, claim in claims.items():
            prover, where = PROVERS.get(claim["type"]), pointer_to(["provers", phase, name])
            try:
                require_recordable(claim)
            except CanonicalError as error:
                yield Problem(error.code, where, str(error), "make it flatter")
            if prover is None:
                message = f"prover {name} has the unknown type {claim['type']}"
                yield Problem("prover.unknown_kind", where + "/type", message, _known_provers())
            elif prover.phase != phase:
                message = f"{claim['type']} belongs under {prover.phase}"
                yield Problem("prover.wrong_phase", where, message, f"move it to /provers/{prover.phase}")
            else:
                yield from _assertion_problems(prover.expressions, claim, where)


def _assertion_problems(expressions: Any, claim: Mapping[str, Any], where: str) -> Iterable[Problem]:
    try:
        for _, text in expressions(claim):
            parse_expression(text)
    except ExpressionError as error:
        yield Problem(error.code, where + "/assertion", str(error), "write `left op right`, e.g. a / b >= 0.95")


def _parameter_schema_problems(definition: Definition) -> Iterable[Problem]:
    if definition.parameters is None:
        return
    import jsonschema_rs

    try:
        jsonschema_rs.Draft202012Validator(dict(definition.parameters))
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        message = f"not a usable JSON Schema: {str(error).splitlines()[0]}"
        yield Problem("definition.parameters", "/parameters", message, "use JSON Schema 2020-12 without remote $ref")


def _known_provers() -> str:
    return "known types: " + ", ".join(sorted(PROVERS))
