"""Strict JSON and RFC 8785: what is refused and where, and one spelling for everything else (spec/pcq-v1.md, 1)."""

from __future__ import annotations

import json
import math
import struct
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pcq_verify.jcs import canonical
from pcq_verify.strict_json import StrictJsonError, parse_json
from runbooks.canonical import MAX_DEPTH, MAX_MEMBERS, MAX_NUMBER, digest, dumps, is_identifier, loads, pae, pointer_to
from runbooks.errors import CanonicalError

BOUND_SECONDS = 5.0

AWKWARD = ["", "a", "b", "é", "\ue000", "\U0001f600", "\u20ac", "\r", "\u0080", "1", "~", "/", "$", "\x00", "ﬀ", "\x7f"]
names = st.one_of(st.sampled_from(AWKWARD), st.text(st.characters(exclude_categories=["Cs"]), max_size=4))
numbers = st.one_of(
    st.integers(-MAX_NUMBER, MAX_NUMBER),
    st.sampled_from([0, -0.0, 5e-324, 1e-7, 1e-6, 0.1, 1e15, 1.0, MAX_NUMBER, -MAX_NUMBER, float(MAX_NUMBER)]),
    st.floats(-MAX_NUMBER, MAX_NUMBER),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, names, st.sampled_from(["null", "1.5", ":1.0,"])),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(names, inner, max_size=5)),
    max_leaves=20,
)
unlimited = st.recursive(
    st.one_of(st.integers(), st.floats(), st.text(st.characters(), max_size=2), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(st.characters(), max_size=2), inner)),
    max_leaves=8,
)


def nested(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


def is_strict(value: Any, depth: int = 1) -> bool:
    """The spec's own words, slowly."""
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, int | float):
        return math.isfinite(value) and abs(value) <= 2**53 - 1
    if isinstance(value, str):
        return not any("\ud800" <= character <= "\udfff" for character in value)
    inner = [*value, *value.values()] if isinstance(value, dict) else value
    return depth <= 64 and all(is_strict(item, depth + 1) for item in inner)


def refusal(act: Callable[[], object]) -> CanonicalError:
    with pytest.raises(CanonicalError) as caught:
        act()
    return caught.value


REFUSED = [
    (b"", "json.syntax", "not JSON"),
    (b"{} {}", "json.syntax", "not JSON"),
    (b"\xef\xbb\xbf{}", "json.syntax", "not JSON"),
    ("{}".encode("utf-16"), "json.syntax", "not JSON"),
    (b'"\xff"', "json.syntax", "not JSON"),
    (b'"\xc0\x80"', "json.syntax", "not JSON"),
    (b'["\\ud800"]', "json.syntax", "not JSON"),
    (b'{"\\udc00": 1}', "json.syntax", "not JSON"),
    (b'"\x01"', "json.syntax", "not JSON"),
    (b"NaN", "json.syntax", "not JSON"),
    (b"[Infinity]", "json.syntax", "not JSON"),
    (b'{"a": -Infinity}', "json.syntax", "not JSON"),
    (b"1e999", "json.syntax", "not JSON"),
    (b"[1,]", "json.syntax", "not JSON"),
    (b"01", "json.syntax", "not JSON"),
    (b"{'a': 1}", "json.syntax", "not JSON"),
    (b"9007199254740992", "json.number", "/: "),
    (b'{"a/b": [0, 9007199254740992]}', "json.number", "/a~1b/1: "),
    (b'{"a~": -9007199254740992.0}', "json.number", "/a~0: "),
    (b"[9.007199254740993e15]", "json.number", "/0: "),
    (b"[1e300]", "json.number", "/0: "),
    (b'{"a": 1, "a": 1}', "json.duplicate", "/a: "),
    (b'{"x": [{"a": 1, "\\u0061": 2}]}', "json.duplicate", "/x/0/a: "),
    (b'{"": 1, "": 2}', "json.duplicate", "/: "),
    (json.dumps(nested(65)).encode(), "json.depth", "/"),
    (json.dumps({"m": {str(number): 0 for number in range(MAX_MEMBERS + 1)}}).encode(), "json.members", "/m: "),
]


