"""What a judge sees and what it says: `Scope` in, `Judgement` out (spec/provers.md, 1)."""

from __future__ import annotations

__all__ = ["Judgement", "Scope"]

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pcq_verify.licence_registry import Registry
from pcq_verify.manifest import Manifest, Step
from pcq_verify.reviews import Reviews
from pcq_verify.sandbox import Sandbox
from pcq_verify.values import UnavailableError, Values


@dataclass(frozen=True)
class Judgement:
    """Result, reason code and the evidence that must have been recorded."""

    result: str
    reason: str
    evidence: dict[str, Any]


@dataclass(frozen=True)
class Scope:
    """One step of one manifest, with its recorded values and what the installation and the caller gave.

    `licences` and `parameters` are None when their bytes are not there; `prover` is the name that is judged.
    """

    manifest: Manifest
    step: Step
    values: Values
    licences: Registry | None
    parameters: Mapping[str, Any] | None
    sandbox: Sandbox
    reviews: Reviews
    prover: str = ""

    @property
    def logical_time(self) -> str:
        """The one time that the execution knows."""
        time: str = self.manifest.context["logicalTime"]
        return time

    @property
    def licence_registry(self) -> Registry:
        """The licences; raises UnavailableError."""
        if self.licences is None:
            raise UnavailableError("the licence registry is missing")
        return self.licences

    @property
    def outputs(self) -> Any:
        """What the step gave; raises UnavailableError."""
        return self.values.of(self.step.step_id, "outputs")

    def visible(self) -> dict[str, Any]:
        """What expressions see (spec/execution.md, 2); raises UnavailableError."""
        if self.parameters is None:
            raise UnavailableError("the parameters are missing")
        names = self.values.ancestors(self.step.step_id)
        return {"parameters": self.parameters, "steps": {name: self.values.of(name, "outputs") for name in names}}
