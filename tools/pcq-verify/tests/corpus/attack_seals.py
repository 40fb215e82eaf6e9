"""Attacks on hashes, order, keys and signatures: something was dropped, moved, swapped or signed by the wrong one."""

from __future__ import annotations

import base64
import copy
import hashlib
from collections.abc import Iterator

import scenarios
import small
from keyring import KEYS, b64, digest, jcs, pae
from maker import core, material, node_tree, redact, reroot, seal, sign, swap_material

from corpus.cases import Case, Json, step_of

INVALID = 1
ORDER = 2**252 + 27742317777372353535851937790883648493


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _dropped()
    yield from _moved()
    yield from _changed()
    yield from _unlinked()
    yield from _header()
    yield from _trees()
    yield from _materials()
    yield from _detached()
    yield from _signatures()
    yield from _keys()


def _base() -> Json:
    return scenarios.cancelled()


def _variants(name: str, desc: str, manifest: Json) -> Iterator[Case]:
    """As it is, with recomputed roots, with recomputed links and leaves, and signed by the rightful keys."""
    yield Case(name, INVALID, desc, copy.deepcopy(manifest))
    reroot(manifest)["stepCount"] = len(manifest["steps"])
    yield Case(f"{name}-rerooted", INVALID, f"{desc}; roots and count recomputed", copy.deepcopy(manifest))
    yield Case(f"{name}-signed", INVALID, f"{desc}; sealed again by the rightful keys", seal(manifest))


def _dropped() -> Iterator[Case]:
    manifest = _base()
    manifest["steps"].pop()
    yield from _variants("tail-truncated", "the last step is missing", manifest)
    manifest = _base()
    del manifest["steps"][2]
    yield from _variants("step-dropped", "a step in the middle is missing", manifest)
    manifest = _base()
    manifest["steps"].append(copy.deepcopy(manifest["steps"][-1]))
    yield from _variants("last-step-doubled", "the last step stands there twice", manifest)
    manifest = _base()
    manifest["steps"] = []
    yield Case("no-steps", INVALID, "no step is left", manifest)


def _moved() -> Iterator[Case]:
    manifest = _base()
    steps = manifest["steps"]
    steps[1], steps[2] = steps[2], steps[1]
    yield from _variants("siblings-reordered", "two steps that do not depend on each other change places", manifest)
    manifest = _base()
    order = manifest["context"]["steps"]
    order[1], order[2] = order[2], order[1]
    manifest["steps"][1], manifest["steps"][2] = manifest["steps"][2], manifest["steps"][1]
    yield Case("context-reordered", INVALID, "the same, with a context that says so: not canonical", seal(manifest))
    first, second = (attestation(manifest, name) for manifest in [_base()] for name in ("query-entities", "fetch"))
    manifest = _base()
    for target, source in (("query-entities", second), ("fetch", first)):
        attestation(manifest, target).update(outputs=source["outputs"])
        attestation(manifest, target)["salts"]["outputs"] = source["salts"]["outputs"]
    yield Case("outputs-swapped-between-steps", INVALID, "two steps swap their outputs and salts", manifest)
    other = small.single({"value": 2}, executionId="exec-0002")
    manifest = small.single({"value": 1})
    manifest["steps"] = other["steps"]
    manifest["merkleRoot"], manifest["chainHead"] = other["merkleRoot"], other["chainHead"]
    manifest["stepSignaturesRoot"] = other["stepSignaturesRoot"]
    yield Case(
        "steps-of-another-execution", INVALID, "the steps of one execution under the header of another", manifest
    )


def _changed() -> Iterator[Case]:
    manifest = _base()
    attestation(manifest, "fetch")["outputs"][0]["title"] = "Alpha"
    yield Case("output-changed", INVALID, "one letter of an output", manifest)
    manifest = _base()
    step_of(manifest, "fetch")["proofs"]["preconditions"][0]["result"] = "fail"
    yield Case("result-changed", INVALID, "one result of a prover", manifest)
    manifest = _base()
    attestation(manifest, "count-kinds")["outcome"] = "skipped"
    yield Case("outcome-changed", INVALID, "the outcome of a step", manifest)
    manifest = redact(scenarios.blocked(), "update", "proofs", "postconditions/0/evidence")
    step_of(manifest, "update")["proofs"]["postconditions"][0].update(result="pass", reason="metric.met")
    yield Case("redaction-hides-failure", INVALID, "evidence hidden and the result changed", manifest)


