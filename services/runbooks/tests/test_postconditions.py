"""Metrics and citations against their tables in spec/provers.md, 4 and 5."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from runbooks.canonical import digest_of
from runbooks.evidence import Scope, resolve_pointer
from runbooks.provers import PostconditionProver


def scope(outputs: Any = None) -> Scope:
    return Scope(
        executed_by="ann",
        logical_time="2026-03-01T12:00:00Z",
        purpose=None,
        runbook_id="R1",
        version="2.0",
        step_id="summarise",
        execution_id="R-0001",
        policies_digest="",
        licences_digest="",
        licences={"licences": []},
        outputs=outputs,
        ancestors=OUTPUTS,
    )


MET, MISSED = ("pass", "metric.met"), ("fail", "metric.not_met")
NOT_FINITE, NO_ROW, FAILED = (
    ("error", "metric.not_finite"),
    ("error", "metric.no_row"),
    ("error", "metric.expression_error"),
)
METRICS: dict[str, tuple[str, list[Any], tuple[str, str], Any]] = {
    "above": ("n >= 2", [{"n": 3}], MET, 3),
    "exactly at the threshold": ("n >= 2", [{"n": 2}], MET, 2),
    "below": ("n >= 2", [{"n": 1}], MISSED, 1),
    "greater, exactly": ("n > 2", [{"n": 2}], MISSED, 2),
    "less, exactly": ("n < 2", [{"n": 2}], MISSED, 2),
    "at most, exactly": ("n <= 2", [{"n": 2}], MET, 2),
    "equal": ("n = 2", [{"n": 2.0}], MET, 2),
    "not equal": ("n != 2", [{"n": 2}], MISSED, 2),
    "a quotient on the threshold": ("a / b >= 0.95", [{"a": 19, "b": 20}], MET, 0.95),
    "a quotient under the threshold": ("a / b >= 0.95", [{"a": 94999, "b": 100000}], MISSED, 0.94999),
    "tenths": ("a / b = 0.3", [{"a": 3, "b": 10}], MET, 0.3),
    "zero denominator": ("a / b >= 0.95", [{"a": 1, "b": 0}], NOT_FINITE, None),
    "zero over zero": ("a / b >= 0.95", [{"a": 0, "b": 0}], NOT_FINITE, None),
    "null": ("n >= 0", [{"n": None}], NOT_FINITE, None),
    "missing": ("m >= 0", [{"n": 1}], NOT_FINITE, None),
    "true": ("n >= 0", [{"n": True}], NOT_FINITE, None),
    "text": ("n >= 0", [{"n": "1"}], NOT_FINITE, None),
    "list": ("n >= 0", [{"n": [1]}], NOT_FINITE, None),
    "right side is no number": ("n >= m", [{"n": 1, "m": "0"}], NOT_FINITE, 1),
    "right side is zero over zero": ("n >= m / m", [{"n": 1, "m": 0}], NOT_FINITE, 1),
    "right side fails": ("n >= m + 'a'", [{"n": 1, "m": 0}], FAILED, 1),
    "one side fails and the other is no number": ("n + 'a' >= m / m", [{"n": 1, "m": 0}], FAILED, None),
    "text in arithmetic": ("n + 'a' >= 0", [{"n": 1}], FAILED, None),
    "function that does not exist": ("$none(n) >= 0", [{"n": 1}], FAILED, None),
    "no comparison": ("n", [{"n": 1}], FAILED, None),
    "no rows": ("n >= 0", [], NO_ROW, None),
    "two rows": ("n >= 0", [{"n": 1}, {"n": 1}], NO_ROW, None),
    "negative zero": ("n = 0", [{"n": -0.0}], MET, 0),
    "largest": ("n >= 9007199254740991", [{"n": 9007199254740991}], MET, 9007199254740991),
}


@pytest.mark.parametrize(("assertion", "rows", "verdict", "value"), METRICS.values(), ids=METRICS)
def test_a_metric_is_one_row_and_two_finite_numbers(
    assertion: str, rows: list[Any], verdict: tuple[str, str], value: Any
) -> None:
    claim = {"query": "RETURN é", "assertion": assertion}
    proof = PostconditionProver(scope()).assert_kpi("kpi:x", claim, rows)
    assert (proof["kind"], (proof["result"], proof["reason"])) == ("metric", verdict)
    assert proof["evidence"] == {
        "query": "sha256:" + hashlib.sha256("RETURN é".encode()).hexdigest(),
        "row": rows[0] if len(rows) == 1 else None,
        "rows": len(rows),
        "value": value,
    }


OUTPUTS = {"a": {"list": [1, "x", {"a/b": 2, "m~n": 3, "": 4, "-": 5}]}, "b": [[1], 1], "c": "x"}


def cite(*citations: tuple[str, str] | tuple[str, str, str], name: str = "1") -> dict[str, Any]:
    members = ("stepId", "pointer", "sourceId")
    return {"claimId": name, "text": "t", "citations": [dict(zip(members, item, strict=False)) for item in citations]}


ONE, X, TWO = digest_of(1), digest_of("x"), digest_of(2)
RESOLVED = [
    (("a", ""), OUTPUTS["a"]),
    (("a", "/list/0"), 1),
    (("a", "/list/2/a~1b"), 2),
    (("a", "/list/2/m~0n"), 3),
    (("a", "/list/2/"), 4),
    (("a", "/list/2/-"), 5),
    (("b", "/0"), [1]),
    (("c", ""), "x"),
    (("a", "/list/0", ONE), 1),
]


@pytest.mark.parametrize(("citation", "value"), RESOLVED)
def test_a_citation_that_resolves_is_a_source_known_by_its_digest(citation: Any, value: Any) -> None:
    outputs = {"claims": [cite(citation)]}
    proof = PostconditionProver(scope(outputs)).assert_citations("c", {})
    assert (proof["kind"], proof["result"], proof["reason"]) == ("citations", "pass", "citations.met")
    assert proof["evidence"] == {"claims": [{"claimId": "1", "sources": [digest_of(value)], "dangling": []}]}


DANGLING = [
    ("z", ""),
    ("a", "/none"),
    ("a", "list"),
    ("a", "/list/3"),
    ("a", "/list/-"),
    ("a", "/list/00"),
    ("a", "/list/-1"),
    ("a", "/list/1e0"),
    ("a", "/list/ 1"),
    ("a", "/list/٠"),
    ("a", "/list/" + "9" * 10_000),
    ("a", "/list/2/m~2n"),
    ("a", "/list/2/m~"),
    ("a", "/list/0/"),
    ("c", "/0"),
    ("a", "/list/0", TWO),
    ("a", "/list/0", ""),
]


@pytest.mark.parametrize("citation", DANGLING, ids=lambda citation: str(citation)[:40])
def test_a_citation_that_does_not_resolve_dangles(citation: Any) -> None:
    outputs = {"claims": [cite(("c", ""), citation)]}
    proof = PostconditionProver(scope(outputs)).assert_citations("c", {})
    assert (proof["result"], proof["reason"]) == ("fail", "citations.dangling")
    [found] = proof["evidence"]["claims"]
    assert found == {"claimId": "1", "sources": [X], "dangling": [{"stepId": citation[0], "pointer": citation[1]}]}


CITATIONS: dict[str, tuple[Any, int | None, tuple[str, str]]] = {
    "no claims member": ({}, None, ("error", "citations.malformed")),
    "no object": ([], None, ("error", "citations.malformed")),
    "null": (None, None, ("error", "citations.malformed")),
    "claims no list": ({"claims": {}}, None, ("error", "citations.malformed")),
    "claim no object": ({"claims": ["x"]}, None, ("error", "citations.malformed")),
    "claim without text": ({"claims": [{"claimId": "1", "citations": []}]}, None, ("error", "citations.malformed")),
    "claimId a number": (
        {"claims": [{"claimId": 1, "text": "t", "citations": []}]},
        None,
        ("error", "citations.malformed"),
    ),
    "citation no object": (
        {"claims": [{"claimId": "1", "text": "t", "citations": ["x"]}]},
        None,
        ("error", "citations.malformed"),
    ),
    "pointer a number": (
        {"claims": [{"claimId": "1", "text": "t", "citations": [{"stepId": "a", "pointer": 1}]}]},
        None,
        ("error", "citations.malformed"),
    ),
    "sourceId null": (
        {"claims": [{"claimId": "1", "text": "t", "citations": [{"stepId": "c", "pointer": "", "sourceId": None}]}]},
        None,
        ("error", "citations.malformed"),
    ),
    "one malformed among good ones": ({"claims": [cite(("c", "")), 1]}, None, ("error", "citations.malformed")),
    "no claim": ({"claims": []}, None, ("fail", "citations.no_claims")),
    "no citation": ({"claims": [cite()]}, None, ("fail", "citations.too_few")),
    "dangling before too few": ({"claims": [cite(("z", ""))]}, 5, ("fail", "citations.dangling")),
    "one is enough by default": ({"claims": [cite(("c", ""))]}, None, ("pass", "citations.met")),
    "two needed, one there": ({"claims": [cite(("c", ""))]}, 2, ("fail", "citations.too_few")),
    "two needed, two there": ({"claims": [cite(("c", ""), ("a", "/list/0"))]}, 2, ("pass", "citations.met")),
    "the same five times": ({"claims": [cite(*[("c", "")] * 5)]}, 2, ("fail", "citations.too_few")),
    "the same value in five places": (
        {"claims": [cite(("a", "/list/0"), ("b", "/0/0"), ("b", "/1"), ("b", "/1"), ("a", "/list/0", ONE))]},
        2,
        ("fail", "citations.too_few"),
    ),
    "each claim needs its own": (
        {"claims": [cite(("c", ""), ("b", "")), cite(("c", ""), name="2")]},
        2,
        ("fail", "citations.too_few"),
    ),
    "further members are ignored": (
        {"claims": [{**cite(("c", "")), "value": 1, "more": None}], "total": 1},
        None,
        ("pass", "citations.met"),
    ),
}


@pytest.mark.parametrize(("outputs", "minimum", "verdict"), CITATIONS.values(), ids=CITATIONS)
def test_every_claim_needs_enough_distinct_sources(outputs: Any, minimum: int | None, verdict: tuple[str, str]) -> None:
    claim = {} if minimum is None else {"minimum": minimum}
    proof = PostconditionProver(scope(outputs)).assert_citations("c", claim)
    assert (proof["result"], proof["reason"]) == verdict
    if verdict[1] == "citations.malformed":
        assert proof["evidence"] == {"claims": []}


def test_sources_are_sorted_and_claims_keep_their_order() -> None:
    outputs = {"claims": [cite(("c", ""), ("b", ""), ("a", ""), name="2"), cite(("c", ""), name="1")]}
    proof = PostconditionProver(scope(outputs)).assert_citations("c", {})
    first, second = proof["evidence"]["claims"]
    assert (first["claimId"], second["claimId"]) == ("2", "1")
    assert first["sources"] == sorted(digest_of(OUTPUTS[name]) for name in "abc")


def test_a_pointer_of_the_empty_name_is_not_the_whole_value() -> None:
    assert resolve_pointer({"": 1}, "") == (True, {"": 1})
    assert resolve_pointer({"": 1}, "/") == (True, 1)
    assert resolve_pointer({}, "/") == (False, None)
    assert resolve_pointer([None], "/0") == (True, None)
