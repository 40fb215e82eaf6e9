"""`citations`: every claim points at enough distinct recorded sources (spec/provers.md, 5)."""

from __future__ import annotations

__all__ = ["Citations"]

from collections.abc import Mapping
from typing import Any

from runbooks.canonical import digest_of
from runbooks.evidence import Scope, resolve_pointer
from runbooks.provers.prover import Claim, Prover, Verdict


class Citations(Prover):
    """A source is known by the digest of what the pointer leads to; citing it twice counts once."""

    kind = "citations"
    phase = "postconditions"
    members = {"minimum": {"type": "integer", "minimum": 1, "maximum": 1000}}

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """From the step's outputs and those of its ancestors."""
        del answer
        claims = _claims(scope.outputs)
        if claims is None:
            return Verdict("error", "citations.malformed", {"claims": []})
        found = [_resolve(item, scope.ancestors) for item in claims]
        evidence = {"claims": found}
        if not found:
            return Verdict("fail", "citations.no_claims", evidence)
        if any(item["dangling"] for item in found):
            return Verdict("fail", "citations.dangling", evidence)
        if any(len(item["sources"]) < claim.get("minimum", 1) for item in found):
            return Verdict("fail", "citations.too_few", evidence)
        return Verdict("pass", "citations.met", evidence)


def _claims(outputs: Any) -> list[dict[str, Any]] | None:
    claims = outputs.get("claims") if isinstance(outputs, dict) else None
    if not isinstance(claims, list) or not all(_is_claim(item) for item in claims):
        return None
    return claims


def _is_claim(item: Any) -> bool:
    if not isinstance(item, dict) or not isinstance(item.get("citations"), list):
        return False
    texts = [item.get("claimId"), item.get("text")]
    for citation in item["citations"]:
        if not isinstance(citation, dict):
            return False
        texts += [citation.get("stepId"), citation.get("pointer"), citation.get("sourceId", "")]
    return all(isinstance(text, str) for text in texts)


def _resolve(item: dict[str, Any], ancestors: Mapping[str, Any]) -> dict[str, Any]:
    sources: set[str] = set()
    dangling = []
    for citation in item["citations"]:
        step_id, pointer = citation["stepId"], citation["pointer"]
        found, value = resolve_pointer(ancestors[step_id], pointer) if step_id in ancestors else (False, None)
        source = digest_of(value)
        if found and citation.get("sourceId", source) == source:
            sources.add(source)
        else:
            dangling.append({"stepId": step_id, "pointer": pointer})
    return {"claimId": item["claimId"], "sources": sorted(sources), "dangling": dangling}
