"""What a requirement of a step needs, by the definition and the claims (spec/reviews.md, 1)."""

from __future__ import annotations

__all__ = ["RequirementError", "needs_of"]

from collections.abc import Mapping
from typing import Any

from pcq_verify.claims import COMBINATIONS
from pcq_verify.definition import Definition, StepDefinition
from pcq_verify.materials import Documents
from pcq_verify.needs import Needs, read_needs
from pcq_verify.values import UnavailableError

_DENIAL_SECONDS = 259_200
_OTHER_SECONDS = 86_400

Claims = Mapping[str, Mapping[str, Any]]


class RequirementError(ValueError):
    """The definition asks for no such decision at that step."""


def needs_of(step_id: str, requirement: str, documents: Documents) -> Needs:
    """The needs of one requirement; raises RequirementError, and UnavailableError for a document that is missing."""
    definition = documents.definition
    if definition is None:
        raise UnavailableError("the definition is missing")
    step = definition.steps.get(step_id)
    if step is None:
        raise RequirementError(f"the definition has no step {step_id}")
    kind, _, rest = requirement.partition("/")
    if kind == "denial" and rest in ("preconditions", "postconditions") and step.provers(rest):
        return read_needs({**definition.review, **step.body.get("review", {})}, due_seconds=_DENIAL_SECONDS)
    if kind == "four_eyes":
        return read_needs(_four_eyes(step, rest, documents, definition), due_seconds=_OTHER_SECONDS)
    if requirement == "approval" and step.kind == "approval":
        stated = {**step.body, "assignedTo": step.body.get("assignees", [])}
        own = ("quorum", "dueSeconds", "risk", "assignedTo")
        return read_needs({name: stated[name] for name in own if name in stated}, due_seconds=_OTHER_SECONDS)
    raise RequirementError(f"step {step_id} has no requirement {requirement!r}")


def _four_eyes(step: StepDefinition, prover: str, documents: Documents, definition: Definition) -> Mapping[str, Any]:
    if documents.provers is None:
        raise UnavailableError("the prover registry is missing")
    claims: Claims = {**documents.provers.get("preconditions", {}), **definition.provers.get("preconditions", {})}
    claim = claims.get(prover, {})
    if claim.get("type") != "four_eyes" or not _is_reached(prover, step.provers("preconditions"), claims):
        raise RequirementError(f"step {step.step_id} has no four_eyes precondition {prover!r}")
    return claim


def _is_reached(prover: str, names: tuple[str, ...], claims: Claims) -> bool:
    """Whether a prover stands among the names or in a combination among them."""
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name == prover:
            return True
        if name not in seen:
            seen.add(name)
            claim = claims.get(name, {})
            waiting += claim["provers"] if claim.get("type") in COMBINATIONS else ()
    return False
