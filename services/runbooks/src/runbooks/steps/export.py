"""`export`: write the inputs to a file outside; what a failing prover keeps from happening."""

from __future__ import annotations

__all__ = ["Export"]

from collections.abc import Mapping
from typing import Any

from runbooks.definition import StepDefinition
from runbooks.effects import Action, WriteExport
from runbooks.steps.step_kind import StepKind


class Export(StepKind):
    """Outputs are `{"file", "digest", "size", "mediaType"}` of the RFC 8785 bytes written."""

    kind = "export"
    members = {"file": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"}}
    required = ("file",)

    def action(self, step: StepDefinition, inputs: Any, parameters: Mapping[str, Any]) -> Action | None:
        """The file to write."""
        del parameters
        return WriteExport(step.body["file"], inputs)

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """Name, digest and size of the file."""
        del inputs, values
        return {"file": step.body["file"], "mediaType": "application/json", **answer}
