"""A naive maker of manifests, written from the spec and without a line of the verifier or the service.

It computes hashes, salts and signatures; what happened in a step, and what its provers said, the caller states in full.
`seal` makes a manifest out of a draft; after a change to a sealed manifest, `seal` again gives the liar's version with
every hash and signature right, and `rehash`, `reroot` and `sign` give the versions in between.
"""

from __future__ import annotations

__all__ = [
    "SALT_KEY",
    "TIME",
    "commit_digests",
    "core",
    "draft",
    "field_digest",
    "fields",
    "material",
    "node_tree",
    "proof",
    "record",
    "redact",
    "rehash",
    "reroot",
    "salt",
    "seal",
    "sign",
    "step",
    "swap_material",
    "tree",
]

import base64
import hashlib
import hmac
from typing import Any

from keyring import BY_ID, KEYS, Key, b64, digest, digest_of, jcs, pae

Json = Any
LIMIT = 65_536
SALT_KEY = b"installation salt key of the test"
TIME = "2026-02-03T04:05:06.789012Z"
_BODY = ("steps", "materials", "approvals", "signature")


def tree(leaves: list[bytes]) -> bytes:
    """MTH over data, as RFC 9162 writes it down: recursive, splitting at the largest power of two below n."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + tree(leaves[:split]) + tree(leaves[split:])).digest()


def proof(prover: str, kind: str, result: str, reason: str, evidence: Json, severity: str = "block") -> Json:
    return {
        "prover": prover,
        "kind": kind,
        "version": 1,
        "result": result,
        "severity": severity,
        "reason": reason,
        "evidence": evidence,
    }


def step(step_id: str, outcome: str, inputs: Json, outputs: Json, pre: list[Json], post: list[Json]) -> Json:
    """A step before sealing; inputs and outputs are values, detached by `draft` where they must be."""
    ran = outcome not in ("not-run", "skipped")
    error = {"code": "port.permanent", "message": "status 404"} if outcome == "failed" else None
    attempt = {"attempt": 1, "startedAt": "2026-02-03T04:05:07Z", "endedAt": "2026-02-03T04:05:08.5Z", "error": error}
    return {
        "stepId": step_id,
        "attestation": {
            "inputs": inputs,
            "outputs": outputs,
            "timestamp": TIME,
            "previousAttestationHash": None,
            "signature": "",
            "attestationHash": "",
            "outcome": outcome,
            "dependsOn": [],
            "salts": {},
            "keyid": KEYS["step"].keyid,
        },
        "proofs": {"preconditions": pre, "postconditions": post},
        "observed": {
            "startedAt": "2026-02-03T04:05:07Z" if ran else None,
            "endedAt": "2026-02-03T04:05:09Z" if ran else None,
            "attempts": [attempt] if ran else [],
            "worker": "worker-1" if ran else None,
            "engine": None,
        },
    }


def material(data: bytes) -> Json:
    return {"text": data.decode()}


def draft(definition: Json, steps: list[Json], documents: dict[str, Json], **header: Json) -> Json:
    """A manifest without hashes. `documents` has provers, policies, licences and parameters, and maybe models."""
    models = documents.get("models", {})
    papers = [value for name, value in documents.items() if name != "models"]
    depends_on: dict[str, list[str]] = {}
    previous: list[str] = []
    for item in definition["steps"]:
        depends_on[item["stepId"]] = sorted(item.get("dependsOn", previous))
        previous = [item["stepId"]]
    order = canonical_order(depends_on)
    context = {
        "pcq": "context/v1",
        "runbookId": definition["runbookId"],
        "version": definition["version"],
        "runbookDigest": digest_of(definition),
        "logicalTime": TIME,
        "seed": "00112233445566778899aabbccddeeff",
        "purpose": definition.get("purpose"),
        "parametersDigest": digest_of(documents["parameters"]),
        "steps": [{"stepId": name, "dependsOn": depends_on[name]} for name in order],
        "provers": digest_of(documents["provers"]),
        "policies": digest_of(documents["policies"]),
        "licences": digest_of(documents["licences"]),
        "models": {name: digest_of(model) for name, model in models.items()},
        "schemas": {},
        "engines": {"jsonata": "jsonatapy 2.2.13", "rego": "regopy 1.5.2"},
    }
    materials = {digest_of(value): material(jcs(value)) for value in (definition, *papers, *models.values())}
    for item in steps:
        for section in ("inputs", "outputs"):
            item["attestation"][section], detached = record(item["attestation"][section])
            materials.update({digest(data): material(data) for data in detached})
    top = {
        "pcq": "manifest/v1",
        "manifestId": "pcq-0001",
        "runbookId": definition["runbookId"],
        "version": definition["version"],
        "executionId": "exec-0001",
        "executedAt": "2026-02-03T04:05:06.789012Z",
        "executedBy": "agent-456",
        "outcome": _overall(steps),
        "context": context,
        "keyid": KEYS["manifest"].keyid,
        "trustVersion": 3,
        "executionSeq": 1,
        "previousManifestHash": None,
        "logOrigin": "test.example",
        "startEntry": digest(b"start entry"),
        "extensions": {},
        "critical": [],
        "steps": sorted(steps, key=lambda item: order.index(item["stepId"])),
        "materials": materials,
        "approvals": [],
    }
    return {**top, **header}


def canonical_order(depends_on: dict[str, list[str]]) -> list[str]:
    """Of the steps whose dependencies are in the order already, the smallest comes next."""
    waiting = {name: set(names) for name, names in depends_on.items()}
    order: list[str] = []
    while ready := [name for name, names in waiting.items() if not names]:
        order.append(min(ready))
        del waiting[order[-1]]
        for names in waiting.values():
            names.discard(order[-1])
    return order


def _overall(steps: list[Json]) -> str:
    outcomes = [item["attestation"]["outcome"] for item in steps]
    for outcome, overall in (
        ("blocked", "blocked"),
        ("failed", "failed"),
        ("not-run", "cancelled"),
        ("overridden", "overridden"),
    ):
        if outcome in outcomes:
            return overall
    return "completed"


def record(value: Json) -> tuple[Json, list[bytes]]:
    """The recorded form of inputs or outputs, and the bytes that were detached."""
    detached: list[bytes] = []

    def one(item: Json) -> Json:
        data = jcs(item)
        looks_like_marker = isinstance(item, dict) and ("$digest" in item or "$redacted" in item)
        if len(data) <= LIMIT and not looks_like_marker:
            return item
        detached.append(data)
        return {"$digest": digest(data), "size": len(data), "mediaType": "application/json"}

    if isinstance(value, dict) and not any(name.startswith("$") for name in value):
        return {name: one(item) for name, item in value.items()}, detached
    return one(value), detached


def fields(item: Json, section: str) -> dict[str, Json]:
    """The fields of a section of a step, by key."""
    if section == "proofs":
        found: dict[str, Json] = {}
        for phase in ("preconditions", "postconditions"):
            for n, entry in enumerate(item["proofs"][phase]):
                found[f"{phase}/{n}"] = {name: member for name, member in entry.items() if name != "evidence"}
                found[f"{phase}/{n}/evidence"] = entry["evidence"]
        return found
    value = item["attestation"][section]
    if isinstance(value, dict) and not any(name.startswith("$") for name in value):
        return value
    return {"$": value}


def salt(context_hash: str, step_id: str, section: str, key: str) -> bytes:
    run_key = hmac.new(SALT_KEY, jcs(["pcq-run-v1", context_hash]), "sha256").digest()
    return hmac.new(run_key, jcs(["pcq-salt-v1", context_hash, step_id, section, key]), "sha256").digest()[:16]


def field_digest(salt_bytes: bytes, step_id: str, section: str, key: str, value: Json) -> str:
    return digest(b"pcq-field-v1\x00" + salt_bytes + jcs([step_id, section, key, value]))


def _is_redacted(value: Json) -> bool:
    return isinstance(value, dict) and list(value) == ["$redacted"]


def commit(manifest: Json, item: Json, section: str) -> str:
    """The commitment of a section; also fills in its salts."""
    digests, salts = {}, {}
    for key, value in fields(item, section).items():
        if _is_redacted(value):
            digests[key] = value["$redacted"]
            continue
        bytes_ = salt(manifest["contextHash"], item["stepId"], section, key)
        salts[key] = b64(bytes_)
        digests[key] = field_digest(bytes_, item["stepId"], section, key, value)
    item["attestation"]["salts"][section] = salts
    return commit_digests(digests)


def commit_digests(digests: dict[str, str]) -> str:
    return digest(b"pcq-section-v1\x00" + jcs(digests))


def core(manifest: Json, item: Json, index: int) -> Json:
    attestation = item["attestation"]
    return {
        "pcq": "step/v1",
        "context": manifest["contextHash"],
        "stepId": item["stepId"],
        "index": index,
        "count": manifest["stepCount"],
        "outcome": attestation["outcome"],
        "dependsOn": attestation["dependsOn"],
        "inputs": commit(manifest, item, "inputs"),
        "outputs": commit(manifest, item, "outputs"),
        "proofs": commit(manifest, item, "proofs"),
        "timestamp": attestation["timestamp"],
        "previousAttestationHash": attestation["previousAttestationHash"],
    }


def rehash(manifest: Json) -> Json:
    """Hashes, links and signatures of all steps, in the order in which they stand."""
    depends_on = {entry["stepId"]: entry["dependsOn"] for entry in manifest["context"]["steps"]}
    hashes: dict[str, str] = {}
    previous = None
    for index, item in enumerate(manifest["steps"]):
        attestation = item["attestation"]
        attestation["previousAttestationHash"] = previous
        attestation["dependsOn"] = [hashes[name] for name in depends_on.get(item["stepId"], ()) if name in hashes]
        body = jcs(core(manifest, item, index))
        previous = hashes[item["stepId"]] = attestation["attestationHash"] = digest(b"\x00" + body)
        attestation["signature"] = BY_ID.get(attestation["keyid"], KEYS["step"]).sign(pae("step", body))
    return manifest


def reroot(manifest: Json) -> Json:
    """Head and roots from the steps as they stand."""
    steps = manifest["steps"]
    hashes = [bytes.fromhex(item["attestation"]["attestationHash"][7:]) for item in steps]
    manifest["chainHead"] = steps[-1]["attestation"]["attestationHash"]
    manifest["merkleRoot"] = "sha256:" + node_tree(hashes).hex()
    observations = [jcs([item["stepId"], item["observed"]]) for item in steps]
    manifest["observationsRoot"] = "sha256:" + tree(observations).hex()
    signatures = [
        jcs([item["stepId"], item["attestation"]["keyid"], item["attestation"]["signature"]]) for item in steps
    ]
    manifest["stepSignaturesRoot"] = "sha256:" + tree(signatures).hex()
    manifest["approvalsRoot"] = "sha256:" + tree([jcs(item) for item in manifest["approvals"]]).hex()
    return manifest


def node_tree(hashes: list[bytes]) -> bytes:
    """As `tree`, over leaf hashes."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\x01" + node_tree(hashes[:split]) + node_tree(hashes[split:])).digest()


