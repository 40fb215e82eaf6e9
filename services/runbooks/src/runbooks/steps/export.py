"""`export`: write the inputs to a file outside; what a failing prover keeps from happening."""

from __future__ import annotations

__all__ = ["Export", "export_bytes"]

from collections.abc import Iterable, Mapping
from typing import Any

from runbooks.artifacts import read_artifact
from runbooks.canonical import dumps
from runbooks.definition import StepDefinition
from runbooks.effects import Action, WriteArtifact, WriteExport
from runbooks.steps.csv_rows import csv_bytes
from runbooks.steps.step_kind import StepKind

_MEDIA_TYPES = {"json": "application/json", "csv": "text/csv"}


class Export(StepKind):
    """Outputs are `{"file", "mediaType", "digest", "size"}` of the bytes written.

    These are the RFC 8785 bytes of the inputs, their rows as CSV, or the bytes of the artifact that they are.
    """

    kind = "export"
    members = {
        "file": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"},
        "format": {"enum": ["json", "csv", "artifact"]},
        "columns": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string"}},
    }
    required = ("file",)

    def misfits(self, step: StepDefinition) -> Iterable[tuple[str, str]]:
        """Columns of what has none."""
        if "columns" in step.body and step.body.get("format") != "csv":
            yield "columns", 'are those of a csv export alone; add "format": "csv" to keep them'

    def touches(self, step: StepDefinition) -> Mapping[str, Any] | None:
        """The file."""
        return {"file": step.body["file"]}

    def action(self, step: StepDefinition, inputs: Any, parameters: Mapping[str, Any]) -> Action | None:
        """The file to write; raises EvidenceError for inputs that are no artifact where one is to be written."""
        del parameters
        kind, file = step.body.get("format", "json"), step.body["file"]
        if kind != "artifact":
            return WriteExport(file, inputs, kind, step.body.get("columns"))
        artifact = read_artifact(inputs, f"step {step.step_id}: what it exports")
        return WriteArtifact(file, artifact.digest, artifact.size)

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """Name, digest and size of the file."""
        del values
        kind = step.body.get("format", "json")
        media_type = _MEDIA_TYPES[kind] if kind in _MEDIA_TYPES else inputs["mediaType"]
        return {"file": step.body["file"], "mediaType": media_type, **answer}


def export_bytes(action: WriteExport) -> bytes:
    """The bytes to write; raises EvidenceError for rows that have no CSV."""
    return csv_bytes(action.content, action.columns) if action.format == "csv" else dumps(action.content)
