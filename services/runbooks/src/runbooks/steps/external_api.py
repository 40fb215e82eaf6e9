"""`external_api`: send the inputs to an API that the installation allows (spec/execution.md, 4)."""

from __future__ import annotations

__all__ = ["ExternalApi"]

from collections.abc import Mapping
from typing import Any

from runbooks.definition import StepDefinition
from runbooks.effects import Action, CallApi
from runbooks.steps.step_kind import StepKind


class ExternalApi(StepKind):
    """Outputs are the JSON body of a 2xx answer."""

    kind = "external_api"
    is_mappable = True
    members = {
        "endpoint": {"type": "string", "pattern": "^https?://[^\\s/?#@]+(/[^\\s#]*)?$"},
        "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
    }
    required = ("endpoint",)

    def action(self, step: StepDefinition, inputs: Any, parameters: Mapping[str, Any]) -> Action | None:
        """The call; a GET has no body."""
        del parameters
        method = step.body.get("method", "POST")
        return CallApi(method, step.body["endpoint"], None if method == "GET" else inputs)

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """The body."""
        del step, inputs, values
        return answer
