"""A step's signed statement: salted commitments, the core, its hash and its signature (spec/pcq-v1.md, 4).

The core holds everything deterministic and nothing else, so a replay makes the same core. What
the wall clock and the attempts looked like is `observed`, signed through the manifest's header.
"""

from __future__ import annotations

__all__ = ["Attestation", "AttestationManager", "Commitment", "StepRecord", "commit", "field_digest", "run_key"]

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runbooks.canonical import digest, dumps, pae, to_base64

INLINE_LIMIT = 65_536


@dataclass(frozen=True)
class StepRecord:
    """A settled step, all that its attestation is made of."""

    step_id: str
    index: int
    count: int
    outcome: str
    depends_on: Sequence[str]
    inputs: Any
    outputs: Any
    preconditions: Sequence[Mapping[str, Any]]
    postconditions: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Commitment:
    """A section as it is committed to: its hash, the values shown, their salts, and detached bytes by digest."""

    hash: str
    shown: Any
    salts: dict[str, str]
    detached: dict[str, bytes]


@dataclass(frozen=True)
class Attestation:
    """The signed core of one step."""

    core: dict[str, Any]
    attestation_hash: str
    keyid: str
    signature: str
    sections: Mapping[str, Commitment] = field(repr=False)


class AttestationManager:
    """Makes the attestations of one execution.

    `signer` has `keyid` and `sign(bytes)`; without one, attestations are unsigned, as a replay
    needs them: nothing that a replay makes may pass for a record.
    """

    def __init__(self, context_hash: str, logical_time: str, key: bytes, signer: Any = None) -> None:
        self._context_hash = context_hash
        self._logical_time = logical_time
        self._key = key
        self._signer = signer

    def create_attestation(self, record: StepRecord, previous: str | None, hashes: Mapping[str, str]) -> Attestation:
        """The attestation after the one with hash `previous`; `hashes` has those of the step's dependencies."""
        sections = {
            "inputs": self._commit(record.step_id, "inputs", record.inputs),
            "outputs": self._commit(record.step_id, "outputs", record.outputs),
            "proofs": self._commit_proofs(record),
        }
        core = {
            "pcq": "step/v1",
            "context": self._context_hash,
            "stepId": record.step_id,
            "index": record.index,
            "count": record.count,
            "outcome": record.outcome,
            "dependsOn": [hashes[name] for name in record.depends_on],
            **{name: section.hash for name, section in sections.items()},
            "timestamp": self._logical_time,
            "previousAttestationHash": previous,
        }
        body = dumps(core)
        keyid, signature = self.sign_attestation(body)
        return Attestation(core, digest(b"\x00" + body), keyid, signature, sections)

    def sign_attestation(self, body: bytes) -> tuple[str, str]:
        """keyid and signature over the RFC 8785 bytes of a core; empty without a signer."""
        if self._signer is None:
            return "", ""
        return self._signer.keyid, to_base64(self._signer.sign(pae("step", body)))

    def _commit(self, step_id: str, section: str, value: Any) -> Commitment:
        if isinstance(value, dict) and not any(name.startswith("$") for name in value):
            detached: dict[str, bytes] = {}
            shown = {name: _detach(item, detached) for name, item in value.items()}
            hashed, salts = self._fields(step_id, section, shown)
            return Commitment(hashed, shown, salts, detached)
        detached = {}
        whole = _detach(value, detached)
        hashed, salts = self._fields(step_id, section, {"$": whole})
        return Commitment(hashed, whole, salts, detached)

    def _commit_proofs(self, record: StepRecord) -> Commitment:
        shown: dict[str, Any] = {}
        for phase, proofs in (("preconditions", record.preconditions), ("postconditions", record.postconditions)):
            for number, proof in enumerate(proofs):
                shown[f"{phase}/{number}"] = {name: value for name, value in proof.items() if name != "evidence"}
                shown[f"{phase}/{number}/evidence"] = proof["evidence"]
        hashed, salts = self._fields(record.step_id, "proofs", shown)
        return Commitment(hashed, shown, salts, {})

    def _fields(self, step_id: str, section: str, values: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
        if not values:
            return _NO_FIELDS, {}
        salts = {key: self._salt(step_id, section, key) for key in values}
        hashes = {key: digest(_field(salts[key], step_id, section, key, value)) for key, value in values.items()}
        return commit(hashes), {key: to_base64(salt) for key, salt in salts.items()}

    def _salt(self, step_id: str, section: str, key: str) -> bytes:
        named = dumps(["pcq-salt-v1", self._context_hash, step_id, section, key])
        return hmac.digest(self._key, named, "sha256")[:16]


def run_key(installation_key: bytes, context_hash: str) -> bytes:
    """The execution's salt key; the same in its replays, never exported."""
    return hmac.digest(installation_key, dumps(["pcq-run-v1", context_hash]), "sha256")


def commit(fields: Mapping[str, str]) -> str:
    """The section's hash over its field hashes."""
    return "sha256:" + hashlib.sha256(b"pcq-section-v1\0" + dumps(dict(fields))).hexdigest()


def field_digest(salt: str, step_id: str, section: str, key: str, value: Any) -> str:
    """What stands for a field that is not shown; `salt` is the Base64 text of the manifest (spec/pcq-v1.md, 4.2)."""
    return digest(_field(base64.b64decode(salt.removeprefix("base64:")), step_id, section, key, value))


_NO_FIELDS = commit({})


def _field(salt: bytes, step_id: str, section: str, key: str, value: Any) -> bytes:
    return b"pcq-field-v1\0" + salt + dumps([step_id, section, key, value])


def _detach(value: Any, detached: dict[str, bytes]) -> Any:
    # A recorded value must never pass for a marker, so one that looks like it is detached as well.
    is_marker = isinstance(value, dict) and ("$digest" in value or "$redacted" in value)
    if not is_marker and not isinstance(value, dict | list | str):
        return value
    data = dumps(value)
    if len(data) <= INLINE_LIMIT and not is_marker:
        return value
    name = digest(data)
    detached[name] = data
    return {"$digest": name, "size": len(data), "mediaType": "application/json"}