def sign(manifest: Json, key: Key | None = None) -> Json:
    header = {name: member for name, member in manifest.items() if name not in _BODY}
    signer = key or BY_ID.get(manifest["keyid"], KEYS["manifest"])
    manifest["signature"] = signer.sign(pae("manifest", jcs(header)))
    return manifest


def seal(manifest: Json) -> Json:
    """Every hash and signature anew, from the context to the manifest's signature."""
    manifest["contextHash"] = digest_of(manifest["context"])
    manifest["stepCount"] = len(manifest["steps"])
    return sign(reroot(rehash(manifest)))


def redact(manifest: Json, step_id: str, section: str, key: str) -> Json:
    """Hide one field of a sealed manifest, as its holder may."""
    [item] = [entry for entry in manifest["steps"] if entry["stepId"] == step_id]
    value = fields(item, section)[key]
    salts = item["attestation"]["salts"][section]
    hidden = {"$redacted": field_digest(base64.b64decode(salts.pop(key)[7:]), step_id, section, key, value)}
    if section == "proofs":
        phase, position, _ = key.split("/")
        item["proofs"][phase][int(position)]["evidence"] = hidden
    elif key == "$":
        item["attestation"][section] = hidden
    else:
        item["attestation"][section][key] = hidden
    return manifest


def swap_material(manifest: Json, member: str, value: Json) -> Json:
    """Another document in place of the one that the context names, consistently."""
    del manifest["materials"][manifest["context"][member]]
    data = value if isinstance(value, bytes) else jcs(value)
    manifest["context"][member] = digest(data)
    manifest["materials"][digest(data)] = material(data)
    return manifest
