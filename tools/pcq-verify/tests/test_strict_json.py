"""Strict JSON: what two readers could take in two ways is refused, in time that grows with the length alone."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pcq_verify.jcs import canonical
from pcq_verify.strict_json import MAX_BYTES, MAX_NUMBER, StrictJsonError, parse_json

numbers = st.one_of(
    st.integers(-MAX_NUMBER, MAX_NUMBER),
    st.floats(-MAX_NUMBER, MAX_NUMBER, allow_nan=False, allow_infinity=False),
)
texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=20,
)


def same(left: Any, right: Any) -> bool:
    """Equal as JSON: 1 and 1.0 are one number, 1 and true are not."""
    if isinstance(left, bool) or isinstance(right, bool) or left is None or right is None:
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


@given(values)
def test_reading_what_was_written_gives_the_value_back(value: Any) -> None:
    assert same(parse_json(canonical(value)), value)


@given(values)
def test_the_canonical_form_of_the_canonical_form_is_itself(value: Any) -> None:
    data = canonical(value)
    assert canonical(parse_json(data)) == data


@given(values, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_any_spelling_reads_as_the_standard_library_reads_it(value: Any, indent: Any, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert same(parse_json(text.encode()), json.loads(text))


@given(st.binary(max_size=60))
def test_bytes_are_a_value_or_an_error_and_what_is_read_can_be_written(data: bytes) -> None:
    try:
        value = parse_json(data)
    except StrictJsonError:
        return
    assert same(parse_json(canonical(value)), value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9007199254740991", MAX_NUMBER),
        ("-9007199254740991.0", -MAX_NUMBER),
        ("9.007199254740991e15", MAX_NUMBER),
        ("1e-999", 0),
        ("-0", 0),
        ("1E2", 100),
        ("0.1", 0.1),
    ],
)
def test_numbers_are_taken_by_value(text: str, value: float) -> None:
    assert parse_json(text.encode()) == value


@pytest.mark.parametrize(
    "text",
    ["9007199254740992", "-9007199254740992", "9007199254740992.0", "1e16", "1e999", "-1e999", "123456789e10"],
)
def test_numbers_beyond_2_to_the_53_are_refused_however_they_are_spelled(text: str) -> None:
    with pytest.raises(StrictJsonError, match="2\\^53"):
        parse_json(text.encode())


@pytest.mark.parametrize(
    "text",
    ['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '{"\\u0061":1,"a":2}', '[{"x":{"é":1,"\\u00e9":1}}]'],
)
def test_a_member_name_that_occurs_twice_is_refused_also_by_escape(text: str) -> None:
    with pytest.raises(StrictJsonError, match="twice"):
        parse_json(text.encode())


@pytest.mark.parametrize(
    "text", ['"\\ud800"', '"\\udc00"', '"\\ud800\\ud800"', '"\\udc00\\ud800"', '"\\ud83dx"', '{"\\ud800":1}']
)
def test_lone_surrogates_are_refused(text: str) -> None:
    with pytest.raises(StrictJsonError, match="surrogate"):
        parse_json(text.encode())


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert parse_json(b'"\\ud83d\\ude00\\uDBFF\\uDFFF"') == "\U0001f600\U0010ffff"


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf1",
        b"\xff",
        b'"\xed\xa0\x80"',
        b'"\xc0\xaf"',
        b"",
        b" ",
        b"1 2",
        b"[1,]",
        b"[1}",
        b'{"a":1]',
        b'{"a" 1}',
        b"{a:1}",
        b"{,}",
        b"[,1]",
        b"tru",
        b"True",
        b"'a'",
        b'"\t"',
        b'"\\x41"',
        b'"\\u12"',
        b"01",
        b"1.",
        b".5",
        b"+1",
        b"1e",
        b"NaN",
        b"Infinity",
        b"[1\x0c]",
        b"\x00",
        b"/**/1",
        "１".encode(),
        b'"',
        b'["a',
        b"[",
        b'{"a":',
    ],
)
def test_what_is_no_strict_json_is_refused(data: bytes) -> None:
    with pytest.raises(StrictJsonError):
        parse_json(data)


def test_64_levels_are_read_and_65_are_not() -> None:
    assert parse_json(b"[" * 64 + b"1" + b"]" * 64)
    with pytest.raises(StrictJsonError, match="64 levels"):
        parse_json(b"[" * 65 + b"]" * 65)


def test_10_000_members_are_read_and_one_more_is_not() -> None:
    def members(count: int) -> bytes:
        return b"{" + b",".join(b'"m%d":0' % n for n in range(count)) + b"}"

    assert len(parse_json(members(10_000))) == 10_000
    with pytest.raises(StrictJsonError, match="10000 members"):
        parse_json(members(10_001))


def test_more_than_64_mib_are_refused_unread() -> None:
    with pytest.raises(StrictJsonError, match="at most"):
        parse_json(b" " * (MAX_BYTES + 1))


HOSTILE = {
    "depth 10^5": b"[" * 100_000,
    "depth 10^5, objects": b'{"a":' * 100_000,
    "10^7 digits": b"1" * 10_000_000,
    "10^7 digits after the point": b"0." + b"1" * 10_000_000,
    "10^7 digits of exponent": b"1e" + b"9" * 10_000_000,
    "10^7 zeros": b"[0." + b"0" * 10_000_000 + b"1x",
    "10^7 blanks": b" " * 10_000_000,
    "10^7 letters without an end": b'"' + b"a" * 10_000_000,
    "10^6 escapes without an end": b'["' + b"\\n" * 1_000_000,
    "10^6 digits in the wrong place": b'{"a":1.' + b"1" * 1_000_000 + b"e" + b"1" * 1_000_000 + b"x",
    "a name of 10^6 letters twice": b"{" + b",".join([b'"' + b"a" * 1_000_000 + b'":1'] * 2) + b"}",
    "10^6 quotes": b'"' * 1_000_000,
    "10^6 backslashes": b'"' + b"\\" * 1_000_001,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_costs_no_more_than_its_length(name: str) -> None:
    started, message = time.process_time(), ""
    try:
        parse_json(HOSTILE[name])
    except StrictJsonError as error:
        message = str(error)
    # A quadratic reader would take minutes; the bound leaves room for a slow machine.
    assert time.process_time() - started < 5
    assert len(message) < 200, "a message does not carry the input"


def test_what_is_not_finite_cannot_be_written() -> None:
    for value in (math.nan, math.inf, -math.inf):
        with pytest.raises(ValueError, match="not finite"):
            canonical(value)
    with pytest.raises(TypeError):
        canonical({1, 2})
