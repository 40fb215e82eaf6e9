"""Unit vectors: the arithmetic of the format, one function a file, for whoever writes a third verifier."""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
from pathlib import Path

from keyring import KEYS, b64, digest, jcs, pae
from maker import SALT_KEY, commit_digests, field_digest, salt, tree

from corpus import scores
from corpus.cases import Json


def write(folder: Path) -> None:
    """jcs, numbers, pae, commitments, merkle, ed25519 and models, a JSON file each."""
    for name, value in (
        ("jcs", _jcs()),
        ("numbers", _numbers()),
        ("pae", _pae()),
        ("commitments", _commitments()),
        ("merkle", _merkle()),
        ("ed25519", _signatures()),
        ("models", scores.vectors()),
    ):
        (folder / f"{name}.json").write_text(json.dumps(value, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")


def _jcs() -> Json:
    texts = [
        '{"b":1,"a":2}',
        "[ ]",
        '{ "\\u20ac": 1, "\\r": 2, "\\ufb33": 3, "1": 4, "\\ud83d\\ude00": 5, "\\u0080": 6, "\\u00f6": 7 }',
        '"\\u0000\\u001f\\u007f\\u2028\\"\\\\\\/\\b\\f\\n\\r\\t"',
        "[1.0, -0, 1e0, 0.1e1, 1E-7, 123456789012345.6]",
        '{"":{"":[[],{},null,true,false]}}',
    ]
    return [{"json": text, "hex": jcs(json.loads(text)).hex()} for text in texts]


def _numbers() -> Json:
    doubles = [0.0, -0.0, 1.0, -1.5, 0.1, 0.2 + 0.1, 1e-6, 1e-7, 5e-324, 2.5e-8, 9007199254740991.0, 1 / 3, 123456.789]
    return [{"ieee754": struct.pack(">d", value).hex(), "text": jcs(value).decode()} for value in doubles]


def _pae() -> Json:
    return [
        {"kind": kind, "body": body, "hex": pae(kind, body.encode()).hex()}
        for kind, body in (("step", "{}"), ("manifest", '{"\u00e4":1}'), ("step", ""))
    ]


def _commitments() -> Json:
    context_hash = digest(b"context")
    run_key = hmac.new(SALT_KEY, jcs(["pcq-run-v1", context_hash]), "sha256").digest()
    rows: list[Json] = []
    for section, value in (("inputs", {}), ("outputs", {"a": 1, "b": [True, "\u00e4"]}), ("outputs", {"$": 1})):
        named = value if "$" not in value else {"$": value}
        salts = {key: salt(context_hash, "step-1", section, key) for key in named}
        fields = {key: field_digest(salts[key], "step-1", section, key, item) for key, item in named.items()}
        rows.append(
            {
                "stepId": "step-1",
                "section": section,
                "value": value,
                "salts": {key: b64(item) for key, item in salts.items()},
                "fields": fields,
                "commit": commit_digests(fields),
            }
        )
    return {"contextHash": context_hash, "saltKey": SALT_KEY.hex(), "runKey": run_key.hex(), "sections": rows}


def _merkle() -> Json:
    leaves = [bytes([n]) * n for n in range(9)]
    return [
        {"leaves": [leaf.hex() for leaf in leaves[:count]], "root": tree(leaves[:count]).hex()} for count in range(10)
    ]


def _signatures() -> Json:
    message = pae("step", b"{}")
    return [
        {
            "seed": hashlib.sha256(f"test key {key.name}".encode()).hexdigest(),
            "publicKey": b64(key.public),
            "keyid": key.keyid,
            "message": message.hex(),
            "signature": key.sign(message),
        }
        for key in KEYS.values()
    ]
