"""Writes spec/vectors: valid manifests, attacks, trust files and unit vectors. The same bytes at every run.

The files come from the naive maker in tools/pcq-verify/tests, which shares nothing with the service or the verifier.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tools" / "pcq-verify" / "tests"))

from corpus import (  # noqa: E402 - found by the line above
    attack_bytes,
    attack_reviews,
    attack_seals,
    attack_stories,
    branched,
    exports,
    licence_cases,
    nested,
    notified,
    probed,
    responses,
    review_trust,
    reviewed,
    scored,
    sql_cases,
    units,
    valid,
)
from corpus.cases import Case, Json  # noqa: E402
from keyring import KEYS, b64, digest, jcs, trust, trust_key  # noqa: E402

FOLDERS = ("valid", "attacks", "trust", "payloads", "payloads-damaged", "artifacts", "unit")
EXECUTED = "2026-02-03T04:05:06.789012Z"


def main() -> None:
    """Write everything anew."""
    for folder in FOLDERS:
        shutil.rmtree(HERE / folder, ignore_errors=True)
        (HERE / folder).mkdir()
    index = []
    for case in _cases():
        index.append(_write("attacks" if case.exit else "valid", case))
    _write_trust()
    _write_payloads()
    for name, data in exports.FILES.items():
        (HERE / "artifacts" / name).write_bytes(data)
    units.write(HERE / "unit")
    for name, value in (("index", index), ("licences", licence_cases.cases())):
        text = json.dumps(value, indent=1, ensure_ascii=False)
        (HERE / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _cases() -> Iterator[Case]:
    yield from valid.cases()
    yield from probed.valid_cases()
    yield from responses.valid_cases()
    yield from reviewed.cases()
    yield from branched.valid_cases()
    yield from nested.valid_cases()
    yield from exports.cases()
    yield from notified.valid_cases()
    yield from attack_bytes.cases()
    yield from attack_seals.cases()
    yield from attack_stories.cases()
    yield from probed.attack_cases()
    yield from responses.attack_cases()
    yield from attack_reviews.cases()
    yield from branched.attack_cases()
    yield from nested.attack_cases()
    yield from scored.cases()
    yield from sql_cases.cases()
    yield from notified.attack_cases()


def _write(folder: str, case: Case) -> Json:
    path = HERE / folder / f"{case.name}.pcq"
    if path.exists():
        raise ValueError(f"two vectors are called {case.name}")
    path.write_bytes(case.encoded)
    return {
        "file": f"{folder}/{case.name}.pcq",
        "trust": f"trust/{case.trust}",
        "options": list(case.options),
        "exit": case.exit,
        "desc": case.desc,
    }


def _write_trust() -> None:
    step, manifest = KEYS["step"], KEYS["manifest"]
    good = trust()

    def with_manifest_key(**members: Json) -> Json:
        return {**good, "keys": [good["keys"][0], trust_key(manifest, ["manifest"], **members)]}

    weak = bytes.fromhex("01" + "00" * 31)
    weak_key = {**good["keys"][1], "publicKey": b64(weak), "keyid": digest(weak)}
    files: dict[str, Json | bytes] = {
        "trust": good,
        "formatted": json.dumps(good, indent=2).encode() + b"\n",
        "expired": with_manifest_key(validTo="2026-02-01T00:00:00Z"),
        "ends-at-execution": with_manifest_key(validTo=EXECUTED),
        "begins-at-execution": with_manifest_key(validFrom=EXECUTED),
        "not-yet-valid": with_manifest_key(validFrom="2026-03-01T00:00:00Z"),
        "revoked": with_manifest_key(revoked={"at": "2026-01-15T00:00:00Z", "reason": "lost"}),
        "revoked-later": with_manifest_key(revoked={"at": "2027-01-01T00:00:00Z", "reason": "lost"}),
        "without-role": {**good, "keys": [good["keys"][0], trust_key(manifest, ["step"])]},
        "without-any-role": {**good, "keys": [good["keys"][0], trust_key(manifest, [])]},
        "unknown": {**good, "keys": [trust_key(step, ["step"])]},
        "no-keys": {**good, "keys": []},
        "old": {**good, "version": 2},
        "keyid-collision": with_manifest_key(keyid=step.keyid),
        "key-twice": {**good, "keys": [*good["keys"], good["keys"][1]]},
        "short-key": with_manifest_key(publicKey=b64(manifest.public[:31])),
        "unknown-member": with_manifest_key(owner="me"),
        "duplicate-name": jcs(good).replace(b'"version":3', b'"version":3,"version":4'),
        "version-2": {**good, "pcq": "trust/v2"},
        "not-json": b"-----BEGIN PUBLIC KEY-----\n",
        "small-order-key": {**good, "keys": [good["keys"][0], weak_key]},
        **review_trust.files(),
    }
    for name, value in files.items():
        (HERE / "trust" / f"{name}.json").write_bytes(value if isinstance(value, bytes) else jcs(value) + b"\n")


def _write_payloads() -> None:
    data = jcs(["x" * 100] * 640)
    name = digest(data).replace(":", "-")
    (HERE / "payloads" / name).write_bytes(data)
    (HERE / "payloads-damaged" / name).write_bytes(data.replace(b"x", b"y", 1))


if __name__ == "__main__":
    main()
