"""What a judge sees and what it says: `Scope` in, `Judgement` out (spec/provers.md, 1)."""

from __future__ import annotations

__all__ = ["Judgement", "Scope"]

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pcq_verify.manifest import Manifest, Step
from pcq_verify.sandbox import Sandbox
from pcq_verify.values import Values


@dataclass(frozen=True)
class Judgement:
    """Result, reason code and the evidence that must have been recorded."""

    result: str
    reason: str
    evidence: dict[str, Any]


@dataclass(frozen=True)
class Scope:
    """One step of one manifest, with its recorded values and the installation's licence registry."""

    manifest: Manifest
    step: Step
    values: Values
    licences: Mapping[str, Any]
    sandbox: Sandbox

    @property
    def logical_time(self) -> str:
        """The one time that the execution knows."""
        time: str = self.manifest.context["logicalTime"]
        return time
