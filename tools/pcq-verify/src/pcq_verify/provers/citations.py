"""`citations`: claims point at enough distinct recorded sources, and say recorded values (spec/provers.md, 5)."""

from __future__ import annotations

__all__ = ["judge_citations"]

from collections.abc import Mapping
from typing import Any

from pcq_verify.encoding import digest_of
from pcq_verify.pointers import NOTHING, follow
from pcq_verify.provers.judgement import Judgement, Scope
from pcq_verify.provers.templates import REASONS, is_template_claim, reason_against


def judge_citations(claim: Mapping[str, Any], scope: Scope, recorded: Mapping[str, Any]) -> Judgement:
    """From the step's own outputs and those of the ancestors that it cites."""
    del recorded
    claims = _claims(scope.values.of(scope.step.step_id, "outputs"))
    if claims is None:
        return Judgement("error", "citations.malformed", {"claims": []})
    ancestors = set(scope.values.ancestors(scope.step.step_id))
    found = [_resolve(item, ancestors, scope) for item in claims]
    result, reason = _verdict(found, claim)
    return Judgement(result, reason, {"claims": found})


def _verdict(found: list[dict[str, Any]], claim: Mapping[str, Any]) -> tuple[str, str]:
    if not found:
        return "fail", "citations.no_claims"
    if any(item["dangling"] for item in found):
        return "fail", "citations.dangling"
    if any(len(item["sources"]) < claim.get("minimum", 1) for item in found):
        return "fail", "citations.too_few"
    if claim.get("templates") is True and not all("fault" in item for item in found):
        return "fail", "citations.no_template"
    for name in REASONS:
        if any(item.get("fault") == f"citations.{name}" for item in found):
            return "fail", f"citations.{name}"
    return "pass", "citations.met"


def _claims(outputs: Any) -> list[Any] | None:
    claims = outputs.get("claims") if type(outputs) is dict else None
    return claims if type(claims) is list and all(_is_claim(item) for item in claims) else None


def _is_claim(item: Any) -> bool:
    if type(item) is not dict or type(item.get("citations")) is not list or not is_template_claim(item):
        return False
    texts = [item.get("claimId"), item.get("text")]
    for citation in item["citations"]:
        if type(citation) is not dict:
            return False
        texts += [citation.get("stepId"), citation.get("pointer"), citation.get("sourceId", "")]
    return all(type(text) is str for text in texts)


def _resolve(item: Mapping[str, Any], ancestors: set[str], scope: Scope) -> dict[str, Any]:
    sources, dangling = set(), []
    for citation in item["citations"]:
        source = _source(citation, ancestors, scope)
        if source is not None and citation.get("sourceId", source) == source:
            sources.add(source)
        else:
            dangling.append({"stepId": citation["stepId"], "pointer": citation["pointer"]})
    found: dict[str, Any] = {"claimId": item["claimId"], "sources": sorted(sources), "dangling": dangling}
    if "template" in item:
        found["values"] = {name: _source(told, ancestors, scope) for name, told in item["values"].items()}
        found["fault"] = reason_against(item, found["values"])
    return found


def _source(place: Mapping[str, Any], ancestors: set[str], scope: Scope) -> str | None:
    """The digest of what a stepId and a pointer lead to, or None; raises UnavailableError for what is hidden."""
    if place["stepId"] not in ancestors:
        return None
    value = follow(scope.values.of(place["stepId"], "outputs"), place["pointer"])
    return None if value is NOTHING else digest_of(value)
