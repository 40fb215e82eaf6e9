"""`report`: set the inputs by a template as a PDF, an artifact that an export writes (spec/execution.md, 4)."""

from __future__ import annotations

__all__ = ["Report", "report_document"]

from collections.abc import Mapping
from typing import Any

from runbooks.canonical import digest_of
from runbooks.definition import StepDefinition
from runbooks.effects import Action, RenderReport
from runbooks.errors import EvidenceError
from runbooks.events import ExecutionStarted
from runbooks.evidence import resolve_pointer
from runbooks.steps.step_kind import StepKind

Json = Mapping[str, Any]


class Report(StepKind):
    """Outputs are the artifact: its bytes are in the blob store, and a replay sets them again."""

    kind = "report"
    members = {
        "template": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$"},
        "file": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,95}[.]pdf$"},
    }
    required = ("template", "file")

    def action(self, step: StepDefinition, inputs: Any, parameters: Json) -> Action | None:
        """What to set; raises EvidenceError for inputs that are no object, and for a citation that leads nowhere."""
        del parameters
        if not isinstance(inputs, dict):
            message = f"step {step.step_id}: a report needs an object as inputs, got {type(inputs).__name__}"
            raise EvidenceError(message, code="report.inputs")
        return RenderReport(step.body["template"], _numbered(step.step_id, inputs))

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """The artifact, with what made it: engine, and digest of the template's source."""
        del inputs, values
        return {"file": step.body["file"], "mediaType": "application/pdf", **answer}


def report_document(action: RenderReport, started: ExecutionStarted) -> dict[str, Any]:
    """What the template sees: the data, and `execution`, whose report it is.

    Its id is drawn by chance, so a report that named it would differ wherever the same execution is run again: the
    digest of the context names it as well.
    """
    context = started.context
    names = ("runbookId", "version", "runbookDigest", "logicalTime")
    own = {"contextHash": digest_of(context), "executedBy": started.executed_by}
    return {**action.data, "execution": {**{name: context[name] for name in names}, **own}}


def _numbered(step_id: str, data: dict[str, Any]) -> dict[str, Any]:
    """The data with the sources of its claims, numbered by their digests, and each claim with its numbers."""
    claims, evidence = data.get("claims"), data.get("evidence")
    if claims is None or evidence is None:
        return data
    if not _are_claims(claims) or not isinstance(evidence, dict):
        message = f"step {step_id}: `claims` must be a list of claims with citations, `evidence` outputs by stepId"
        raise EvidenceError(message, code="report.claims")
    cited = [[_source(step_id, citation, evidence) for citation in claim["citations"]] for claim in claims]
    found = {source["digest"]: source for sources in cited for source in reversed(sources)}
    numbers = {digest: number for number, digest in enumerate(sorted(found), start=1)}
    return {
        **data,
        "claims": [
            {**claim, "numbers": sorted({numbers[source["digest"]] for source in sources})}
            for claim, sources in zip(claims, cited, strict=True)
        ],
        "sources": [{**found[digest], "number": number} for digest, number in numbers.items()],
    }


def _are_claims(value: Any) -> bool:
    if not isinstance(value, list):
        return False
    cited = [claim.get("citations") if isinstance(claim, dict) else None for claim in value]
    return all(isinstance(citations, list) and all(map(_is_citation, citations)) for citations in cited)


def _is_citation(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in ("stepId", "pointer"))


def _source(step_id: str, citation: Json, evidence: Json) -> dict[str, Any]:
    place = {"stepId": citation["stepId"], "pointer": citation["pointer"]}
    is_there, value = resolve_pointer(evidence.get(place["stepId"]), place["pointer"])
    if not is_there or place["stepId"] not in evidence:
        message = f"step {step_id}: the citation of {place['stepId']}{place['pointer']} leads nowhere in its `evidence`"
        raise EvidenceError(message, code="report.citation")
    return {**place, "digest": digest_of(value), "value": value}
