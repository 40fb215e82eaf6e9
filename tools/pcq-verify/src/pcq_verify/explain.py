"""Tells what a manifest says: who, what, when, which verdicts, under which policy and licence, and what is not shown.

It reads a manifest whose shape is good and claims nothing about its truth: the verification's result stands below it.
Evidence and materials have any shape a liar likes, so nothing is taken from them without looking.
"""

from __future__ import annotations

__all__ = ["explain_lines"]

import base64
from collections.abc import Iterator
from typing import Any

from pcq_verify.outcomes import PHASES
from pcq_verify.strict_json import StrictJsonError, parse_json
from pcq_verify.wording import plain

_REASONS = {
    "policy.allowed": "the policy allows it",
    "policy.denied": "the policy denies it",
    "policy.undefined": "the policy gives no answer",
    "policy.non_boolean": "the policy's answer is neither true nor false",
    "policy.error": "the policy could not be evaluated",
    "licence.permitted": "a licence in force permits it",
    "licence.prohibited": "a licence in force prohibits it",
    "licence.not_permitted": "no licence in force permits it",
    "licence.not_active": "no licence for it is in force",
    "licence.unknown_resource": "there is no licence for it",
    "licence.malformed_check": "the check is not of the form `resource allows action`",
    "metric.met": "the measured value meets the threshold",
    "metric.not_met": "the measured value does not meet the threshold",
    "metric.no_row": "the query did not give exactly one row",
    "metric.not_finite": "there is no finite value",
    "metric.expression_error": "the expression failed",
    "citations.met": "every claim has enough distinct sources",
    "citations.too_few": "a claim has too few distinct sources",
    "citations.dangling": "a citation leads nowhere",
    "citations.no_claims": "there is no claim",
    "citations.malformed": "the claims are not of the expected shape",
    "prover.undefined": "nobody defined this prover",
    "prover.unknown_kind": "the kind of this prover is unknown",
    "prover.wrong_phase": "this prover does not belong in this phase",
}
_OUTCOMES = {
    "done": "done",
    "failed": "failed",
    "skipped": "skipped",
    "blocked": "blocked by a prover",
    "not-run": "not run",
    "overridden": "overridden",
}


def explain_lines(manifest: dict[str, Any]) -> Iterator[str]:
    """The story of a manifest that has the shape of the spec."""
    for line in (*_head(manifest), *_steps(manifest), *_rules(manifest), *_not_shown(manifest)):
        yield plain(line)


def _head(manifest: dict[str, Any]) -> Iterator[str]:
    context = manifest["context"]
    yield f"Manifest {manifest['manifestId']} of runbook {manifest['runbookId']}, version {manifest['version']}"
    yield f"  who      {manifest['executedBy']}"
    yield f"  when     {manifest['executedAt']} (the runner's clock); logical time {context['logicalTime']}"
    yield f"  why      {context['purpose'] or 'no purpose stated'}"
    yield f"  outcome  {manifest['outcome']}"
    yield f"  number   {manifest['executionSeq']} of this runbook at {manifest['logOrigin']}"
    yield f"  before   {manifest['previousManifestHash'] or 'no manifest of this runbook was sealed before'}"
    yield f"  root     {manifest['merkleRoot']}"


def _steps(manifest: dict[str, Any]) -> Iterator[str]:
    definition = _material(manifest, manifest["context"]["runbookDigest"])
    declared = {str(step.get("stepId")): step for step in _objects(_at(definition, "steps"))}
    yield f"Steps ({len(manifest['steps'])})"
    for number, step in enumerate(manifest["steps"], 1):
        told = declared.get(step["stepId"], {})
        kind = f" ({told['type']})" if "type" in told else ""
        yield f"  {number}. {step['stepId']}{kind}: {_OUTCOMES[step['attestation']['outcome']]}"
        if told.get("description"):
            yield f"     {told['description']}"
        for attempt in step["observed"]["attempts"]:
            if attempt["error"]:
                yield f"     attempt {attempt['attempt']}: {attempt['error']['code']}: {attempt['error']['message']}"
        for phase in PHASES:
            for proof in step["proofs"][phase]:
                yield f"     {phase[:-1]} {proof['prover']}: {_verdict(proof)}"


