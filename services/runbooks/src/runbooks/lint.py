"""Everything that can be said of a definition before it runs.

Errors refuse the definition. Warnings are said and the definition loads: a prover that nobody
defined is one, for the installation may define it later, and until then it denies.
"""

from __future__ import annotations

__all__ = ["lint", "load_definition", "require_parameters"]

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from runbooks.canonical import pointer_to, require_recordable
from runbooks.definition import Definition, parse_definition
from runbooks.errors import CanonicalError, DefinitionError, ExpressionError, ParameterError, Problem, SchemaError
from runbooks.expressions import parse_expression
from runbooks.json_schema import require_usable, schema_findings
from runbooks.nesting import nesting_problems
from runbooks.plan import dependency_problems
from runbooks.provers import COMBINATIONS, PROVERS, claim_problems, contains_itself
from runbooks.schema import shape_problems
from runbooks.sql import check_sql
from runbooks.steps import STEP_KINDS

_RESERVED = "a parameter cannot be called executionId: statements see the execution's own id under that name"

_SCHEMA_HINT = "use JSON Schema 2020-12 without remote $ref, look-around and back references"

Find = Callable[[str], Mapping[str, Any] | None]


def load_definition(data: bytes) -> Definition:
    """The definition; raises DefinitionError with every finding that makes it unusable."""
    definition = parse_definition(data, shape_problems)
    problems = [
        *dependency_problems(definition.steps),
        *_expression_problems(definition),
        *_mapping_problems(definition),
        *_misfit_problems(definition),
        *_schema_problems(definition),
        *_statement_problems(definition),
        *_claim_problems(definition),
        *nesting_problems(definition, lambda _: None, only_circular=True),
        *_parameter_schema_problems(definition),
    ]
    if problems:
        raise DefinitionError(problems)
    return definition


def lint(definition: Definition, registry: Mapping[str, Any]) -> list[Problem]:
    """Warnings for a loaded definition in this installation."""
    problems: list[Problem] = []
    for number, step in enumerate(definition.steps):
        for phase in ("preconditions", "postconditions"):
            for place, name in enumerate(step.provers(phase)):
                where = f"/steps/{number}/{phase}/{place}"
                find = partial(definition.claim, phase, registry=registry)
                problems += _name_problems(name, phase, find, where, f"the step {step.step_id} will be denied")
    return problems


def _name_problems(name: str, phase: str, find: Find, where: str, outcome: str) -> Iterable[Problem]:
    waiting, seen = [name], {name}
    while waiting:
        part = waiting.pop()
        claim = find(part)
        if claim is None:
            message = f"no definition of the prover {part}: {outcome}"
            hint = f"define it under /provers/{phase} or in the installation's prover registry"
            yield Problem("prover.undefined", where, message, hint)
        elif claim["type"] in COMBINATIONS:
            waiting += [inner for inner in claim["provers"] if inner not in seen]
            seen.update(claim["provers"])
        elif claim["type"] not in PROVERS:
            message = f"prover {part} has the unknown type {claim['type']}: {outcome}"
            yield Problem("prover.unknown_kind", where, message, _known_provers())


def require_parameters(definition: Definition, parameters: Mapping[str, Any]) -> None:
    """Raise ParameterError, naming each, when parameters are unknown, missing or of the wrong type."""
    schema = dict(definition.parameters or {"type": "object"})
    schema.setdefault("additionalProperties", False)
    if "executionId" in parameters:
        raise ParameterError(_RESERVED, problems=[Problem(ParameterError.code, "/executionId", _RESERVED)])
    known = ", ".join(schema.get("properties", {})) or "none"
    unknown = sorted(set(parameters) - set(schema.get("properties", {})))
    if unknown and schema["additionalProperties"] is False:
        message = f"runbook {definition.runbook_id} has no parameter {', '.join(unknown)} (it has: {known})"
        where = [Problem(ParameterError.code, pointer_to([name]), "no such parameter") for name in unknown]
        raise ParameterError(message, problems=where)
    try:
        require_recordable(parameters)
        found = schema_findings(schema, dict(parameters))
    except (CanonicalError, SchemaError) as error:
        raise ParameterError(f"runbook {definition.runbook_id}: parameters: {error}") from None
    if found:
        told = "; ".join(f"{finding}{_described(schema, finding.pointer)}" for finding in found)
        where = [Problem(ParameterError.code, finding.pointer, finding.expected) for finding in found]
        raise ParameterError(f"runbook {definition.runbook_id}: {told} (it has: {known})", problems=where)