def _unlinked() -> Iterator[Case]:
    manifest = _base()
    attestation(manifest, "fetch")["previousAttestationHash"] = None
    yield Case("link-cut", INVALID, "a step that names no predecessor", sign(reroot(_leaves(manifest))))
    manifest = _base()
    attestation(manifest, "fetch")["dependsOn"] = []
    yield Case("dependency-cut", INVALID, "a step that names no dependency", sign(reroot(_leaves(manifest))))
    manifest = _base()
    attestation(manifest, "fetch")["timestamp"] = "2026-02-03T04:05:07Z"
    yield Case("timestamp-differs", INVALID, "a step at another logical time", sign(reroot(_leaves(manifest))))


def attestation(manifest: Json, step_id: str) -> Json:
    """The attestation of a step."""
    return step_of(manifest, step_id)["attestation"]


def _leaves(manifest: Json) -> Json:
    """Attestation hashes and signatures anew, links left as they are."""
    for index, item in enumerate(manifest["steps"]):
        body = jcs(core(manifest, item, index))
        item["attestation"]["attestationHash"] = digest(b"\x00" + body)
        item["attestation"]["signature"] = KEYS["step"].sign(pae("step", body))
    return manifest


def _header() -> Iterator[Case]:
    for member, value in (
        ("manifestId", "pcq-0002"),
        ("executionId", "exec-0002"),
        ("executedBy", "agent-457"),
        ("executedAt", "2026-02-03T04:05:06.789013Z"),
        ("outcome", "completed"),
        ("executionSeq", 2),
        ("previousManifestHash", "sha256:" + "00" * 32),
        ("logOrigin", "other.example"),
        ("startEntry", "sha256:" + "00" * 32),
        ("trustVersion", 2),
        ("extensions", {"x": 1}),
        ("stepCount", 6),
        ("chainHead", "sha256:" + "00" * 32),
        ("merkleRoot", "sha256:" + "00" * 32),
        ("observationsRoot", "sha256:" + "00" * 32),
        ("contextHash", "sha256:" + "00" * 32),
    ):
        yield Case(f"header-{member}", INVALID, f"`{member}` changed", {**_base(), member: value})
    for member in ("stepCount", "chainHead", "merkleRoot", "observationsRoot", "stepSignaturesRoot", "approvalsRoot"):
        value = 6 if member == "stepCount" else "sha256:" + "00" * 32
        yield Case(f"header-{member}-signed", INVALID, f"`{member}` wrong, signed", sign({**_base(), member: value}))
    manifest = _base()
    manifest["context"]["purpose"] = "anything"
    yield Case("context-changed", INVALID, "another purpose in the context", copy.deepcopy(manifest))
    manifest["contextHash"] = digest(jcs(manifest["context"]))
    yield Case(
        "context-changed-signed", INVALID, "the same, header signed again: the leaves name the old one", sign(manifest)
    )
    for member, value in (("runbookId", "R8"), ("version", "2.0")):
        manifest = seal({**_base(), member: value})
        yield Case(
            f"{member}-relabelled", INVALID, f"a header with another {member} than context and definition", manifest
        )
        manifest = {**_base(), member: value}
        manifest["context"][member] = value
        yield Case(
            f"{member}-relabelled-context",
            INVALID,
            f"header and context with another {member} than the definition",
            seal(manifest),
        )
    manifest = _base()
    manifest["context"]["steps"][2]["dependsOn"] = []
    yield Case("dependencies-differ", INVALID, "the context's dependencies are not the definition's", seal(manifest))
    manifest = _base()
    manifest["context"]["steps"][-1]["dependsOn"] = ["summarise", "query-entities"]
    yield Case("dependencies-unsorted", INVALID, "dependsOn not sorted by UTF-8 bytes", seal(manifest))
    manifest = _base()
    manifest["context"]["steps"][0]["dependsOn"] = ["publish"]
    yield Case("dependencies-cycle", INVALID, "a cycle", seal(manifest))
    manifest = _base()
    manifest["context"]["steps"][0]["dependsOn"] = ["nobody"]
    yield Case("dependencies-unknown", INVALID, "a dependency that is no step", seal(manifest))
    manifest = _base()
    manifest["context"]["steps"].append(manifest["context"]["steps"][0])
    yield Case("context-step-twice", INVALID, "a stepId twice in the context", seal(manifest))


def _trees() -> Iterator[Case]:
    # Seven leaves: the left subtree covers four of them, so a tree of its inner nodes has the same root.
    manifest = _base()
    hashes = [bytes.fromhex(item["attestation"]["attestationHash"][7:]) for item in manifest["steps"]]
    nodes = [node_tree(hashes[:4]), node_tree(hashes[4:])]
    manifest["steps"] = manifest["steps"][:2]
    for item, node in zip(manifest["steps"], nodes, strict=True):
        item["attestation"]["attestationHash"] = "sha256:" + node.hex()
    yield Case("inner-node-as-leaf", INVALID, "two inner nodes presented as leaves: the same root", manifest)
    manifest = scenarios.cancelled()
    last = bytes.fromhex(manifest["steps"][-1]["attestation"]["attestationHash"][7:])
    manifest["merkleRoot"] = "sha256:" + node_tree([*hashes, last]).hex()
    yield Case(
        "last-leaf-duplicated", INVALID, "a root over the last leaf twice, as Bitcoin's trees have it", sign(manifest)
    )
    manifest = scenarios.cancelled()
    manifest["merkleRoot"] = "sha256:" + _unprefixed(hashes).hex()
    yield Case("tree-without-prefixes", INVALID, "a root without the prefixes of leaf and node", sign(manifest))
    manifest = scenarios.cancelled()
    manifest["steps"][0]["observed"]["worker"] = "worker-2"
    yield Case("observation-changed", INVALID, "another worker", manifest)


