"""The unit vectors, and the small encodings at their edges."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring import pae as naive_pae
from maker import tree
from pcq_verify.commitments import commit, field_digest
from pcq_verify.ed25519 import is_strict_signature
from pcq_verify.encoding import base64_text, decode_base64, digest, instant, pae
from pcq_verify.jcs import canonical
from pcq_verify.manifest import Field, Section
from pcq_verify.merkle import leaf_hash, tree_hash
from pcq_verify.strict_json import parse_json


def unit(vectors: Path, name: str) -> Any:
    return json.loads((vectors / "unit" / f"{name}.json").read_bytes())


def test_rfc_8785_texts(vectors: Path) -> None:
    rows = unit(vectors, "jcs")
    assert rows
    for row in rows:
        assert canonical(parse_json(row["json"].encode())).hex() == row["hex"]


def test_numbers_are_spelled_as_ecmascript_spells_them(vectors: Path) -> None:
    rows = unit(vectors, "numbers")
    assert rows
    for row in rows:
        [value] = struct.unpack(">d", bytes.fromhex(row["ieee754"]))
        assert canonical(value).decode() == row["text"]


def test_pre_authentication_encoding(vectors: Path) -> None:
    for row in unit(vectors, "pae"):
        assert pae(row["kind"], row["body"].encode()).hex() == row["hex"]


@given(st.sampled_from(["step", "manifest"]), st.binary())
def test_pre_authentication_encoding_counts_bytes(kind: str, body: bytes) -> None:
    assert pae(kind, body) == naive_pae(kind, body)


def test_fields_and_commitments(vectors: Path) -> None:
    rows = unit(vectors, "commitments")["sections"]
    assert rows
    for row in rows:
        whole = any(name.startswith("$") for name in row["value"])
        values = {"$": row["value"]} if whole else row["value"]
        fields = {}
        for key, value in values.items():
            salt = decode_base64(row["salts"][key])
            assert salt is not None
            encoded = canonical(value)
            assert field_digest(row["stepId"], row["section"], key, encoded, salt) == row["fields"][key]
            fields[key] = Field(value, encoded, salt)
        assert commit(row["stepId"], Section(row["section"], fields, whole)) == row["commit"]


def test_merkle_roots_of_0_to_9_leaves(vectors: Path) -> None:
    for row in unit(vectors, "merkle"):
        assert tree_hash([leaf_hash(bytes.fromhex(leaf)) for leaf in row["leaves"]]).hex() == row["root"]


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_the_tree_equals_the_recursive_reading_of_the_rfc(leaves: list[bytes]) -> None:
    assert tree_hash([leaf_hash(leaf) for leaf in leaves]) == tree(leaves)


def test_signatures(vectors: Path) -> None:
    rows = unit(vectors, "ed25519")
    assert rows
    for row in rows:
        key, signature = decode_base64(row["publicKey"]), decode_base64(row["signature"])
        assert key is not None
        assert signature is not None
        assert digest(key) == row["keyid"]
        assert is_strict_signature(signature, bytes.fromhex(row["message"]), key)
        assert not is_strict_signature(signature, bytes.fromhex(row["message"]) + b" ", key)


@given(st.binary(max_size=40))
def test_every_byte_string_has_one_base64_text(data: bytes) -> None:
    assert decode_base64(base64_text(data)) == data


@pytest.mark.parametrize(
    "text",
    ["base64:AB==", "base64:AAB=", "base64:AA", "base64:AA=", "base64:A", "base64:AA==\n", "AAAA", "base64:AA-_", None],
)
def test_other_spellings_of_base64_are_refused(text: object) -> None:
    assert decode_base64(text) is None


@pytest.mark.parametrize(
    ("early", "late"),
    [
        ("2024-02-28T23:59:59.999999Z", "2024-02-29T00:00:00Z"),
        ("2024-02-29T23:59:59Z", "2024-03-01T00:00:00Z"),
        ("2023-12-31T23:59:59.9Z", "2024-01-01T00:00:00.000001Z"),
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000001Z"),
    ],
)
def test_times_are_compared_as_instants(early: str, late: str) -> None:
    first, second = instant(early), instant(late)
    assert first is not None
    assert second is not None
    assert first < second


@given(st.datetimes())
def test_instants_differ_as_datetimes_do(moment: Any) -> None:
    from datetime import datetime

    origin, later = instant("0001-01-01T00:00:00Z"), instant(moment.isoformat(timespec="microseconds") + "Z")
    assert origin is not None
    assert later is not None
    delta = moment - datetime(1, 1, 1)
    assert later - origin == (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.1234567Z",
        "2026-01-01T00:00:00",
        "2026-01-01 00:00:00Z",
        "２026-01-01T00:00:00Z",
        20260101,
    ],
)
def test_what_is_no_time_has_no_instant(text: object) -> None:
    assert instant(text) is None


def test_equal_instants_may_be_spelled_differently() -> None:
    assert instant("2026-01-01T00:00:00.5Z") == instant("2026-01-01T00:00:00.500000Z")
    assert hashlib.sha256(b"").hexdigest() == tree_hash([]).hex()
