"""The published JSON Schemas and the verifier's own table say the same of every shape."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import scenarios
from hypothesis import given, settings
from hypothesis import strategies as st
from keyring import jcs, trust
from pcq_verify.schema import check_manifest
from pcq_verify.strict_json import StrictJsonError, parse_json
from pcq_verify.trust import TrustError, read_trust
from review_maker import denied, say

SCHEMAS = Path(__file__).resolve().parents[3] / "spec" / "schemas"
MANIFEST = jsonschema_rs.validator_for(json.loads((SCHEMAS / "manifest.schema.json").read_bytes()))
TRUST = jsonschema_rs.validator_for(json.loads((SCHEMAS / "trust.schema.json").read_bytes()))

# What a shape cannot say: a keyid that is not its key's hash, a key that occurs twice.
BEYOND_SHAPE = {"keyid-collision.json", "key-twice.json"}


def test_they_agree_on_every_vector(vectors: Path) -> None:
    agreed = {True: 0, False: 0}
    for path in sorted(vectors.glob("*/*.pcq")):
        try:
            value = parse_json(path.read_bytes())
        except StrictJsonError:
            continue
        fits = not check_manifest(value)
        assert MANIFEST.is_valid(value) is fits, path.name
        agreed[fits] += 1
    assert agreed[True] > 200
    assert agreed[False] > 80


def test_they_agree_on_every_trust_file(vectors: Path) -> None:
    seen = 0
    for path in sorted((vectors / "trust").iterdir()):
        try:
            value = parse_json(path.read_bytes())
        except StrictJsonError:
            continue
        assert TRUST.is_valid(value) is (is_trust(path.read_bytes()) or path.name in BEYOND_SHAPE), path.name
        seen += 1
    assert seen > 15


def is_trust(data: bytes) -> bool:
    try:
        read_trust(data)
    except TrustError:
        return False
    return True


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a value, free-form parts left out."""
    found = [at] if at else []
    if at and at[-1] in ("inputs", "outputs", "evidence", "extensions") and "salts" not in at:
        return found
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        found += paths(item, (*at, name))
    return found


MANIFESTS = {"blocked": scenarios.blocked(), "reviewed": denied([say("opened"), say("approved")])}
PLACES = [(name, place) for name, manifest in MANIFESTS.items() for place in paths(manifest)]
ODD = st.sampled_from(
    [None, True, 0, 1, -1, 1.5, "", "x", "sha256:" + "0" * 64, "base64:", "base64:AA==", [], {}, [None], {"x": 1}]
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(PLACES), ODD)
def test_they_agree_when_any_member_is_something_else(at: tuple[str, tuple[Any, ...]], odd: Any) -> None:
    which, place = at
    manifest = copy.deepcopy(MANIFESTS[which])
    target = manifest
    for part in place[:-1]:
        target = target[part]
    target[place[-1]] = odd
    assert MANIFEST.is_valid(manifest) is (not check_manifest(manifest)), place


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PLACES), st.text(max_size=3))
def test_they_agree_when_any_object_has_a_member_more_or_less(at: tuple[str, tuple[Any, ...]], name: str) -> None:
    which, place = at
    manifest = copy.deepcopy(MANIFESTS[which])
    target = manifest
    for part in place[:-1]:
        target = target[part]
    if isinstance(target, dict):
        target[name] = target.pop(place[-1])
    else:
        target.append(name)
    assert MANIFEST.is_valid(manifest) is (not check_manifest(manifest)), place


@pytest.mark.parametrize("schema", ["manifest", "trust"])
def test_the_schemas_are_schemas(schema: str) -> None:
    jsonschema_rs.meta.validate(json.loads((SCHEMAS / f"{schema}.schema.json").read_bytes()))
    assert TRUST.is_valid(json.loads(jcs(trust())))
