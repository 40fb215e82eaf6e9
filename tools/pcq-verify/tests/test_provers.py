"""The judges where vectors do not reach: strangers' patterns, schemas and circles, and every verdict in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keyring import jcs, trust
from pcq_verify import verify
from pcq_verify.explain import explain_lines
from pcq_verify.pointers import escaped, follow
from pcq_verify.provers.combined import self_containing
from pcq_verify.sandbox import Sandbox
from pcq_verify.verdict_words import REASONS
from probes import PROBES, Probe, made

SPEC = Path(__file__).resolve().parents[3] / "spec"
TRUST = jcs(trust())


def named(name: str) -> Probe:
    [found] = [probe for probe in PROBES if probe.name == name]
    return found


def test_every_reason_of_the_specification_has_a_sentence_and_no_other() -> None:
    text = (SPEC / "provers.md").read_text() + (SPEC / "licences.md").read_text()
    families = {reason.partition(".")[0] for reason in REASONS}
    told = {code for code in re.findall(r"`([a-z_]+\.[a-z_]+)`", text) if code.partition(".")[0] in families}
    assert told == set(REASONS)


def test_every_reason_of_the_new_kinds_has_a_probe() -> None:
    probed = {probe.reason for probe in PROBES}
    # These have scenarios of their own: authority, the first kinds, and what people decide.
    old = ("policy", "metric", "citations", "prover", "licence", "four_eyes")
    assert {reason for reason in REASONS if reason.partition(".")[0] not in old} <= probed


def test_explain_tells_duties_sources_and_what_a_combination_rests_on() -> None:
    told = "\n".join(explain_lines(made(named("derived-of-two"))))
    assert "every licence of what it was made of permits it (publish of what was made of closed@1, open@1)" in told
    assert "duty: delete within 86400 s (closed@1, rule research)" in told
    assert "duty: log (open@1, rule log)" in told
    assert "either: pass, enough of the combined provers pass (unsold: fail, read-closed: pass)" in told
    assert "licence  closed@1: Test terms" in told


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_explain_has_words_for_every_probe_and_for_evidence_of_any_shape(probe: Probe) -> None:
    assert any(REASONS[probe.reason] in line for line in explain_lines(made(probe)))
    for odd in ({}, dict.fromkeys(probe.evidence), {name: [1, {}] for name in probe.evidence}):
        assert any(REASONS[probe.reason] in line for line in explain_lines(made(probe.lying(evidence=odd))))


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_evidence_of_another_shape_is_never_reproduced(probe: Probe) -> None:
    for member in probe.evidence:
        for odd in ([{}], -1):
            lie = made(probe.lying(evidence={**probe.evidence, member: odd}))
            assert verify(jcs(lie), TRUST).exit_code == 4, (member, odd)
        less = {name: item for name, item in probe.evidence.items() if name != member}
        assert verify(jcs(made(probe.lying(evidence=less))), TRUST).exit_code == 4, member


GRAPHS = st.dictionaries(st.sampled_from("abcdefg"), st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=3))


@settings(max_examples=500, deadline=None)
@given(GRAPHS)
def test_a_combination_contains_itself_when_a_walk_from_it_comes_back(graph: Mapping[str, list[str]]) -> None:
    def reached(name: str) -> set[str]:
        found: set[str] = set()
        waiting = list(graph[name])
        while waiting:
            other = waiting.pop()
            if other in graph and other not in found:
                found.add(other)
                waiting += graph[other]
        return found

    assert self_containing(graph) == {name for name in graph if name in reached(name)}


def test_a_circle_of_thousands_is_found() -> None:
    ring = {str(number): [str((number + 1) % 9999)] for number in range(9999)}
    assert self_containing(ring) == frozenset(ring)


def test_a_few_names_that_stand_for_millions_of_proofs_are_no_work() -> None:
    names = [f"wide-{number}" for number in range(200)]
    leaves = {"type": "all", "provers": [f"nobody-{number}" for number in range(200)]}
    middle = {name: {"type": "all", "provers": [f"leaf-{number}" for number in range(200)]} for name in names}
    also = {**middle, **{f"leaf-{number}": leaves for number in range(200)}}
    told = Probe("wide", {"type": "any", "provers": names}, {"proofs": []}, "fail", "combined.not_met", [], also)
    report = verify(jcs(made(told)), TRUST)
    assert report.exit_code == 4
    assert "expected the provers" in report.reason


HOSTILE = ["a" * 500_000, "a@" * 250_000, "@" + "a." * 250_000, "1 " * 250_000, "+1" * 250_000, "DE89" * 125_000]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:6])
def test_patterns_take_linear_time(text: str) -> None:
    told = named("disclosure-near-misses").lying(outputs={"t": text}, evidence={})
    report = verify(jcs(made(told)), TRUST)
    # The evidence is empty, so the judge must have come to an end to say what is missing.
    assert report.exit_code == 4
    assert "evidence.findings is missing" in report.reason


EXPLOSION: dict[str, Any] = {
    "$ref": "#/$defs/0",
    "$defs": {
        str(level): {"anyOf": [{"$ref": f"#/$defs/{level + 1}"}, {"allOf": [{"$ref": f"#/$defs/{level + 1}"}]}]}
        for level in range(40)
    }
    | {"40": {"const": "never"}},
}


def test_a_schema_that_does_not_end_cannot_be_used_and_the_next_one_can() -> None:
    with Sandbox() as sandbox:
        assert sandbox.conforms(EXPLOSION, 1) is None
        assert sandbox.conforms({"type": "integer"}, 1) is True
        assert sandbox.conforms({"$ref": "#"}, 1) is True
        assert sandbox.conforms({"format": "email", "type": "integer"}, "x") is False
        assert sandbox.conforms({"$ref": "https://schemas.example.com/a"}, 1) is None


@pytest.mark.parametrize("pattern", ["(?=a)a", "(?<!a)b", "(a)\\1", "(a{1000}){1000}"])
def test_a_pattern_that_takes_more_than_linear_time_cannot_be_used(pattern: str) -> None:
    with Sandbox() as sandbox:
        assert sandbox.conforms({"pattern": pattern}, "a") is None
        assert sandbox.conforms({"pattern": "^(a+)+$"}, "a" * 100_000 + "!") is False


@given(st.dictionaries(st.text(alphabet="a~/01", max_size=4), st.integers(), min_size=1))
def test_an_escaped_name_leads_back_to_its_member(value: dict[str, int]) -> None:
    for name, item in value.items():
        assert follow(value, "/" + escaped(name)) == item
