"""Hashes and signatures of one manifest: header, leaves, chain, trees, steps (spec/pcq-v1.md, 2 to 5 and 8)."""

from __future__ import annotations

__all__ = [
    "Cores",
    "check_chain",
    "check_header",
    "check_leaves",
    "check_root",
    "check_signatures",
    "check_subroots",
    "check_trust",
    "cores_of",
    "manifest_hash",
]

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pcq_verify.commitments import core_of
from pcq_verify.ed25519 import is_strict_signature
from pcq_verify.encoding import decode_base64, digest, digest_of, instant, pae
from pcq_verify.jcs import canonical
from pcq_verify.manifest import Manifest, Step
from pcq_verify.merkle import leaf_hash, tree_hash
from pcq_verify.report import Fault, Finding
from pcq_verify.trust import Trust

Cores = Sequence[bytes]


def manifest_hash(manifest: Manifest) -> str:
    """`manifestHash`: what the next manifest of this runbook calls its predecessor."""
    return digest(pae("manifest", canonical(manifest.header)))


def check_trust(manifest: Manifest, trust: Trust) -> Iterator[Finding]:
    """Findings for a trust file that is too old and for every key that does not count."""
    wanted = manifest.header["trustVersion"]
    if wanted > trust.version:
        message = f"expected at most {trust.version}, the trust file's version, got {wanted}: get the newer trust file"
        yield Finding(Fault.UNTRUSTED, "trustVersion", message)
    at = instant(manifest.header["executedAt"]) or 0
    users = [("keyid", manifest.header["keyid"], "manifest")]
    users += [(f"{step.name}, keyid", step.attestation["keyid"], "step") for step in manifest.steps]
    refusals: dict[tuple[str, str], str] = {}
    for where, keyid, role in users:
        if (keyid, role) not in refusals:
            refusals[keyid, role] = trust.refusal(keyid, role, at)
        if refusals[keyid, role]:
            yield Finding(Fault.UNTRUSTED, where, refusals[keyid, role])


def check_header(manifest: Manifest, trust: Trust | None) -> Iterator[Finding]:
    """The context's hash and the manifest's signature."""
    expected = digest_of(manifest.context)
    if manifest.header["contextHash"] != expected:
        yield _differs("contextHash", expected, manifest.header["contextHash"])
    message = pae("manifest", canonical(manifest.header))
    yield from _signature(manifest.signature, message, manifest.header["keyid"], trust, "signature")


def check_leaves(manifest: Manifest, cores: Cores) -> Iterator[Finding]:
    """Every commitment and core, computed anew, against the attestation hash; and the one logical time."""
    logical_time = manifest.context["logicalTime"]
    for step, core in zip(manifest.steps, cores, strict=True):
        recorded = step.attestation["attestationHash"]
        expected = "sha256:" + leaf_hash(core).hex()
        if recorded != expected:
            message = f"expected {expected} from its values, salts and place, got {recorded}"
            yield Finding(Fault.INVALID, f"{step.name}, attestationHash", message)
        if step.attestation["timestamp"] != logical_time:
            yield _differs(f"{step.name}, timestamp", logical_time, step.attestation["timestamp"])


def check_chain(manifest: Manifest) -> Iterator[Finding]:
    """Each step names the one before it, and its dependencies by their attestation hashes."""
    hashes = {step.step_id: step.attestation["attestationHash"] for step in manifest.steps}
    previous = None
    for step in manifest.steps:
        recorded = step.attestation["previousAttestationHash"]
        if recorded != previous:
            yield _differs(f"{step.name}, previousAttestationHash", previous, recorded)
        previous = step.attestation["attestationHash"]
        expected = [hashes.get(name) for name in manifest.depends_on.get(step.step_id, ())]
        if step.attestation["dependsOn"] != expected:
            yield _differs(f"{step.name}, dependsOn", expected, step.attestation["dependsOn"])


def check_root(manifest: Manifest) -> Iterator[Finding]:
    """Number of steps, head of the chain, Merkle root."""
    header, hashes = manifest.header, [step.attestation["attestationHash"] for step in manifest.steps]
    if header["stepCount"] != len(hashes):
        yield _differs("stepCount", len(hashes), header["stepCount"])
    head = hashes[-1] if hashes else None
    if header["chainHead"] != head:
        yield _differs("chainHead", head, header["chainHead"])
    root = "sha256:" + tree_hash([bytes.fromhex(item[7:]) for item in hashes]).hex()
    if header["merkleRoot"] != root:
        yield _differs("merkleRoot", root, header["merkleRoot"])


def check_subroots(manifest: Manifest) -> Iterator[Finding]:
    """The trees over what the runner saw, over the step signatures, and over the approvals."""
    leaves: dict[str, Callable[[Step], list[Any]]] = {
        "observationsRoot": lambda step: [step.step_id, step.observed],
        "stepSignaturesRoot": lambda step: [step.step_id, step.attestation["keyid"], step.attestation["signature"]],
    }
    for member, leaf in leaves.items():
        root = "sha256:" + tree_hash([leaf_hash(canonical(leaf(step))) for step in manifest.steps]).hex()
        if manifest.header[member] != root:
            yield _differs(member, root, manifest.header[member])
    root = "sha256:" + tree_hash([leaf_hash(canonical(approval.value)) for approval in manifest.approvals]).hex()
    if manifest.header["approvalsRoot"] != root:
        yield _differs("approvalsRoot", root, manifest.header["approvalsRoot"])


def check_signatures(manifest: Manifest, cores: Cores, trust: Trust | None) -> Iterator[Finding]:
    """Every step's signature over its core."""
    for step, core in zip(manifest.steps, cores, strict=True):
        signature = decode_base64(step.attestation["signature"]) or b""
        yield from _signature(signature, pae("step", core), step.attestation["keyid"], trust, f"{step.name}, signature")


def cores_of(manifest: Manifest) -> list[bytes]:
    """`J(core)` of every step."""
    header = manifest.header
    return [canonical(core_of(step, header["contextHash"], header["stepCount"])) for step in manifest.steps]


def _signature(signature: bytes, message: bytes, keyid: str, trust: Trust | None, where: str) -> Iterator[Finding]:
    key = trust.public(keyid) if trust else None
    if key is None:
        yield Finding(Fault.INCOMPLETE, where, f"cannot be checked: key {keyid} is unknown")
    elif not is_strict_signature(signature, message, key):
        yield Finding(
            Fault.INVALID, where, f"expected an Ed25519 signature by key {keyid} over these bytes, got another"
        )


def _differs(where: str, expected: object, got: object) -> Finding:
    return Finding(Fault.INVALID, where, f"expected {expected}, got {got}")
