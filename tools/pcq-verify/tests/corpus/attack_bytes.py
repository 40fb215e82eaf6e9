"""Attacks on the spelling and the shape: the file says something to one reader and another thing to the next."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable, Iterator

import scenarios
import small
from keyring import b64, jcs
from maker import material, redact, seal, sign

from corpus.cases import Case, Json, changed, step_of

MALFORMED = 6


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _spellings()
    yield from _numbers()
    yield from _names()
    yield from _members()
    yield from _types()
    yield from _salts_and_markers()
    yield from _materials()


def base() -> Json:
    """One step with one KPI that is met."""
    return small.measured("size > 1", {"size": 2}, 1, 2, "pass", "metric.met")


def _text() -> str:
    return jcs(base()).decode()


def _replaced(old: str, new: str) -> bytes:
    text = _text()
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1).encode("utf-8", "surrogatepass")


def _spellings() -> Iterator[Case]:
    text = _text()
    backwards = json.dumps(dict(reversed(json.loads(text).items())), separators=(",", ":"), ensure_ascii=False)
    outcome = '"outcome":"completed"'
    for name, data, desc in (
        ("newline", (text + "\n").encode(), "a last newline"),
        ("indented", json.dumps(json.loads(text), indent=1, ensure_ascii=False).encode(), "the same JSON, indented"),
        ("reordered-members", backwards.encode(), "members in another order"),
        ("escaped-letter", _replaced(outcome, '"outcome":"\\u0063ompleted"'), "a letter spelled as an escape"),
        ("escaped-name", _replaced(outcome, '"\\u006futcome":"completed"'), "a member name spelled with an escape"),
        ("byte-order-mark", b"\xef\xbb\xbf" + text.encode(), "a byte order mark"),
        ("utf-16", text.encode("utf-16"), "UTF-16"),
        ("latin-1", _replaced("agent-456", "\x00").replace(b"\x00", b"\xc4"), "a byte that is no UTF-8"),
        ("truncated", text[:-1].encode(), "the last byte is missing"),
        ("empty", b"", "an empty file"),
        ("gzip", gzip.compress(text.encode(), mtime=0), "compressed"),
        ("two-manifests", (text + text).encode(), "two manifests one after the other"),
        ("array", b"[" + text.encode() + b"]", "the manifest in an array"),
    ):  # fmt: skip
        yield Case(f"spelling-{name}", MALFORMED, desc, data)


def _numbers() -> Iterator[Case]:
    for name, spelling in (
        ("beyond-2-53", "9007199254740992"),
        ("beyond-2-53-exponent", "9.007199254740992e15"),
        ("beyond-2-53-negative", "-9007199254740993"),
        ("nan", "NaN"),
        ("infinity", "-Infinity"),
        ("overflow", "1e999"),
        ("minus-zero", "-0"),
        ("with-fraction", "1.0"),
        ("with-exponent", "1e0"),
        ("leading-zero", "01"),
        ("hexadecimal", "0x1"),
        ("not-shortest", "0.10000000000000001"),
    ):
        data = _replaced('"extensions":{}', '"extensions":{"n":' + spelling + "}")
        yield Case(f"number-{name}", MALFORMED, f"the number {spelling}", data)


def _names() -> Iterator[Case]:
    outcome = '"outcome":"completed"'
    for name, new, desc in (
        ("duplicate", '"outcome":"blocked",' + outcome, "a member name twice"),
        ("duplicate-by-escape", '"outc\\u006fme":"blocked",' + outcome, "a member name twice, once with an escape"),
    ):
        yield Case(f"name-{name}", MALFORMED, desc, _replaced(outcome + ',"pcq"', new + ',"pcq"'))
    for name, old, new, desc in (
        ("lone-surrogate", '"executedBy":"agent-456"', '"executedBy":"\\ud800"', "a lone surrogate, escaped"),
        ("raw-surrogate", '"executedBy":"agent-456"', '"executedBy":"\ud800"', "a lone surrogate, in bytes"),
        ("low-surrogate", '"executedBy":"agent-456"', '"executedBy":"\\udc00\\ud800"', "surrogates in the wrong order"),
        ("control-in-id", '"stepId":"only"', '"stepId":"only\\u0007"', "a control character in a stepId"),
        ("html-in-id", '"stepId":"only"', '"stepId":"<b>only</b>"', "markup at the start of a stepId"),
        ("look-alike-id", '"stepId":"only"', '"stepId":"\u043enly"', "a Cyrillic letter in a stepId"),
        ("long-id", '"stepId":"only"', '"stepId":"%s"' % ("o" * 129), "a stepId of 129 characters"),
        ("empty-id", '"runbookId":"R9"', '"runbookId":""', "an empty runbookId"),
        ("empty-executor", '"executedBy":"agent-456"', '"executedBy":""', "nobody executed it"),
    ):
        yield Case(f"name-{name}", MALFORMED, desc, _replaced(old, new))
    manifest = seal(small.draft_single({"f\u00e9": 1}))
    text = jcs(manifest).decode().replace("f\u00e9", "fe\u0301")
    yield Case("name-nfd", 1, "a member name in another normal form, its salt too: other bytes", text.encode())
    deep: Json = 1
    for _ in range(60):
        deep = [deep]
    yield Case("depth-65", MALFORMED, "65 levels", seal(small.draft_single({"deep": deep})))
    many = {f"m{n:05d}": 0 for n in range(10_001)}
    yield Case(
        "members-10001",
        MALFORMED,
        "10,001 members in one object",
        sign(changed(small.single({}), lambda m: m.update(extensions=many))),
    )


_PLACES: dict[str, Callable[[Json], Json]] = {
    "top": lambda m: m,
    "context": lambda m: m["context"],
    "context-step": lambda m: m["context"]["steps"][0],
    "step": lambda m: step_of(m, "only"),
    "attestation": lambda m: step_of(m, "only")["attestation"],
    "salts": lambda m: step_of(m, "only")["attestation"]["salts"],
    "proofs": lambda m: step_of(m, "only")["proofs"],
    "proof": lambda m: step_of(m, "only")["proofs"]["postconditions"][0],
    "observed": lambda m: step_of(m, "only")["observed"],
    "attempt": lambda m: step_of(m, "only")["observed"]["attempts"][0],
    "material": lambda m: m["materials"][m["context"]["policies"]],
}


def _members() -> Iterator[Case]:
    for place, find in _PLACES.items():
        manifest = base()
        find(manifest)["alg"] = "none"
        yield Case(f"unknown-member-{place}", MALFORMED, f"an unknown member `alg` in {place}", _resealed(manifest))
        target = find(base())
        for member in sorted(target) if place in ("top", "attestation") else sorted(target)[:1]:
            manifest = base()
            del find(manifest)[member]
            yield Case(f"missing-{place}-{member}", MALFORMED, f"no `{member}` in {place}", manifest)
    for name, member, value in (
        ("key-embedded", "publicKey", b64(bytes(32))),
        ("key-list-embedded", "keys", []),
        ("time-stamp", "timestamps", []),
        ("transparency", "transparency", {}),
    ):
        yield Case(name, MALFORMED, f"a member `{member}`, which version 1 does not have", _with(member, value))


def _resealed(manifest: Json) -> Json:
    """The liar signs it again, where the maker can."""
    try:
        return seal(manifest)
    except KeyError:
        return manifest


def _with(member: str, value: Json) -> Json:
    return sign({**base(), member: value})


def _types() -> Iterator[Case]:
    for name, member, value in (
        ("version-changed", "pcq", "manifest/v2"),
        ("version-number", "pcq", 1),
        ("count-as-text", "stepCount", "7"),
        ("count-zero", "stepCount", 0),
        ("count-fraction", "stepCount", 7.5),
        ("count-true", "executionSeq", True),
        ("outcome-unknown", "outcome", "succeeded"),
        ("digest-upper-case", "startEntry", "sha256:" + "AB" * 32),
        ("digest-short", "startEntry", "sha256:abcd"),
        ("digest-other-hash", "startEntry", "sha512:" + "ab" * 32),
        ("time-offset", "executedAt", "2026-02-03T04:05:06+00:00"),
        ("time-leap-second", "executedAt", "2026-06-30T23:59:60Z"),
        ("time-no-date", "executedAt", "2026-02-30T04:05:06Z"),
        ("time-not-leap-year", "executedAt", "2100-02-29T04:05:06Z"),
        ("time-nanoseconds", "executedAt", "2026-02-03T04:05:06.123456789Z"),
        ("time-lower-case", "executedAt", "2026-02-03t04:05:06z"),
        ("time-hour-24", "executedAt", "2026-02-03T24:00:00Z"),
        ("approval", "approvals", [{"decision": "approved"}]),
        ("steps-object", "steps", {}),
        ("critical-object", "critical", {}),
    ):
        yield Case(f"type-{name}", MALFORMED, f"`{member}` is {json.dumps(value)}", {**base(), member: value})
    critical = {**base(), "critical": ["witness"], "extensions": {"witness": {}}}
    yield Case("critical-extension", 5, "an extension that must be understood", sign(critical))
    yield Case("extension", 0, "an extension that need not be", sign({**base(), "extensions": {"witness": {}}}))
    manifest = base()
    step_of(manifest, "only")["proofs"]["postconditions"][0]["version"] = 2
    yield Case("prover-version", MALFORMED, "a prover of version 2", seal(manifest))
    yield from _base64()


def _base64() -> Iterator[Case]:
    text = jcs(small.single({})).decode()
    signature = json.loads(text)["signature"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    # A signature of 64 bytes ends in one character with 4 spare bits: 16 spellings, of which one is canonical.
    last = alphabet.index(signature[-3])
    for spare in range(1, 16):
        spelling = signature[:-3] + alphabet[last + spare] + "=="
        yield Case(
            f"base64-spare-bits-{spare:02d}",
            MALFORMED,
            "spare bits that are not zero",
            text.replace(signature, spelling).encode(),
        )
    for name, spelling in (
        ("no-padding", signature.rstrip("=")),
        ("newline", signature[:40] + "\\n" + signature[40:]),
        ("url-safe", signature.replace("+", "-").replace("/", "_")),
        ("no-prefix", signature[7:]),
        ("too-much-padding", signature + "="),
    ):
        yield Case(
            f"base64-{name}",
            MALFORMED,
            "another spelling of the same signature",
            text.replace(signature, spelling).encode(),
        )


def _salts_and_markers() -> Iterator[Case]:
    manifest = base()
    step_of(manifest, "only")["attestation"]["salts"]["outputs"].pop("updated")
    yield Case("salt-missing", MALFORMED, "a field that is shown has no salt", manifest)
    manifest = base()
    step_of(manifest, "only")["attestation"]["salts"]["outputs"]["more"] = b64(bytes(16))
    yield Case("salt-without-field", MALFORMED, "a salt that belongs to no field", manifest)
    manifest = base()
    step_of(manifest, "only")["attestation"]["salts"]["outputs"]["updated"] = b64(bytes(15))
    yield Case("salt-short", MALFORMED, "a salt of 15 bytes", manifest)
    manifest = base()
    salt = step_of(manifest, "only")["attestation"]["salts"]["outputs"]["updated"]
    redact(manifest, "only", "outputs", "updated")["steps"][0]["attestation"]["salts"]["outputs"]["updated"] = salt
    yield Case("redacted-with-salt", MALFORMED, "a hidden boolean whose salt was left behind can be guessed", manifest)
    proof = base()
    step_of(proof, "only")["proofs"]["postconditions"][0] = {"$redacted": "sha256:" + "ab" * 32}
    yield Case("redacted-proof", MALFORMED, "a redaction that hides a failure: only evidence can be redacted", proof)
    for name, marker in (
        ("redaction-open", {"$redacted": "sha256:" + "ab" * 32, "note": ""}),
        ("redaction-no-digest", {"$redacted": "x"}),
        ("marker-open", {"$digest": "sha256:" + "ab" * 32, "size": 1, "mediaType": "application/json", "x": 1}),
        ("marker-media-type", {"$digest": "sha256:" + "ab" * 32, "size": 1, "mediaType": "text/plain"}),
        ("marker-no-size", {"$digest": "sha256:" + "ab" * 32, "mediaType": "application/json"}),
    ):
        manifest = small.single({"a": 1})
        manifest["steps"][0]["attestation"]["outputs"]["a"] = marker
        yield Case(name, MALFORMED, f"a marker that is none: {json.dumps(marker)}", seal(manifest))
    manifest = small.single({"a": 1})
    manifest["steps"][0]["attestation"]["outputs"]["a"] = "x" * 65_535
    yield Case("not-detached", MALFORMED, "a field of 65,537 bytes inline", seal(manifest))


def _materials() -> Iterator[Case]:
    manifest = base()
    manifest["materials"]["sha256:" + "ab" * 32] = {"text": "x"}
    yield Case("material-unused", MALFORMED, "a material that nothing refers to", manifest)
    key = base()["context"]["policies"]
    for name, value, desc in (
        ("material-both", {"text": "x", "base64": ""}, "text and Base64 in one material"),
        ("material-prefix", {"base64": "base64:AAAA"}, "Base64 with a prefix"),
        ("material-base64-spelling", {"base64": "AAB="}, "Base64 with spare bits"),
    ):
        manifest = base()
        manifest["materials"][key] = value
        yield Case(name, MALFORMED, desc, manifest)
    for member in ("runbookDigest", "provers", "policies", "licences"):
        manifest = base()
        del manifest["materials"][manifest["context"][member]]
        yield Case(f"material-missing-{member}", 5, f"the bytes of {member} are missing", manifest)
    manifest = scenarios.completed()
    del manifest["materials"][manifest["context"]["parametersDigest"]]
    yield Case("material-missing-parameters", 5, "full needs the parameters where an expression reads them", manifest)
    yield Case(
        "material-missing-parameters-integrity",
        0,
        "integrity does not",
        copy.deepcopy(manifest),
        options=("--profile", "integrity"),
    )
    manifest = base()
    manifest["materials"][key] = {"base64": b64(manifest["materials"][key]["text"].encode())[7:]}
    yield Case("material-base64", 0, "a material in Base64", manifest)
    for name, data in (
        ("not-json", b"{"),
        ("spaced", b'{"modules": {}, "data": {}}'),
        ("wrong-shape", b'{"modules":[]}'),
    ):
        manifest = small.single({})
        old = manifest["context"]["policies"]
        from maker import digest

        del manifest["materials"][old]
        manifest["context"]["policies"] = digest(data)
        manifest["materials"][digest(data)] = material(data)
        yield Case(f"policies-{name}", MALFORMED, f"the policy bundle is {name}", seal(manifest))
