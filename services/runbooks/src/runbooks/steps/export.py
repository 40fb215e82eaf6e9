"""`export`: write the inputs to a file outside; what a failing prover keeps from happening."""

from __future__ import annotations

__all__ = ["Export", "export_bytes"]

import re
from collections.abc import Iterable, Mapping
from typing import Any

from runbooks.canonical import dumps
from runbooks.definition import StepDefinition
from runbooks.effects import Action, WriteArtifact, WriteExport
from runbooks.errors import EvidenceError
from runbooks.steps.csv_rows import csv_bytes
from runbooks.steps.step_kind import StepKind

_MEDIA_TYPES = {"json": "application/json", "csv": "text/csv"}
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


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

    def action(self, step: StepDefinition, inputs: Any, parameters: Mapping[str, Any]) -> Action | None:
        """The file to write; raises EvidenceError for inputs that are no artifact where one is to be written."""
        del parameters
        kind, file = step.body.get("format", "json"), step.body["file"]
        if kind != "artifact":
            return WriteExport(file, inputs, kind, step.body.get("columns"))
        if not _is_artifact(inputs):
            message = f"step {step.step_id}: an artifact has digest, size and mediaType; map one with `inputs`"
            raise EvidenceError(message, code="export.artifact")
        return WriteArtifact(file, inputs["digest"], inputs["size"])

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """Name, digest and size of the file."""
        del values
        kind = step.body.get("format", "json")
        media_type = _MEDIA_TYPES[kind] if kind in _MEDIA_TYPES else inputs["mediaType"]
        return {"file": step.body["file"], "mediaType": media_type, **answer}


def export_bytes(action: WriteExport) -> bytes:
    """The bytes to write; raises EvidenceError for rows that have no CSV."""
    return csv_bytes(action.content, action.columns) if action.format == "csv" else dumps(action.content)


def _is_artifact(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("mediaType"), str):
        return False
    size, digest = value.get("size"), value.get("digest")
    is_size = isinstance(size, int) and not isinstance(size, bool) and size >= 0
    return is_size and isinstance(digest, str) and _DIGEST.fullmatch(digest) is not None
