"""A runbook's definition: strict JSON of a published shape, known by its digest, immutable.

This module reads bytes into values and knows no step type and no prover; what can be wrong with
names, expressions and provers is told by `lint`. Dependencies are those of spec/execution.md, 1.
"""

from __future__ import annotations

__all__ = ["Definition", "StepDefinition", "parse_definition"]

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from runbooks.canonical import digest, dumps, loads
from runbooks.errors import CanonicalError, DefinitionError, Problem

PHASES = ("preconditions", "postconditions")


@dataclass(frozen=True)
class StepDefinition:
    """One step as its author wrote it; `depends_on` has the default filled in, sorted by UTF-8 bytes.

    `review` says who decides when a proof denies: the definition's members under the step's own. `when` and `for_each`
    are expressions, `max_concurrency` bounds how many items are performed at once.
    """

    step_id: str
    kind: str
    depends_on: tuple[str, ...]
    inputs: str | Mapping[str, str] | None
    preconditions: tuple[str, ...]
    postconditions: tuple[str, ...]
    max_attempts: int
    interval: float
    timeout: float
    review: Mapping[str, Any]
    when: str | None
    for_each: str | None
    max_concurrency: int
    body: Mapping[str, Any] = field(repr=False)

    def provers(self, phase: str) -> tuple[str, ...]:
        """Names of the provers of `preconditions` or `postconditions`, in the author's order."""
        return self.preconditions if phase == "preconditions" else self.postconditions


@dataclass(frozen=True)
class Definition:
    """One version of a runbook; `raw` are its RFC 8785 bytes and `digest` names them."""

    runbook_id: str
    name: str
    version: str
    purpose: str | None
    parameters: Mapping[str, Any] | None
    steps: tuple[StepDefinition, ...]
    provers: Mapping[str, Mapping[str, Mapping[str, Any]]]
    raw: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """The context's `runbookDigest`."""
        return digest(self.raw)

    def claim(self, phase: str, name: str, registry: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The claim of a prover: the definition's own, else the installation's, else None (spec/provers.md, 1)."""
        own: Mapping[str, Any] | None = self.provers.get(phase, {}).get(name)
        if own is not None:
            return own
        found: Mapping[str, Any] | None = registry.get(phase, {}).get(name)
        return found


def parse_definition(data: bytes, shape_problems: Callable[[Any], list[Problem]]) -> Definition:
    """The definition in strict JSON bytes; raises DefinitionError with every finding about its shape."""
    try:
        value = loads(data)
    except CanonicalError as error:
        raise DefinitionError(
            [Problem(error.code, "", str(error), "the file must be one strict JSON object")]
        ) from None
    problems = shape_problems(value)
    if problems:
        raise DefinitionError(problems)
    return Definition(
        runbook_id=value["runbookId"],
        name=value["name"],
        version=value["version"],
        purpose=value.get("purpose"),
        parameters=value.get("parameters"),
        steps=_steps(value["steps"], value.get("review", {})),
        provers=value.get("provers", {}),
        raw=dumps(value),
    )


def _steps(items: list[dict[str, Any]], review: Mapping[str, Any]) -> tuple[StepDefinition, ...]:
    previous: tuple[str, ...] = ()
    steps = []
    for item in items:
        depends_on = item.get("dependsOn", previous)
        retry = item.get("retry", {})
        steps.append(
            StepDefinition(
                step_id=item["stepId"],
                kind=item["type"],
                depends_on=tuple(sorted(depends_on, key=lambda name: name.encode())),
                inputs=item.get("inputs"),
                preconditions=tuple(item.get("preconditions", ())),
                postconditions=tuple(item.get("postconditions", ())),
                max_attempts=retry.get("maxAttempts", 3),
                interval=retry.get("intervalSeconds", 2),
                timeout=item.get("timeout", 30),
                review={**review, **item.get("review", {})},
                when=item.get("when"),
                for_each=item.get("forEach"),
                max_concurrency=item.get("maxConcurrency", 8),
                body=item,
            )
        )
        previous = (item["stepId"],)
    return tuple(steps)