def _unprefixed(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        pairs = [hashes[i : i + 2] for i in range(0, len(hashes), 2)]
        hashes = [hashlib.sha256(b"".join(pair)).digest() if len(pair) == 2 else pair[0] for pair in pairs]
    return hashes[0]


def _materials() -> Iterator[Case]:
    manifest = scenarios.cancelled()
    key = manifest["context"]["policies"]
    manifest["materials"][key] = material(b'{"data":{},"modules":{"test.rego":"package test\\nallow := true"}}')
    yield Case("policy-swapped", INVALID, "another policy text under the old digest", manifest)
    manifest = swap_material(scenarios.cancelled(), "policies", {"data": {}, "modules": {}})
    yield Case(
        "policy-swapped-consistently", INVALID, "another policy, its digest in the context, nothing signed", manifest
    )
    for member in ("provers", "licences", "runbookDigest", "parametersDigest"):
        manifest = scenarios.cancelled()
        key = manifest["context"][member]
        text = manifest["materials"][key]["text"]
        manifest["materials"][key] = {"text": text.replace("1", "2", 1) if "1" in text else text + " "}
        yield Case(f"material-changed-{member}", INVALID, f"one letter of {member}", manifest)


def _detached() -> Iterator[Case]:
    value = {"$digest": "x"}
    for name, desc, data, size in (
        ("payload-changed", "other bytes under the digest", b'{"$digest":"y"}', None),
        ("payload-size", "a size that is not theirs", None, 14),
        ("payload-small", "a value detached though it is small and no marker", b'"x"', 3),
    ):
        manifest = small.single(value)
        item = manifest["steps"][0]["attestation"]
        key = item["outputs"]["$digest"]
        if name == "payload-small":
            del manifest["materials"][key]
            item["outputs"] = {"$digest": digest(data), "size": size, "mediaType": "application/json"}
            manifest["materials"][digest(data)] = material(data)
        elif data is not None:
            manifest["materials"][key] = material(data)
        else:
            item["outputs"]["size"] = size
        yield Case(name, INVALID, desc, seal(manifest))
    manifest = small.single({"rows": ["x" * 100] * 640, "small": 2})
    key = manifest["steps"][0]["attestation"]["outputs"]["rows"]["$digest"]
    del manifest["materials"][key]
    options = ("--payloads", "payloads-damaged")
    yield Case("payload-damaged-outside", INVALID, "other bytes in the folder", manifest, options=options)
    data = b'{"$digest": 1}'
    manifest = small.single(value)
    item = manifest["steps"][0]["attestation"]
    del manifest["materials"][item["outputs"]["$digest"]]
    item["outputs"] = {"$digest": digest(data), "size": len(data), "mediaType": "application/json"}
    manifest["materials"][digest(data)] = material(data)
    yield Case("payload-spelling", 6, "detached bytes that are not RFC 8785", seal(manifest))


def _signatures() -> Iterator[Case]:
    manifest = small.single({})
    raw = base64.b64decode(manifest["signature"][7:])
    r, s = raw[:32], int.from_bytes(raw[32:], "little")
    step_signature = manifest["steps"][0]["attestation"]["signature"]
    header = {n: m for n, m in manifest.items() if n not in ("steps", "materials", "approvals", "signature")}
    body = jcs(header)
    for name, signature, desc in (
        ("empty", b64(b""), "no signature"),
        ("zero", b64(bytes(64)), "64 zero bytes"),
        ("truncated", b64(raw[:63]), "63 bytes"),
        ("extended", b64(raw + b"\x00"), "65 bytes"),
        ("malleable", b64(r + (s + ORDER).to_bytes(32, "little")), "S + L: the same signature for a lax verifier"),
        ("r-identity", b64(b"\x01" + bytes(31) + raw[32:]), "R is the identity"),
        ("r-small-order", b64(bytes.fromhex(_SMALL_ORDER[2]) + raw[32:]), "R has order 8"),
        ("r-not-canonical", b64(bytes.fromhex(_NOT_CANONICAL) + raw[32:]), "R is not canonical"),
        ("of-a-step", step_signature, "the signature of a step"),
        ("without-pae", KEYS["manifest"].sign(body), "over the header alone"),
        ("as-step", KEYS["manifest"].sign(pae("step", body)), "over the header as if it were a step"),
        ("of-a-stranger", KEYS["stranger"].sign(pae("manifest", body)), "by a key that is not the named one"),
        ("by-the-step-key", KEYS["step"].sign(pae("manifest", body)), "by the step key"),
    ):
        yield Case(f"signature-{name}", INVALID, desc, {**copy.deepcopy(manifest), "signature": signature})
    changed = scenarios.cancelled()
    first, second = attestation(changed, "query-entities"), attestation(changed, "fetch")
    first["signature"], second["signature"] = second["signature"], first["signature"]
    yield Case("step-signatures-swapped", INVALID, "two steps swap signatures", sign(reroot(changed)))
    yield Case(
        "signature-cofactored",
        INVALID,
        "R has a part of small order: only a cofactored verifier takes it",
        _cofactored(),
    )
    trust = "small-order-key.json"
    weak = small.single({}, keyid=digest(bytes.fromhex(_SMALL_ORDER[0])))
    weak["signature"] = b64(bytes.fromhex(_SMALL_ORDER[0]) + bytes(32))
    yield Case(
        "key-small-order",
        INVALID,
        "a key of small order, under which one signature fits every message",
        weak,
        trust=trust,
    )


_SMALL_ORDER = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
)
_NOT_CANONICAL = "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"


