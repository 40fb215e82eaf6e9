"""`citations`: every claim points at enough distinct recorded sources (spec/provers.md, 5)."""

from __future__ import annotations

__all__ = ["judge_citations"]

from collections.abc import Mapping
from typing import Any

from pcq_verify.encoding import digest_of
from pcq_verify.pointers import NOTHING, follow
from pcq_verify.provers.judgement import Judgement, Scope


def judge_citations(claim: Mapping[str, Any], scope: Scope, recorded: Mapping[str, Any]) -> Judgement:
    """From the step's own outputs and those of the ancestors that it cites."""
    del recorded
    claims = _claims(scope.values.of(scope.step.step_id, "outputs"))
    if claims is None:
        return Judgement("error", "citations.malformed", {"claims": []})
    ancestors = set(scope.values.ancestors(scope.step.step_id))
    found = [_resolve(item, ancestors, scope) for item in claims]
    result, reason = _verdict(found, claim.get("minimum", 1))
    return Judgement(result, reason, {"claims": found})


def _verdict(found: list[dict[str, Any]], minimum: int) -> tuple[str, str]:
    if not found:
        return "fail", "citations.no_claims"
    if any(item["dangling"] for item in found):
        return "fail", "citations.dangling"
    if any(len(item["sources"]) < minimum for item in found):
        return "fail", "citations.too_few"
    return "pass", "citations.met"


def _claims(outputs: Any) -> list[Any] | None:
    claims = outputs.get("claims") if type(outputs) is dict else None
    return claims if type(claims) is list and all(_is_claim(item) for item in claims) else None


def _is_claim(item: Any) -> bool:
    if type(item) is not dict or type(item.get("citations")) is not list:
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
        step_id, pointer = citation["stepId"], citation["pointer"]
        value = follow(scope.values.of(step_id, "outputs"), pointer) if step_id in ancestors else NOTHING
        source = None if value is NOTHING else digest_of(value)
        if source is not None and citation.get("sourceId", source) == source:
            sources.add(source)
        else:
            dangling.append({"stepId": step_id, "pointer": pointer})
    return {"claimId": item["claimId"], "sources": sorted(sources), "dangling": dangling}
