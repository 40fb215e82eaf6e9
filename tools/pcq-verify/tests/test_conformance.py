"""Public vectors of others: JSONTestSuite, RFC 8785, ECMAScript numbers, Wycheproof, RFC 8032, RFC 9162."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from pathlib import Path

import pytest
from maker import tree
from pcq_verify.ed25519 import is_strict_signature
from pcq_verify.jcs import canonical
from pcq_verify.merkle import leaf_hash, tree_hash
from pcq_verify.strict_json import StrictJsonError, parse_json

pytestmark = pytest.mark.conformance

# Valid JSON, and refused here: duplicate names, and numbers beyond 2^53 - 1.
REFUSED_THOUGH_VALID = {
    "y_object_duplicated_key.json",
    "y_object_duplicated_key_and_value.json",
    "y_number.json",
    "y_number_real_capital_e.json",
    "y_number_real_exponent.json",
    "y_number_real_fraction_exponent.json",
    "y_object_extreme_numbers.json",
}
# Where JSON leaves the choice, this reader takes only what cannot be misunderstood.
TAKEN_OF_UNDECIDED = {"i_number_double_huge_neg_exp.json", "i_number_real_underflow.json"}


def is_strict(data: bytes) -> bool:
    try:
        parse_json(data)
    except StrictJsonError:
        return False
    return True


def test_json_test_suite(conformance: Path) -> None:
    taken: dict[str, set[str]] = {"y": set(), "n": set(), "i": set()}
    seen: dict[str, set[str]] = {"y": set(), "n": set(), "i": set()}
    for path in (conformance / "jsontestsuite" / "test_parsing").iterdir():
        kind = path.name[0]
        seen[kind].add(path.name)
        if is_strict(path.read_bytes()):
            taken[kind].add(path.name)
    assert sum(map(len, seen.values())) == 318
    assert taken["n"] == set()
    assert seen["y"] - taken["y"] == REFUSED_THOUGH_VALID
    assert taken["i"] == TAKEN_OF_UNDECIDED


def test_rfc_8785_triples(conformance: Path) -> None:
    folder = conformance / "jcs-cyberphone" / "testdata"
    seen = 0
    for path in sorted((folder / "input").iterdir()):
        expected = (folder / "output" / path.name).read_bytes()
        # One number of this file is beyond 2^53 - 1, so the strict reader refuses it; the writer must still agree.
        strict = path.name != "values.json"
        assert is_strict(path.read_bytes()) is strict
        value = parse_json(path.read_bytes()) if strict else json.loads(path.read_bytes())
        assert canonical(value) == expected.rstrip(b"\n"), path.name
        digits = (folder / "outhex" / path.with_suffix(".txt").name).read_text().split()
        assert canonical(value) == bytes.fromhex("".join(digits)), path.name
        seen += 1
    assert seen == 6


def test_ecmascript_numbers(conformance: Path) -> None:
    lines = (conformance / "es6-numbers" / "es6-10000.txt").read_text().splitlines()
    assert len(lines) == 10_000
    for line in lines:
        bits, _, expected = line.partition(",")
        [value] = struct.unpack(">d", bytes.fromhex(bits.zfill(16)))
        assert canonical(value).decode() == expected


def test_wycheproof_ed25519(conformance: Path) -> None:
    suite = json.loads((conformance / "wycheproof" / "testvectors_v1" / "ed25519_test.json").read_bytes())
    seen = 0
    for group in suite["testGroups"]:
        key = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            accepted = is_strict_signature(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]), key)
            assert accepted is (case["result"] == "valid"), case["comment"]
            seen += 1
    assert seen == 151


def test_rfc_8032_vectors(conformance: Path) -> None:
    rows = json.loads((conformance / "rfc8032-noble" / "rfc8032-ed25519.json").read_bytes())
    assert rows
    for row in rows:
        signature, message, key = (bytes.fromhex(row[name]) for name in ("sig", "msg", "pub"))
        assert is_strict_signature(signature, message, key)
        assert not is_strict_signature(signature, message + b"x", key)


def test_edge_cases_that_libraries_disagree_on(conformance: Path) -> None:
    rows = json.loads((conformance / "rfc8032-noble" / "noble-edge-cases.json").read_bytes())
    assert rows
    for row in rows:
        signature, message, key = (bytes.fromhex(row[name]) for name in ("signature", "message", "pub_key"))
        assert not is_strict_signature(signature, message, key)


def root_from_inclusion(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """RFC 9162, 2.1.3.2."""
    if index >= size:
        return None
    node, last, hashed = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if node % 2 or node == last:
            hashed = hashlib.sha256(b"\x01" + sibling + hashed).digest()
            while node % 2 == 0 and node:
                node, last = node >> 1, last >> 1
        else:
            hashed = hashlib.sha256(b"\x01" + hashed + sibling).digest()
        node, last = node >> 1, last >> 1
    return hashed if last == 0 else None


def test_inclusion_proofs_of_rfc_9162(conformance: Path) -> None:
    seen = 0
    for path in sorted((conformance / "merkle-transparency-dev" / "testdata" / "inclusion").rglob("*.json")):
        case = json.loads(path.read_bytes())
        proof = [base64.b64decode(item) for item in case["proof"] or ()]
        leaf, root = base64.b64decode(case["leafHash"] or ""), base64.b64decode(case["root"] or "")
        found = root_from_inclusion(leaf, case["leafIdx"], case["treeSize"], proof)
        assert (found == root and len(leaf) == 32) is not case["wantErr"], path.name
        seen += 1
    assert seen > 50


def test_the_tree_hashes_of_the_public_proofs_are_ours(conformance: Path) -> None:
    del conformance
    leaves = [b"", b"\x00", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]
    known = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert tree_hash([leaf_hash(leaf) for leaf in leaves]).hex() == known == tree(leaves).hex()
