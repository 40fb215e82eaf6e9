"""`external_api`: send the inputs to an API that the installation allows (spec/execution.md, 4)."""

from __future__ import annotations

__all__ = ["ExternalApi"]

from collections.abc import Iterable, Mapping
from typing import Any

from runbooks.definition import StepDefinition
from runbooks.effects import MAX_ANSWER_BYTES, Action, CallApi
from runbooks.errors import EvidenceError, SchemaError
from runbooks.json_schema import schema_findings
from runbooks.steps.step_kind import StepKind

_MAX_FINDINGS = 3
_MAX_TEXT = 600
# ASCII, no user, no fragment, no backslash; the adapter reads it more strictly.
_ENDPOINT = r"^https?://[A-Za-z0-9._:\[\]-]+(/[!-\"$-\[\]-~]*)?$"


class ExternalApi(StepKind):
    """Outputs are the JSON body of a 2xx answer, which satisfies `responseSchema` if the step has one."""

    kind = "external_api"
    is_mappable = True
    members = {
        "endpoint": {"type": "string", "pattern": _ENDPOINT},
        "method": {"enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
        "maxBytes": {"type": "integer", "minimum": 1, "maximum": MAX_ANSWER_BYTES},
        "responseSchema": {"type": "object"},
    }
    required = ("endpoint",)

    def schemas(self, step: StepDefinition) -> Iterable[tuple[str, Any]]:
        """That of the answer."""
        if "responseSchema" in step.body:
            yield "responseSchema", step.body["responseSchema"]

    def touches(self, step: StepDefinition) -> Mapping[str, Any] | None:
        """The API."""
        return {"method": step.body.get("method", "POST"), "endpoint": step.body["endpoint"]}

    def action(self, step: StepDefinition, inputs: Any, parameters: Mapping[str, Any]) -> Action | None:
        """The call; a GET has no body."""
        del parameters
        method = step.body.get("method", "POST")
        body = None if method == "GET" else inputs
        return CallApi(method, step.body["endpoint"], body, step.body.get("maxBytes", MAX_ANSWER_BYTES))

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """The body; raises EvidenceError `api.schema` with where it is not as `responseSchema` says."""
        del inputs, values
        if "responseSchema" not in step.body:
            return answer
        where = f"{step.body['endpoint']}: the answer does not satisfy responseSchema: "
        try:
            found = schema_findings(step.body["responseSchema"], answer)
        except SchemaError as error:
            raise EvidenceError(f"{where}{error}", code="api.schema") from None
        if found:
            text = "; ".join(str(finding) for finding in found[:_MAX_FINDINGS])
            more = f"; and {len(found) - _MAX_FINDINGS} or more" if len(found) > _MAX_FINDINGS else ""
            raise EvidenceError(where + text[:_MAX_TEXT] + more, code="api.schema")
        return answer
