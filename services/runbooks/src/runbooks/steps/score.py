"""`score`: a pinned model's confidence for every row (spec/models.md, 2)."""

from __future__ import annotations

__all__ = ["Score"]

from collections.abc import Mapping
from typing import Any

from runbooks.canonical import digest_of
from runbooks.definition import StepDefinition
from runbooks.models import score_rows
from runbooks.steps.step_kind import StepKind


class Score(StepKind):
    """Pure, given the model's document; outputs are `{"model": its digest, "rows": the rows with the confidence}`."""

    kind = "score"
    members = {
        "model": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:/@\\[\\]>=<-]{0,127}$"},
        "digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
    }
    required = ("model",)
    is_mappable = True

    def model(self, step: StepDefinition) -> str | None:
        """The model that the step names."""
        name: str = step.body["model"]
        return name

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """The scored rows; raises EvidenceError naming row and feature. `answer` is the model's document."""
        del values
        return {"model": digest_of(answer), "rows": score_rows(answer, inputs, f"step {step.step_id}")}
