"""The definition as far as a verifier needs it: steps, dependencies, provers, expressions (spec/execution.md).

Members that no check reads are let be: what a service accepts for a title or a time limit proves nothing here.
"""

from __future__ import annotations

__all__ = ["Definition", "StepDefinition", "check_definition", "models_of", "read_definition"]

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pcq_verify.claims import CLAIMS
from pcq_verify.needs import APPROVAL, REVIEW
from pcq_verify.shapes import (
    Checker,
    ShapeError,
    any_value,
    array,
    digest_text,
    distinct,
    identifier,
    mapping,
    nullable,
    one_of,
    open_object,
    text,
)

_names = array(identifier)


def _inputs(value: Any) -> None:
    if type(value) is not str:
        mapping(text)(value)


_columns = mapping(mapping(one_of("BOOLEAN", "BIGINT", "DOUBLE", "VARCHAR", "JSON")))


def _statement(value: Any) -> None:
    text(value, least=1, most=65_536)


def _or_sql(other: Checker, members: tuple[str, ...]) -> Checker:
    """A step that has SQL, or else what `other` takes with `members`, but not both."""
    with_sql = open_object({"sql": _statement}, {"columns": _columns})

    def check(value: Any) -> None:
        if "sql" not in value and "columns" not in value:
            other(value)
            return
        with_sql(value)
        for name in members:
            if name in value:
                raise ShapeError(f"expected either sql or {name}, got both")

    return check


_STEP_KINDS: dict[str, Checker] = {
    "transform": _or_sql(open_object({"expression": text}), ("expression",)),
    "aggregate": _or_sql(open_object({"groupBy": text, "measures": mapping(text)}), ("groupBy", "measures")),
    "assertion": open_object({}, {"assert": text}),
    "external_api": open_object({}, {"responseSchema": open_object({})}),
    "approval": open_object({"question": text}, APPROVAL),
    "runbook": open_object({"runbook": identifier}, {"result": identifier}),
    "score": open_object({"model": identifier}, {"digest": digest_text}),
    "export": open_object(
        {"file": text}, {"format": one_of("json", "csv", "artifact"), "columns": distinct(text, least=1)}
    ),
    "report": open_object({"template": text, "file": text}),
    "notify": open_object({"channel": text, "subject": text}, {"to": array(text), "text": text, "attachments": text}),
}
_STEP = open_object(
    {"stepId": identifier, "type": text},
    {
        "dependsOn": _names,
        "preconditions": _names,
        "postconditions": _names,
        "inputs": _inputs,
        "when": text,
        "forEach": text,
        "review": open_object({}, REVIEW),
    },
)


def _step(value: Any) -> None:
    _STEP(value)
    _STEP_KINDS.get(value["type"], any_value)(value)


_DEFINITION = open_object(
    {"runbookId": identifier, "version": text, "steps": array(_step, least=1)},
    {"provers": CLAIMS, "review": open_object({}, REVIEW), "purpose": nullable(text)},
)


@dataclass(frozen=True)
class StepDefinition:
    """One step: its kind, its dependencies with the default filled in, sorted by UTF-8 bytes, and its body."""

    step_id: str
    kind: str
    depends_on: tuple[str, ...]
    body: Mapping[str, Any]

    def provers(self, phase: str) -> tuple[str, ...]:
        """Names of the provers of a phase, in the author's order."""
        return tuple(self.body.get(phase, ()))


@dataclass(frozen=True)
class Definition:
    """One version of a runbook; steps by stepId, `review` what every denial asks for (spec/reviews.md, 1)."""

    runbook_id: str
    version: str
    purpose: str | None
    steps: dict[str, StepDefinition]
    provers: Mapping[str, Mapping[str, Mapping[str, Any]]]
    review: Mapping[str, Any]


def models_of(definition: Definition) -> dict[str, set[str]]:
    """The models that score steps use, each with the digests that they pin it to."""
    found: dict[str, set[str]] = {}
    for step in definition.steps.values():
        if step.kind == "score":
            pinned = step.body.get("digest")
            found.setdefault(step.body["model"], set()).update([pinned] if pinned else [])
    return found


def check_definition(value: Any) -> None:
    """Raise ShapeError where `value` is no definition that a verifier can follow."""
    _DEFINITION(value)
    names = [step["stepId"] for step in value["steps"]]
    if len(set(names)) != len(names):
        raise ShapeError("a stepId occurs twice")


def read_definition(value: dict[str, Any]) -> Definition:
    """The definition of a value that `check_definition` accepts."""
    steps: dict[str, StepDefinition] = {}
    previous: list[str] = []
    for item in value["steps"]:
        depends_on = sorted(item.get("dependsOn", previous), key=lambda name: name.encode())
        steps[item["stepId"]] = StepDefinition(item["stepId"], item["type"], tuple(depends_on), item)
        previous = [item["stepId"]]
    return Definition(
        value["runbookId"],
        value["version"],
        value.get("purpose"),
        steps,
        value.get("provers", {}),
        value.get("review", {}),
    )
