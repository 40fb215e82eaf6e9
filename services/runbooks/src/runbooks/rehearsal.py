"""What an execution would do, told without one: nothing of this is recorded, and no step acts.

Of the preconditions those are asked that need nothing but the start: authority, licences, time windows. The rest is
open until a step runs.
"""

from __future__ import annotations

__all__ = ["rehearse"]

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from runbooks.canonical import digest_of
from runbooks.children import ChildExecutions
from runbooks.definition import Definition, StepDefinition
from runbooks.derivation import Derivation, Materials
from runbooks.effects import Ask
from runbooks.errors import ModelError, ParameterError, Problem
from runbooks.events import ExecutionStarted
from runbooks.execution import Execution
from runbooks.lint import lint, require_parameters
from runbooks.models import named_models
from runbooks.needs import Needs
from runbooks.nesting import Find, nesting_problems
from runbooks.performer import Performer, Ports
from runbooks.provers import denies, leaves
from runbooks.steps import STEP_KINDS

_ASKED = frozenset({"opa", "license_registry", "time_window"})
_OPEN = {"result": "open", "reason": "prover.not_asked"}


async def rehearse(
    world: Ports,
    registries: Mapping[str, Mapping[str, Any]],
    children: ChildExecutions,
    opening: tuple[Definition, Mapping[str, Any], str, str | None],
    find: Find,
) -> dict[str, Any]:
    """What executing `opening` (definition, parameters, who, purpose) would do, step by step in canonical order.

    `problems` keep it from starting, or a step from acting; each is `in` the parameters or the definition, at
    `pointer`. `denied` are the steps of which it is known now that a proof denies them.
    """
    definition, parameters, executed_by, purpose = opening
    problems = [*_parameter_problems(definition, parameters), *_definition_problems(definition, registries, find)]
    materials = Materials(definition, **{**registries, "models": {}})
    started = _started(world, materials, parameters, executed_by, purpose or definition.purpose)
    derivation = Derivation(materials, started)
    proofs: dict[str, list[dict[str, Any]]] = {}
    if not problems:
        performer = Performer(world, Execution(materials), "", children)
        try:
            proofs = {step.step_id: await _proofs(performer, derivation, materials, step) for step in definition.steps}
        finally:
            await performer.close()
    steps = [_step(derivation, step, proofs.get(step.step_id, [])) for step in materials.plan.steps]
    order = [{"stepId": step.step_id, "dependsOn": list(step.depends_on)} for step in materials.plan.steps]
    return {
        "runbookId": definition.runbook_id,
        "version": definition.version,
        "definitionDigest": definition.digest,
        "planDigest": digest_of(order),
        "parametersDigest": digest_of(dict(parameters)),
        "purpose": started.context["purpose"],
        "executedBy": executed_by,
        "problems": problems,
        "denied": [name for name, found in proofs.items() if any(denies(proof) for proof in found)],
        "steps": steps,
        "hosts": sorted({urlsplit(step["touches"]["endpoint"]).netloc for step in steps if step["type"] == _API}),
    }


_API = "external_api"


def _started(
    world: Ports, materials: Materials, parameters: Mapping[str, Any], executed_by: str, purpose: str | None
) -> ExecutionStarted:
    definition, now = materials.definition, world.clock.now()
    context = {
        "runbookId": definition.runbook_id,
        "version": definition.version,
        "logicalTime": now,
        "purpose": purpose,
        "policies": digest_of(materials.policies),
        "licences": digest_of(materials.licences),
    }
    return ExecutionStarted("", 0, executed_by, context, parameters, now)


def _parameter_problems(definition: Definition, parameters: Mapping[str, Any]) -> list[dict[str, str]]:
    try:
        require_parameters(definition, parameters)
    except ParameterError as error:
        return [_told("parameters", item) for item in error.problems or [Problem(error.code, "", str(error))]]
    return []


def _definition_problems(
    definition: Definition, registries: Mapping[str, Mapping[str, Any]], find: Find
) -> list[dict[str, str]]:
    found = [*nesting_problems(definition, find), *lint(definition, registries["provers"])]
    try:
        named_models(definition, registries.get("models", {}))
    except ModelError as error:
        found.append(Problem(error.code, "", str(error)))
    return [_told("definition", item) for item in found]


def _told(where: str, problem: Problem) -> dict[str, str]:
    return {"in": where, "code": problem.code, "pointer": problem.pointer, "message": problem.message}


async def _proofs(
    performer: Performer, derivation: Derivation, materials: Materials, step: StepDefinition
) -> list[dict[str, Any]]:
    """What the preconditions say that can be asked now, of the others nothing."""
    asked = Ask(step.step_id, derivation.questions(step), {}, derivation.licences(step))
    answers = (await performer.ask(asked)).answers
    find = partial(materials.definition.claim, "preconditions", registry=materials.provers)
    known = {name for name in step.preconditions if {claim["type"] for _, claim in leaves([name], find)} <= _ASKED}
    return [proof for proof in derivation.preconditions(step, answers) if proof["prover"] in known]


def _step(derivation: Derivation, step: StepDefinition, proofs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    known = {proof["prover"]: {name: proof[name] for name in ("result", "reason")} for proof in proofs}
    asks = {name: _people(needs) for name, needs in derivation.four_eyes(step).items()}
    own = derivation.approval(step)
    touches = STEP_KINDS[step.kind].touches(step)
    return {
        "stepId": step.step_id,
        "type": step.kind,
        "description": step.body.get("description", ""),
        "dependsOn": list(step.depends_on),
        "when": step.when,
        "forEach": step.for_each,
        "touches": touches and dict(touches),
        "preconditions": [{"prover": name, **known.get(name, _OPEN)} for name in step.preconditions],
        "postconditions": list(step.postconditions),
        "approvals": [
            *({"requirement": f"four_eyes/{name}", **people} for name, people in asks.items()),
            *([{"requirement": "approval", **_people(own)}] if own else []),
        ],
    }


def _people(needs: Needs) -> dict[str, Any]:
    return {
        "quorum": needs.quorum,
        "assignedTo": list(needs.assigned_to),
        "groups": list(needs.groups),
        "dueSeconds": needs.due_seconds,
        "risk": needs.risk,
    }
