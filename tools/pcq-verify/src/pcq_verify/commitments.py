"""Fields, commitments and cores: from the values shown to the hash that is signed (spec/pcq-v1.md, 4.1, 4.2)."""

from __future__ import annotations

__all__ = ["commit", "core_of", "field_digest"]

import hashlib
from typing import Any

from pcq_verify.encoding import digest
from pcq_verify.jcs import canonical
from pcq_verify.manifest import Section, Step


def field_digest(step_id: str, section: str, key: str, encoded: bytes, salt: bytes) -> str:
    """`S(field)` of a field whose value has the RFC 8785 form `encoded`."""
    # J([stepId, section, key, value]) without writing the value a second time.
    head = canonical([step_id, section, key])
    return "sha256:" + hashlib.sha256(b"pcq-field-v1\x00" + salt + head[:-1] + b"," + encoded + b"]").hexdigest()


def commit(step_id: str, section: Section) -> str:
    """The commitment of a section; a redacted field stands in with the digest that it left behind."""
    digests = {
        key: field.hidden or field_digest(step_id, section.name, key, field.encoded, field.salt)
        for key, field in section.fields.items()
    }
    return digest(b"pcq-section-v1\x00" + canonical(digests))


def core_of(step: Step, context_hash: str, count: int) -> dict[str, Any]:
    """The step's core, its three commitments computed anew."""
    attestation = step.attestation
    return {
        "pcq": "step/v1",
        "context": context_hash,
        "stepId": step.step_id,
        "index": step.index,
        "count": count,
        "outcome": attestation["outcome"],
        "dependsOn": attestation["dependsOn"],
        "inputs": commit(step.step_id, step.sections["inputs"]),
        "outputs": commit(step.step_id, step.sections["outputs"]),
        "proofs": commit(step.step_id, step.sections["proofs"]),
        "timestamp": attestation["timestamp"],
        "previousAttestationHash": attestation["previousAttestationHash"],
    }