@pytest.mark.parametrize(("data", "code", "where"), REFUSED, ids=[repr(data[:24]) for data, _, _ in REFUSED])
def test_bytes_that_two_readers_could_understand_differently_are_refused(data: bytes, code: str, where: str) -> None:
    error = refusal(lambda: loads(data))
    assert error.code == code
    assert str(error).startswith(where)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b" [1, 2.50, -0, 1e2] ", [1, 2.5, 0, 100]),
        (b"9007199254740991", MAX_NUMBER),
        (b"9007199254740991.0", MAX_NUMBER),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        ('{"é": "é"}'.encode(), {"é": "é"}),
        (json.dumps(nested(64)).encode(), nested(64)),
    ],
)
def test_strict_json_is_read_as_it_stands(data: bytes, value: Any) -> None:
    assert loads(data) == value


def test_an_object_may_have_ten_thousand_members() -> None:
    value = {str(number): number for number in range(MAX_MEMBERS)}
    assert loads(dumps(value)) == value


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"[" * 10_000_000,
        b"1" * 10_000_000,
        b"-" + b"9" * 10_000_000,
        b"1e" + b"9" * 10_000_000,
        b'{"a":' * 10_000_000,
        b'"' + b"\\u0041" * 2_000_000,
    ],
    ids=["lists", "objects", "unclosed", "digits", "negative", "exponent", "unclosed objects", "unclosed text"],
)
def test_hostile_lengths_are_refused_in_bounded_time(data: bytes) -> None:
    before = time.monotonic()
    refusal(lambda: loads(data))
    assert time.monotonic() - before < BOUND_SECONDS


def test_ten_million_digits_of_a_fraction_are_read_in_bounded_time() -> None:
    before = time.monotonic()
    assert loads(b"0." + b"3" * 10_000_000) == 1 / 3
    assert time.monotonic() - before < BOUND_SECONDS


@pytest.mark.parametrize(
    "value",
    [b"a", {1}, Decimal("1"), object(), datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC).date(), 1j],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_json_value_is_refused_wherever_it_stands(value: Any) -> None:
    for whole in (value, [1.5, value], {"a": {"b": value}}, {"é": value}):
        assert refusal(lambda whole=whole: dumps(whole)).code == "json.value"  # type: ignore[misc]


def test_a_member_name_that_is_no_text_is_refused() -> None:
    assert refusal(lambda: dumps({1: 1})).code == "json.value"
    assert refusal(lambda: dumps({"é": {None: 1.5}})).code == "json.value"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 2**53, -(2**53), float(2**53), 10**400])
def test_a_number_that_is_not_finite_or_too_large_is_refused_with_its_place(number: float) -> None:
    error = refusal(lambda: dumps({"a": [0, number]}))
    assert error.code == "json.number"
    assert str(error).startswith("/a/1: ")


@pytest.mark.parametrize("text", ["\ud800", "a\udfff", "\ude00\ud83d"])
def test_a_lone_surrogate_is_refused_as_value_and_as_name(text: str) -> None:
    assert refusal(lambda: dumps(["é", text])).code == "json.value"
    assert refusal(lambda: dumps({text: 1})).code == "json.value"


def test_depth_and_members_are_limited_when_writing_too() -> None:
    assert dumps(nested(MAX_DEPTH)) == rfc8785.dumps(nested(MAX_DEPTH))
    assert refusal(lambda: dumps(nested(MAX_DEPTH + 1))).code == "json.depth"
    assert refusal(lambda: dumps(nested(100_000))).code == "json.depth"
    assert refusal(lambda: dumps({str(number): 0 for number in range(MAX_MEMBERS + 1)})).code == "json.members"


@settings(max_examples=300, deadline=None)
@given(values)
@example({"\U0001f600": 1, "\ufb33": 2, "\ue000": 3})
@example([1.0, -0.0, 1e15, 1e-7])
@example({"a": None, "b": [None, math.pi]})
def test_bytes_equal_those_of_the_reference_and_of_the_verifier(value: Any) -> None:
    data = dumps(value)
    assert data == rfc8785.dumps(value)
    assert data == canonical(parse_json(data))


@settings(max_examples=200, deadline=None)
@given(values)
def test_what_is_written_is_read_back_and_written_the_same_again(value: Any) -> None:
    assert loads(dumps(value)) == value
    assert dumps(loads(dumps(value))) == dumps(value)


@settings(max_examples=300, deadline=None)
@given(unlimited)
def test_exactly_what_the_specification_allows_is_written(value: Any) -> None:
    try:
        assert dumps(value) == rfc8785.dumps(value)
        written = True
    except CanonicalError:
        written = False
    assert written == is_strict(value)


