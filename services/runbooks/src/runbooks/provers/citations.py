"""`citations`: claims point at enough distinct recorded sources, and say recorded values (spec/provers.md, 5)."""

from __future__ import annotations

__all__ = ["Citations"]

from collections.abc import Mapping
from typing import Any

from runbooks.canonical import digest_of
from runbooks.evidence import Scope, resolve_pointer
from runbooks.provers.prover import Claim, Prover, Verdict
from runbooks.provers.wording import TEMPLATE_RULES, template_fault


class Citations(Prover):
    """A source is known by the digest of what the pointer leads to; citing it twice counts once."""

    kind = "citations"
    phase = "postconditions"
    members = {"minimum": {"type": "integer", "minimum": 1, "maximum": 1000}, "templates": {"type": "boolean"}}

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """From the step's outputs and those of its ancestors."""
        del answer
        claims = _claims(scope.outputs)
        if claims is None:
            return Verdict("error", "citations.malformed", {"claims": []})
        found = [_resolve(item, scope.ancestors) for item in claims]
        reason = _fault(found, claim)
        return Verdict("fail" if reason else "pass", reason or "citations.met", {"claims": found})


def _fault(found: list[dict[str, Any]], claim: Claim) -> str | None:
    if not found:
        return "citations.no_claims"
    if any(item["dangling"] for item in found):
        return "citations.dangling"
    if any(len(item["sources"]) < claim.get("minimum", 1) for item in found):
        return "citations.too_few"
    if claim.get("templates", False) and any("values" not in item for item in found):
        return "citations.no_template"
    faults = {item.get("fault") for item in found}
    return next((reason for reason in TEMPLATE_RULES if reason in faults), None)


def _claims(outputs: Any) -> list[dict[str, Any]] | None:
    claims = outputs.get("claims") if isinstance(outputs, dict) else None
    if not isinstance(claims, list) or not all(_is_claim(item) for item in claims):
        return None
    return claims


def _is_claim(item: Any) -> bool:
    if not isinstance(item, dict) or not isinstance(item.get("citations"), list):
        return False
    if ("template" in item) != ("values" in item) or not isinstance(item.get("values", {}), dict):
        return False
    texts = [item.get("claimId"), item.get("text"), item.get("template", "")]
    for citation in item["citations"]:
        if not isinstance(citation, dict):
            return False
        texts += [citation.get("stepId"), citation.get("pointer"), citation.get("sourceId", "")]
    for value in item.get("values", {}).values():
        if not isinstance(value, dict) or "value" not in value:
            return False
        texts += [value.get("stepId"), value.get("pointer")]
    return all(isinstance(text, str) for text in texts)


def _resolve(item: dict[str, Any], ancestors: Mapping[str, Any]) -> dict[str, Any]:
    sources: set[str] = set()
    dangling = []
    for citation in item["citations"]:
        source = _digest_at(citation, ancestors)
        if source is not None and citation.get("sourceId", source) == source:
            sources.add(source)
        else:
            dangling.append({"stepId": citation["stepId"], "pointer": citation["pointer"]})
    found = {"claimId": item["claimId"], "sources": sorted(sources), "dangling": dangling}
    if "template" in item:
        values = {name: _digest_at(value, ancestors) for name, value in item["values"].items()}
        found |= {"values": values, "fault": template_fault(item, values)}
    return found


def _digest_at(place: dict[str, Any], ancestors: Mapping[str, Any]) -> str | None:
    if place["stepId"] not in ancestors:
        return None
    is_there, value = resolve_pointer(ancestors[place["stepId"]], place["pointer"])
    return digest_of(value) if is_there else None
