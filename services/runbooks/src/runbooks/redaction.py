"""A manifest without payloads: every value and all evidence stay committed to, and nobody can read them. Pure.

What is left out is what spec/pcq-v1.md lets be left out: fields of `inputs` and `outputs` and evidence become
`{"$redacted": digest}` (4.2), parameters and detached bytes are no longer among the materials (7). Signatures, chain
and roots stand as they stood, so `pcq-verify` passes with the profiles `integrity` and `disclosure`.
"""

from __future__ import annotations

__all__ = ["redact"]

from collections.abc import Mapping
from typing import Any

from runbooks.attestation import field_digest

_DOCUMENTS = ("runbookDigest", "provers", "policies", "licences")
_NAMED_DOCUMENTS = ("models", "schemas")
_SECTIONS = ("inputs", "outputs")


def redact(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The same manifest with nothing to read but definition, registries, verdicts, people's words and observations.

    One that is redacted already, in part or as a whole, is no error.
    """
    context = manifest["context"]
    kept = {context[name] for name in _DOCUMENTS}.union(*(context[name].values() for name in _NAMED_DOCUMENTS))
    materials = {name: material for name, material in manifest["materials"].items() if name in kept}
    return {**manifest, "steps": [_step(step) for step in manifest["steps"]], "materials": materials}


def _step(step: Mapping[str, Any]) -> dict[str, Any]:
    step_id, attestation = step["stepId"], step["attestation"]
    hidden = {name: _section(step_id, name, attestation[name], attestation["salts"][name]) for name in _SECTIONS}
    salts = attestation["salts"]["proofs"]
    proofs = {
        phase: [_proof(step_id, f"{phase}/{number}/evidence", proof, salts) for number, proof in enumerate(found)]
        for phase, found in step["proofs"].items()
    }
    kept = {key: salt for key, salt in salts.items() if not key.endswith("/evidence")}
    return {
        **step,
        "attestation": {**attestation, **hidden, "salts": {"inputs": {}, "outputs": {}, "proofs": kept}},
        "proofs": proofs,
    }


def _section(step_id: str, section: str, value: Any, salts: Mapping[str, str]) -> Any:
    # There is one salt for each field that is shown, and `$` stands for a value that is one field.
    if "$" in salts:
        return _marker(salts["$"], step_id, section, "$", value)
    if not salts:
        return value
    return {
        name: _marker(salts[name], step_id, section, name, item) if name in salts else item
        for name, item in value.items()
    }


def _proof(step_id: str, key: str, proof: Mapping[str, Any], salts: Mapping[str, str]) -> dict[str, Any]:
    if key not in salts:
        return dict(proof)
    return {**proof, "evidence": _marker(salts[key], step_id, "proofs", key, proof["evidence"])}


def _marker(salt: str, step_id: str, section: str, key: str, value: Any) -> dict[str, str]:
    return {"$redacted": field_digest(salt, step_id, section, key, value)}