def _verdict(proof: dict[str, Any]) -> str:
    words = _REASONS.get(proof["reason"], proof["reason"])
    weight = "" if proof["severity"] == "block" else ", a warning only"
    return f"{proof['result']}, {words}{_detail(proof)}{weight}"


def _detail(proof: dict[str, Any]) -> str:
    evidence = proof["evidence"]
    if "$redacted" in evidence:
        return " (evidence not shown)"
    if proof["kind"] == "opa":
        action, resource = _at(evidence, "input", "action", "name"), _at(evidence, "input", "resource", "type")
        return f" ({action} {resource}, asked as {_at(evidence, 'query')})"
    if proof["kind"] == "license_registry":
        licence = _at(evidence, "licence") or "no licence"
        return f" ({_at(evidence, 'action')} of {_at(evidence, 'resource')}: {licence})"
    if proof["kind"] == "metric":
        return f" (measured {_at(evidence, 'value')})"
    if proof["kind"] == "citations":
        return f" (claims: {len(_objects(_at(evidence, 'claims')))})"
    return ""


def _rules(manifest: dict[str, Any]) -> Iterator[str]:
    context = manifest["context"]
    modules = _at(_material(manifest, context["policies"]), "modules")
    names = ", ".join(sorted(modules)) if isinstance(modules, dict) else ""
    yield "Under"
    yield f"  policy   {context['policies']} ({names or 'not shown'})"
    used = _licences_used(manifest)
    for licence in _objects(_at(_material(manifest, context["licences"]), "licences")):
        name = f"{licence.get('licenceId')}@{licence.get('version')}"
        if name in used:
            yield f"  licence  {name}: {licence.get('title')} ({licence.get('terms')})"
    if not used:
        yield "  licence  no prover rests on one"
    for engine, version in sorted(context["engines"].items()):
        yield f"  engine   {engine}: {version}"


def _licences_used(manifest: dict[str, Any]) -> set[str]:
    proofs = [proof for step in manifest["steps"] for phase in PHASES for proof in step["proofs"][phase]]
    return {
        proof["evidence"]["licence"]
        for proof in proofs
        if proof["kind"] == "license_registry" and isinstance(proof["evidence"].get("licence"), str)
    }


def _not_shown(manifest: dict[str, Any]) -> Iterator[str]:
    yield "Not shown, or not proven by this file"
    hidden = list(_hidden(manifest))
    yield from (f"  {line}" for line in hidden)
    if not hidden:
        yield "  nothing is redacted, and no value lies outside the file"
    yield "  clock times, attempts and workers are the runner's own statement"
    yield "  answers of graph and external APIs are recorded as they came; nobody asks them again"


def _hidden(manifest: dict[str, Any]) -> Iterator[str]:
    for step in manifest["steps"]:
        for section in ("inputs", "outputs"):
            value = step["attestation"][section]
            fields = (
                value if isinstance(value, dict) and not any(key.startswith("$") for key in value) else {"$": value}
            )
            for key, member in fields.items():
                place = f"step {step['stepId']}, {section}{'' if key == '$' else '.' + key}"
                if isinstance(member, dict) and "$redacted" in member:
                    yield f"{place} is redacted"
                elif isinstance(member, dict) and member.get("$digest") not in (None, *manifest["materials"]):
                    yield f"{place} ({member.get('size')} bytes) lies outside the file"
        for phase in PHASES:
            for proof in step["proofs"][phase]:
                if "$redacted" in proof["evidence"]:
                    yield f"step {step['stepId']}, evidence of {proof['prover']} is redacted"
    if manifest["context"]["parametersDigest"] not in manifest["materials"]:
        yield "the execution's parameters are not in the file"


def _material(manifest: dict[str, Any], key: str) -> Any:
    material = manifest["materials"].get(key, {})
    data = material["text"].encode() if "text" in material else base64.b64decode(material.get("base64", ""))
    try:
        return parse_json(data)
    except StrictJsonError:
        return None


def _at(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
