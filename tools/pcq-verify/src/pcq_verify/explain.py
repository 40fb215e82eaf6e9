"""Tells what a manifest says: who, what, when, which verdicts, under which policy and licence, and what is not shown.

It reads a manifest whose shape is good and claims nothing about its truth: the verification's result stands below it.
Evidence and materials have any shape a liar likes, so nothing is taken from them without looking.
"""

from __future__ import annotations

__all__ = ["explain_lines"]

import base64
from collections.abc import Iterator
from typing import Any

from pcq_verify.denials import PHASES
from pcq_verify.review_words import review_lines
from pcq_verify.strict_json import StrictJsonError, parse_json
from pcq_verify.verdict_words import duty_lines, licences_named, verdict_words
from pcq_verify.wording import plain

_OUTCOMES = {
    "done": "done",
    "failed": "failed",
    "skipped": "skipped",
    "blocked": "blocked by a prover",
    "not-run": "not run",
    "overridden": "done, overriding a prover",
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
                yield f"     {phase[:-1]} {proof['prover']}: {verdict_words(proof)}"
                yield from (f"       {line}" for line in duty_lines(proof))
        yield from (f"     {line}" for line in review_lines(manifest["approvals"], step["stepId"]))


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
    return {name for proof in proofs for name in licences_named(proof)}


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