@settings(max_examples=300, deadline=None)
@given(values, st.integers(0, 400), st.sampled_from([*b'{}[]",:\\0-.e+', 0xFF, 0xED, 0x00]), st.booleans())
def test_service_and_verifier_accept_the_same_bytes(value: Any, place: int, byte: int, insert: bool) -> None:
    data = bytearray(json.dumps(value, ensure_ascii=place % 2 == 0).encode())
    position = place % len(data)
    data[position : position + (not insert)] = bytes([byte])
    try:
        expected = parse_json(bytes(data))
    except StrictJsonError:
        refusal(lambda: loads(bytes(data)))
    else:
        assert loads(bytes(data)) == expected


def test_the_pre_authentication_encoding_is_that_of_dsse() -> None:
    # DSSE's own example has another payload type; the form is what counts: sizes in decimal, single spaces.
    body = '{"é":1}'.encode()
    assert pae("step", body) == b"DSSEv1 32 application/vnd.pcq.step.v1+json 8 " + body
    assert pae("manifest", b"") == b"DSSEv1 36 application/vnd.pcq.manifest.v1+json 0 "


def test_a_digest_names_its_algorithm() -> None:
    assert digest(b"abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_pointer_escapes_tilde_and_slash() -> None:
    assert pointer_to([]) == ""
    assert pointer_to(["a/b", 0, "~1", ""]) == "/a~1b/0/~01/"


@pytest.mark.parametrize("text", ["R1", "kpi:completeness>=0.95", "a" * 128, "0", "a/b@c[0]=<-_."])
def test_an_identifier_is_recognised(text: str) -> None:
    assert is_identifier(text)


@pytest.mark.parametrize("text", ["", "-a", ".", "a b", "a" * 129, "é", "aé", "a\n", "a$", "_a"])
def test_anything_else_is_no_identifier(text: str) -> None:
    assert not is_identifier(text)


@pytest.mark.conformance
def test_canonicalisation_agrees_with_the_public_triples(vectors: Callable[[str], Path]) -> None:
    folder = vectors("jcs-cyberphone") / "testdata"
    seen = set()
    for path in sorted((folder / "input").iterdir()):
        expected = (folder / "output" / path.name).read_bytes()
        assert bytes.fromhex((folder / "outhex" / path.name).with_suffix(".txt").read_text()) == expected
        if path.name == "values.json":
            # It holds 1E30, which RFC 8785 can write and this format refuses.
            assert str(refusal(lambda path=path: loads(path.read_bytes()))).startswith("/numbers/1: ")  # type: ignore[misc]
        else:
            assert dumps(loads(path.read_bytes())) == expected
        seen.add(path.name)
    assert len(seen) == 6


@pytest.mark.conformance
def test_numbers_are_written_as_ecmascript_writes_them(vectors: Callable[[str], Path]) -> None:
    written = refused = 0
    for line in (vectors("es6-numbers") / "es6-10000.txt").read_text().split():
        bits, expected = line.split(",")
        [number] = struct.unpack(">d", bytes.fromhex(bits.zfill(16)))
        if abs(number) > MAX_NUMBER:
            assert refusal(lambda number=number: dumps(number)).code == "json.number"  # type: ignore[misc]
            refused += 1
        else:
            assert dumps([number]) == b"[" + expected.encode() + b"]"
            written += 1
    assert (written, refused) == (6284, 3716)


@pytest.mark.conformance
def test_the_public_parsing_suite_is_refused_and_accepted_as_it_says(vectors: Callable[[str], Path]) -> None:
    # Valid JSON that strict JSON refuses all the same: duplicate names, and numbers beyond 2^53 - 1.
    beyond = {
        "y_number.json",
        "y_number_real_capital_e.json",
        "y_number_real_exponent.json",
        "y_number_real_fraction_exponent.json",
        "y_object_duplicated_key.json",
        "y_object_duplicated_key_and_value.json",
        "y_object_extreme_numbers.json",
    }
    count = 0
    for path in sorted((vectors("jsontestsuite") / "test_parsing").iterdir()):
        data = path.read_bytes()
        try:
            loads(data)
            accepted = True
        except CanonicalError:
            accepted = False
        if path.name.startswith("y_"):
            assert accepted != (path.name in beyond), path.name
        elif path.name.startswith("n_"):
            assert not accepted, path.name
        else:
            assert accepted == is_accepted_by_verifier(data), path.name
        count += 1
    assert count == 318


def is_accepted_by_verifier(data: bytes) -> bool:
    try:
        parse_json(data)
    except StrictJsonError:
        return False
    return True
