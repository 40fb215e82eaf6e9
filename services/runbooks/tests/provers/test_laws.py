"""Laws of every prover in the registry: claims of the published shape, and anything at all for outputs and answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runbooks.canonical import digest_of, dumps, require_recordable
from runbooks.provers import COMBINATIONS, PROVERS, Prover, prove
from runbooks.schema import claims_schema

from services.runbooks.tests.provers.facts import NOW, judge, scope
from services.runbooks.tests.provers.test_fixtures import FIXTURES

VALIDATOR = jsonschema_rs.Draft202012Validator(claims_schema())
KINDS = {**PROVERS, **COMBINATIONS}

words = st.one_of(
    st.sampled_from(
        ["a", "b", "q", "t", "", "/a", "/0", "~", "api allows use", "n >= 1", "a / b > 0", "$x(", "1", NOW]
    ),
    st.sampled_from(["9999-12-31T23:59:59Z", "2026-02-30T00:00:00Z", "NaN", "x@example.com", "4111 1111 1111 1111"]),
    st.text(max_size=12),
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), st.integers(-2, 9), st.floats(-9, 9), words
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=4)),
    max_leaves=10,
)
answers = st.one_of(
    values,
    st.lists(st.dictionaries(words, values, max_size=3), max_size=2),
    st.fixed_dictionaries({"decision": st.one_of(values, st.sampled_from(["allow", "deny"])), "engine": values}),
    st.fixed_dictionaries({"before": values}),
)


def of_schema(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values of a member's JSON Schema, as far as the registry's schemas go."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "pattern" in schema:
        return st.from_regex(schema["pattern"]).filter(lambda text: not text.endswith("\n"))
    match schema.get("type"):
        case "integer":
            return st.integers(schema["minimum"], schema.get("maximum", 2**53 - 1))
        case "number":
            return st.floats(schema["minimum"], schema["maximum"])
        case "string":
            return words.filter(lambda text: len(text) >= schema.get("minLength", 0))
        case "array":
            items = of_schema(schema["items"])
            return st.lists(items, min_size=schema.get("minItems", 0), max_size=4, unique_by=dumps)
        case "object" if schema.get("properties"):
            required = set(schema["required"])
            found = {name: of_schema(item) for name, item in schema["properties"].items()}
            more = st.just({}) if schema.get("additionalProperties") is False else st.dictionaries(words, values)
            whole = st.fixed_dictionaries({}, optional=found).filter(lambda value: required <= set(value))
            return st.builds(lambda first, second: {**first, **second}, more, whole)
        case "object" if "additionalProperties" in schema:
            return st.dictionaries(
                words, scalars.filter(lambda value: isinstance(value, str | int | float)), max_size=3
            )
        case _:
            return st.dictionaries(words, values, max_size=3)


def claims(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """Claims of one kind, made from its schema and taken from its fixtures."""
    prover = KINDS[kind]
    members = {name: of_schema(schema) for name, schema in prover.members.items()}
    required = {name: members.pop(name) for name in prover.required}
    optional = {**members, "severity": st.sampled_from(["block", "warn"])}
    made = st.fixed_dictionaries({"type": st.just(kind), **required}, optional=optional)
    known = [fixture["claim"] for fixture in FIXTURES.values() if fixture["claim"]["type"] == kind]
    # The published shape says the rest: one of several members, no duplicate, numbers that are whole.
    return st.one_of(made, st.sampled_from(known)).filter(lambda claim: VALIDATOR.is_valid({"p": claim}))


def phase_of(kind: str) -> str:
    return PROVERS[kind].phase if kind in PROVERS else "preconditions"


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_claim_of_the_published_shape_has_a_proof_that_can_be_recorded_and_is_the_same_again(
    kind: str, data: st.DataObject
) -> None:
    claim, answer = data.draw(claims(kind)), data.draw(answers)
    facts: dict[str, Any] = {
        "outputs": data.draw(st.one_of(values, st.lists(st.dictionaries(words, scalars, max_size=3)))),
        "ancestors": data.draw(st.dictionaries(words, values, max_size=2)),
        "parameters": data.draw(st.dictionaries(words, values, max_size=2)),
        "logical_time": data.draw(st.sampled_from([NOW, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])),
    }
    proof = judge(claim, phase_of(kind), {"p": answer}, **facts)
    assert proof["result"] in ("pass", "fail", "error")
    require_recordable(proof)
    assert digest_of(judge(claim, phase_of(kind), {"p": answer}, **facts)) == digest_of(proof)


def asks(prover: Prover, claim: Mapping[str, Any]) -> bool:
    """True when the prover needs an answer from outside; one about licences needs it wherever it knows a licence."""
    found = scope()
    asked = (prover.question(claim, found), prover.reservation(claim, found), prover.metric(claim), prover.needs(claim))
    return any(item is not None for item in asked) or type(prover).licences is not Prover.licences


@pytest.mark.parametrize("kind", PROVERS)
@settings(max_examples=50, deadline=None)
@given(st.data())
def test_without_the_answer_that_it_asks_for_a_claim_does_not_pass(kind: str, data: st.DataObject) -> None:
    claim, outputs = data.draw(claims(kind)), data.draw(values)
    if asks(PROVERS[kind], claim):
        proof = prove("p", PROVERS[kind].phase, claim, scope(outputs=outputs), None)
        assert proof["result"] in ("fail", "error")


@pytest.mark.parametrize("kind", PROVERS)
def test_what_passes_by_an_answer_does_not_pass_without_it(kind: str) -> None:
    fixtures = [item for item in FIXTURES.values() if item["claim"]["type"] == kind and item["result"] == "pass"]
    for fixture in fixtures:
        if "answer" in fixture:
            assert asks(PROVERS[kind], fixture["claim"]) or "amount" in fixture["claim"]
            proof = judge(fixture["claim"], PROVERS[kind].phase, None, **fixture.get("scope", {}))
            assert proof["result"] in ("fail", "error"), fixture["desc"]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20, deadline=None)
@given(st.data())
def test_the_severity_of_a_claim_changes_no_verdict(kind: str, data: st.DataObject) -> None:
    claim, outputs = data.draw(claims(kind)), data.draw(values)
    block, warn = (judge({**claim, "severity": it}, phase_of(kind), outputs=outputs) for it in ("block", "warn"))
    assert {**block, "severity": None} == {**warn, "severity": None}
