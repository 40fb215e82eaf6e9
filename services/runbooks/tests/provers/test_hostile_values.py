"""Values that were made to be slow, or to be taken for something else: every judge answers, and soon."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.runbooks.tests.provers.facts import judge

MEGABYTE = 1_000_000
HOSTILE = {
    "single digits": "1 " * 500_000,
    "digits with hyphens": "1-" * 500_000,
    "pairs of digits": "12 " * 333_333,
    "groups of 13": ("1" * 13 + " x") * 66_666,
    "groups of 19": ("1" * 19 + "-") * 50_000,
    "one long number": "9" * MEGABYTE,
    "an address without end": "a@" + "1." * 500_000,
    "a local part without end": "a" * MEGABYTE,
    "a domain without dot": "a@" + "a" * MEGABYTE,
    "addresses in each other": "a@" * 500_000,
    "nothing but @": "@" * MEGABYTE,
    "labels of hyphens": "a@" + "a-." * 333_333,
    "a telephone number of blanks": "+1" + " " * MEGABYTE,
    "telephone numbers in each other": "+1" * 500_000,
    "capitals": "A" * MEGABYTE,
    "accounts in each other": "AA11" * 250_000,
    "accounts of 30": ("AA11" + "A" * 26 + " ") * 32_000,
    "right to left and astral": "\u202e🦊" * 500_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_megabyte_of_hostile_text_is_looked_through_in_a_second(text: str) -> None:
    began = time.process_time()
    proof = judge({"type": "disclosure"}, outputs=[text])
    assert time.process_time() - began < 1
    assert (proof["result"], proof["evidence"]["strings"]) == ("pass", 1)


def naive_card(text: str) -> bool:
    for run in re.findall("[0-9]+(?:[ -][0-9]+)*", text):
        groups = re.split("[ -]", run)
        parts = [groups[start:end] for start in range(len(groups)) for end in range(start + 1, len(groups) + 1)]
        for number in map("".join, parts):
            doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number))]
            if 13 <= len(number) <= 19 and sum(value - 9 * (value > 9) for value in doubled) % 10 == 0:
                return True
    return False


@settings(max_examples=400, deadline=None)
@given(st.lists(st.text("0123456789", min_size=1, max_size=20), max_size=8), st.sampled_from([" ", "-", "  ", "x"]))
def test_a_card_number_is_found_as_one_who_tries_them_all_finds_it(groups: list[str], between: str) -> None:
    text = between.join(groups)
    proof = judge({"type": "disclosure", "kinds": ["card"]}, outputs=text)
    assert (proof["result"] == "fail") == naive_card(text)


PATTERNS = ["^(a+)+$", "^(a|a)*$", "(a*)*b", "(.*)(.*)(.*)(.*)x", "(a?){50}a{50}$", "^(([a-z])+.)+[A-Z]([a-z])+$"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_of_a_schema_is_matched_in_linear_time(pattern: str) -> None:
    began = time.process_time()
    proof = judge({"type": "schema", "schema": {"pattern": pattern}}, outputs="a" * (MEGABYTE - 1) + "!")
    assert time.process_time() - began < 1
    assert proof["reason"] == "schema.invalid"


@pytest.mark.parametrize("pattern", ["(?=a)(a*)*b$", "(?<!a)b", "(a|aa)+\\1b", "(?!a)", "(a{1000}){1000}"])
def test_a_pattern_that_could_take_for_ever_makes_the_schema_unusable(pattern: str) -> None:
    proof = judge({"type": "schema", "schema": {"pattern": pattern}}, outputs="a" * MEGABYTE)
    assert (proof["result"], proof["reason"]) == ("error", "schema.unusable")


REFERENCES: list[dict[str, Any]] = [
    {"$ref": "http://127.0.0.1:9/x"},
    {"$ref": "file:///etc/hostname"},
    {"$ref": "other.json#/a"},
    {"$ref": ""},
    {"$ref": "https://json-schema.org/draft/2020-12/schema"},
    {"$dynamicRef": "other#x"},
    {"properties": {"a": {"items": [{"$ref": "x"}]}}},
    {"$defs": {"never used": {"$ref": "urn:x"}}},
    {"allOf": [{"not": {"$dynamicRef": "/x"}}]},
    {"$ref": "#/$defs/none"},
    {"$ref": "#none"},
    {"$ref": 5},
    {"type": "strin"},
    {"minimum": "1"},
    {"pattern": "["},
    {"required": "a"},
]


@pytest.mark.parametrize("schema", REFERENCES, ids=str)
def test_a_schema_that_refers_elsewhere_or_is_none_is_unusable_and_nothing_is_fetched(schema: dict[str, Any]) -> None:
    proof = judge({"type": "schema", "schema": schema}, outputs=1)
    assert (proof["reason"], proof["evidence"]["valid"], proof["evidence"]["errors"]) == ("schema.unusable", None, [])


@pytest.mark.parametrize(
    ("schema", "value", "reason"),
    [
        ({"$ref": "#"}, 1, "schema.valid"),
        ({"allOf": [{"$ref": "#"}]}, {"a": 1}, "schema.valid"),
        ({"not": {"$ref": "#"}}, 1, "schema.invalid"),
        ({"properties": {"a": {"$ref": "#"}}, "maxProperties": 1}, {"a": {"a": {"b": 1, "c": 2}}}, "schema.invalid"),
        ({"$schema": "http://example.com/none", "type": "string"}, 1, "schema.invalid"),
        ({"$id": "http://example.com/x", "$ref": "#/$defs/n", "$defs": {"n": {"type": "string"}}}, 1, "schema.invalid"),
        ({"properties": {"$ref": {"type": "string"}}}, {"$ref": 1}, "schema.invalid"),
    ],
)
def test_a_schema_may_refer_to_itself_without_end(schema: dict[str, Any], value: Any, reason: str) -> None:
    assert judge({"type": "schema", "schema": schema}, outputs=value)["reason"] == reason


LARGE = 2**53 - 1


EXTREMES: list[tuple[str, dict[str, Any], Any, str]] = [
    ("row_count", {"maximum": LARGE}, [None], "met"),
    ("row_count", {"minimum": LARGE}, [None], "too_few"),
    ("freshness", {"maximumAgeSeconds": LARGE}, [{"t": "0001-01-01T00:00:00Z"}], "met"),
    ("freshness", {"maximumAgeSeconds": 0}, [{"t": "9999-12-31T23:59:59Z"}], "future"),
    ("freshness", {"maximumAgeSeconds": 0}, [{"t": "0000-01-01T00:00:00Z"}], "not_a_time"),
    ("freshness", {"maximumAgeSeconds": 0}, [{"t": "2026-03-01T24:00:00Z"}], "not_a_time"),
    ("freshness", {"maximumAgeSeconds": 0}, [{"t": "2026-02-28T23:59:60Z"}], "not_a_time"),
    ("freshness", {"maximumAgeSeconds": 0}, [{"t": "２026-03-01T12:00:00Z"}], "not_a_time"),
    ("schema", {"schema": {"const": LARGE}}, float(LARGE), "valid"),
    ("schema", {"schema": {"const": 1}}, True, "invalid"),
    ("schema", {"schema": {"type": "integer"}}, 2.0, "valid"),
    ("disclosure", {"smallCells": {"field": "t", "minimum": LARGE}}, [{"t": LARGE}], "none"),
    ("disclosure", {"smallCells": {"field": "t", "minimum": 2}}, [{"t": 5e-324}], "small_cell"),
    ("disclosure", {"smallCells": {"field": "t", "minimum": 2}}, [{"t": False}], "no_cells"),
]


@pytest.mark.parametrize(("kind", "members", "outputs", "reason"), EXTREMES)
def test_the_largest_and_the_smallest_values_are_judged(
    kind: str, members: dict[str, Any], outputs: Any, reason: str
) -> None:
    claim = {"type": kind, **members, **({"field": "t"} if kind == "freshness" else {})}
    assert judge(claim, outputs=outputs)["reason"] == f"{kind}.{reason}"