def _cofactored() -> Json:
    from nacl.bindings import crypto_core_ed25519_add, crypto_scalarmult_ed25519_base_noclamp

    manifest = small.single({})
    header = {n: m for n, m in manifest.items() if n not in ("steps", "materials", "approvals", "signature")}
    message, key = pae("manifest", jcs(header)), KEYS["manifest"]
    secret = bytearray(hashlib.sha512(bytes(key.signing)).digest()[:32])
    secret[0] &= 248
    secret[31] = (secret[31] & 127) | 64
    nonce = int.from_bytes(hashlib.sha512(b"nonce" + message).digest(), "little") % ORDER
    base = crypto_scalarmult_ed25519_base_noclamp(nonce.to_bytes(32, "little"))
    r = crypto_core_ed25519_add(base, bytes.fromhex(_SMALL_ORDER[2]))
    h = int.from_bytes(hashlib.sha512(r + key.public + message).digest(), "little")
    s = (nonce + h * int.from_bytes(secret, "little")) % ORDER
    manifest["signature"] = b64(r + s.to_bytes(32, "little"))
    return manifest


def _keys() -> Iterator[Case]:
    manifest = small.single({})
    for name, exit_code, desc in (
        ("expired", 3, "a key whose time was over at executedAt"),
        ("not-yet-valid", 3, "a key whose time had not begun"),
        ("ends-at-execution", 3, "validTo is executedAt itself: the window is half open"),
        ("begins-at-execution", 0, "validFrom is executedAt itself"),
        ("revoked", 3, "a revoked key; without trusted time it counts for nothing"),
        ("revoked-later", 3, "the same when the revocation is later than the execution"),
        ("without-role", 3, "a step key that signs the manifest"),
        ("without-any-role", 3, "a key without a role"),
        ("unknown", 3, "a manifest key that is not in the file"),
        ("no-keys", 3, "no key at all"),
        ("old", 3, "a trust file older than the one in force at sealing"),
        ("formatted", 0, "a trust file that people wrote, with spaces"),
        ("keyid-collision", 6, "a keyid that is not the key's hash"),
        ("key-twice", 6, "one key twice, to count it twice"),
        ("short-key", 6, "a key of 31 bytes"),
        ("unknown-member", 6, "an unknown member in a key"),
        ("duplicate-name", 6, "a member name twice"),
        ("version-2", 6, "another version of the format"),
        ("not-json", 6, "no JSON"),
    ):
        yield Case(f"trust-{name}", exit_code, desc, manifest, trust=f"{name}.json")
    stranger = small.single({}, keyid=KEYS["stranger"].keyid)
    yield Case("key-of-a-stranger", 3, "a manifest sealed by a key that nobody trusts", stranger)
    alien = small.draft_single({})
    alien["steps"][0]["attestation"]["keyid"] = KEYS["stranger"].keyid
    yield Case("step-key-of-a-stranger", 3, "a step signed by a key that nobody trusts", seal(alien))
    role = small.draft_single({})
    role["steps"][0]["attestation"]["keyid"] = KEYS["manifest"].keyid
    yield Case("step-by-the-manifest-key", 3, "a step signed by a key without that role", seal(role))
    yield Case("stale-trust-version", 3, "sealed under trust version 4", small.single({}, trustVersion=4))
