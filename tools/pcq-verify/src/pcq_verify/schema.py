"""The closed shape of a manifest, as a table (spec/pcq-v1.md, 2 to 4 and 7).

spec/schemas/manifest.schema.json says the same for others. What a shape cannot say (salts that belong to the fields
shown, materials that nothing refers to) is in `manifest`.
"""

from __future__ import annotations

__all__ = ["HEADER_MEMBERS", "check_manifest"]

from typing import Any

from pcq_verify.approvals import APPROVAL, hex_digits
from pcq_verify.report import Fault, Finding
from pcq_verify.shapes import (
    Checker,
    ShapeError,
    any_value,
    array,
    base64_bytes,
    closed,
    digest_text,
    identifier,
    integer,
    mapping,
    nullable,
    one_of,
    text,
    time,
)


def _executor(value: Any) -> None:
    text(value, least=1, most=256)


_free_object = mapping(any_value)

_CONTEXT = closed(
    {
        "pcq": one_of("context/v1"),
        "runbookId": identifier,
        "version": text,
        "runbookDigest": digest_text,
        "logicalTime": time,
        "seed": hex_digits,
        "purpose": nullable(text),
        "parametersDigest": digest_text,
        "steps": array(closed({"stepId": identifier, "dependsOn": array(identifier)})),
        "provers": digest_text,
        "policies": digest_text,
        "licences": digest_text,
        "models": mapping(digest_text),
        "schemas": mapping(digest_text),
        "engines": mapping(text),
    }
)

HEADER_MEMBERS: dict[str, Checker] = {
    "pcq": one_of("manifest/v1"),
    "manifestId": identifier,
    "runbookId": identifier,
    "version": text,
    "executionId": identifier,
    "executedAt": time,
    "executedBy": _executor,
    "outcome": one_of("completed", "overridden", "failed", "blocked", "cancelled"),
    "context": _CONTEXT,
    "contextHash": digest_text,
    "stepCount": integer(1),
    "chainHead": digest_text,
    "merkleRoot": digest_text,
    "observationsRoot": digest_text,
    "stepSignaturesRoot": digest_text,
    "approvalsRoot": digest_text,
    "keyid": digest_text,
    "trustVersion": integer(1),
    "executionSeq": integer(1),
    "previousManifestHash": nullable(digest_text),
    "logOrigin": identifier,
    "startEntry": digest_text,
    "extensions": _free_object,
    "critical": array(text),
}

_salts = mapping(base64_bytes(16))

_ATTESTATION = closed(
    {
        "inputs": any_value,
        "outputs": any_value,
        "timestamp": time,
        "previousAttestationHash": nullable(digest_text),
        "signature": base64_bytes(),
        "attestationHash": digest_text,
        "outcome": one_of("done", "failed", "skipped", "blocked", "not-run", "overridden"),
        "dependsOn": array(digest_text),
        "salts": closed({"inputs": _salts, "outputs": _salts, "proofs": _salts}),
        "keyid": digest_text,
    }
)

_PROOF = closed(
    {
        "prover": identifier,
        "kind": text,
        "version": one_of(1),
        "result": one_of("pass", "fail", "error", "skipped"),
        "severity": one_of("block", "warn"),
        "reason": text,
        "evidence": _free_object,
    }
)

_OBSERVED = closed(
    {
        "startedAt": nullable(time),
        "endedAt": nullable(time),
        "attempts": array(
            closed(
                {
                    "attempt": integer(1),
                    "startedAt": time,
                    "endedAt": nullable(time),
                    "error": nullable(closed({"code": text, "message": text})),
                }
            )
        ),
        "worker": nullable(text),
        "engine": nullable(text),
    }
)

_STEP = closed(
    {
        "stepId": identifier,
        "attestation": _ATTESTATION,
        "proofs": closed({"preconditions": array(_PROOF), "postconditions": array(_PROOF)}),
        "observed": _OBSERVED,
    }
)


def _material(value: Any) -> None:
    if type(value) is dict and "base64" in value:
        closed({"base64": _plain_base64})(value)
    else:
        closed({"text": text})(value)


def _plain_base64(value: Any) -> None:
    # The member's name says `base64`, so its value has no prefix.
    text(value)
    base64_bytes()("base64:" + value)


_TOP: dict[str, Checker] = {
    **HEADER_MEMBERS,
    "materials": mapping(_material, name=digest_text),
    "approvals": array(APPROVAL),
    "signature": base64_bytes(),
    "steps": array(any_value),
}

_top = closed(_TOP)


def check_manifest(value: Any) -> list[Finding]:
    """Where `value` is no manifest/v1: at most one finding for the top level and one for each step."""
    findings = []
    try:
        _top(value)
    except ShapeError as error:
        findings.append(Finding(Fault.MALFORMED, error.where, error.message))
    steps = value.get("steps") if type(value) is dict else None
    for index, step in enumerate(steps if type(steps) is list else ()):
        try:
            _STEP(step)
        except ShapeError as error:
            error.path += [str(index), "steps"]
            findings.append(Finding(Fault.MALFORMED, error.where, error.message))
    return findings