def _described(schema: Mapping[str, Any], pointer: str) -> str:
    """What the author says of the parameter that a pointer leads to."""
    told = schema.get("properties", {}).get(pointer.removeprefix("/"), {})
    return f" (expected {told['description']})" if isinstance(told, dict) and "description" in told else ""


def _expression_problems(definition: Definition) -> Iterable[Problem]:
    for number, step in enumerate(definition.steps):
        texts = list(STEP_KINDS[step.kind].expressions(step))
        texts += [(name, text) for name, text in (("when", step.when), ("forEach", step.for_each)) if text is not None]
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


def _mapping_problems(definition: Definition) -> Iterable[Problem]:
    for number, step in enumerate(definition.steps):
        if step.for_each is not None and step.kind == "mutation" and step.postconditions:
            message = f"step {step.step_id}: each item is a transaction of its own, which no postcondition rolls back"
            hint = "put an assertion behind it, or give one mutation the whole list"
            yield Problem("definition.for_each", f"/steps/{number}/postconditions", message, hint)


def _misfit_problems(definition: Definition) -> Iterable[Problem]:
    for number, step in enumerate(definition.steps):
        for member, why in STEP_KINDS[step.kind].misfits(step):
            yield Problem("definition.misfit", f"/steps/{number}/{member}", f"{member} {why}", "remove it")


def _schema_problems(definition: Definition) -> Iterable[Problem]:
    for number, step in enumerate(definition.steps):
        for member, schema in STEP_KINDS[step.kind].schemas(step):
            try:
                require_usable(schema)
            except SchemaError as error:
                message = f"not a usable JSON Schema: {error}"
                yield Problem("definition.schema", f"/steps/{number}/{member}", message, _SCHEMA_HINT)


def _statement_problems(definition: Definition) -> Iterable[Problem]:
    for number, step in enumerate(definition.steps):
        text = STEP_KINDS[step.kind].statement(step)
        if text is None:
            continue
        try:
            check_sql(text)
        except ExpressionError as error:
            yield Problem(error.code, f"/steps/{number}/sql", str(error), "one SELECT; see spec/execution.md, 3.1")


def _claim_problems(definition: Definition) -> Iterable[Problem]:
    for phase, claims in definition.provers.items():
        for name, claim in claims.items():
            prover, where = PROVERS.get(claim["type"]), pointer_to(["provers", phase, name])
            try:
                require_recordable(claim)
            except CanonicalError as error:
                yield Problem(error.code, where, str(error), "make it flatter")
            if claim["type"] in COMBINATIONS:
                yield from _combination_problems(name, claims.get, where)
            elif prover is None:
                message = f"prover {name} has the unknown type {claim['type']}"
                yield Problem("prover.unknown_kind", where + "/type", message, _known_provers())
            elif prover.phase != phase:
                message = f"{claim['type']} belongs under {prover.phase}"
                yield Problem("prover.wrong_phase", where, message, f"move it to /provers/{prover.phase}")
            else:
                for found in claim_problems(claim):
                    yield Problem(found.code, where + found.pointer, found.message, found.hint)


def _combination_problems(name: str, find: Find, where: str) -> Iterable[Problem]:
    if contains_itself(name, find):
        yield Problem("combined.circular", where + "/provers", f"{name} contains itself", "take one name out")


def _parameter_schema_problems(definition: Definition) -> Iterable[Problem]:
    if definition.parameters is None:
        return
    try:
        require_usable(dict(definition.parameters))
    except SchemaError as error:
        yield Problem("definition.parameters", "/parameters", f"not a usable JSON Schema: {error}", _SCHEMA_HINT)
    if "executionId" in definition.parameters.get("properties", {}):
        where = "/parameters/properties/executionId"
        yield Problem("definition.parameters", where, _RESERVED, "give it another name")


def _known_provers() -> str:
    return "known types: " + ", ".join(sorted({**PROVERS, **COMBINATIONS}))
