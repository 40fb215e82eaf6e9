"""What lint says of claims: what their shape cannot say is found before anything runs (spec/provers.md)."""

from __future__ import annotations

from typing import Any

import pytest
from runbooks.errors import DefinitionError
from runbooks.registries import registry_problems

from services.runbooks.tests.provers.facts import judge
from services.runbooks.tests.simulator import define, step

WINDOW: dict[str, Any] = {"type": "time_window", "days": [1]}
FAULTY: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "a date of no calendar": ("pre", {**WINDOW, "notBefore": "2026-02-30T00:00:00Z"}, "definition.claim", "notBefore"),
    "an hour of no day": ("pre", {**WINDOW, "notAfter": "2026-02-03T24:00:00Z"}, "definition.claim", "notAfter"),
    "a window without width": ("pre", {**WINDOW, "from": "09:00", "to": "09:00"}, "definition.claim", "to"),
    "a window without end": ("pre", {**WINDOW, "from": "09:00"}, "definition.claim", "from"),
    "a window without begin": ("pre", {**WINDOW, "to": "09:00"}, "definition.claim", "to"),
    "a reference elsewhere": ("post", {"type": "schema", "schema": {"$ref": "x"}}, "definition.claim", "schema"),
    "no schema": ("post", {"type": "schema", "schema": {"type": "strin"}}, "definition.claim", "schema"),
    "an amount that is no expression": (
        "pre",
        {"type": "budget", "counter": "c", "limit": 1, "amount": "1 +"},
        "expression.syntax",
        "amount",
    ),
    "an amount by chance": (
        "pre",
        {"type": "budget", "counter": "c", "limit": 1, "amount": "$random()"},
        "expression.refused",
        "amount",
    ),
    "no comparison": ("post", {"type": "metric", "query": "q", "assertion": "n"}, "expression.comparison", "assertion"),
}


@pytest.mark.parametrize(("phase", "claim", "code", "member"), FAULTY.values(), ids=FAULTY)
def test_a_claim_that_could_only_be_an_error_is_refused_with_its_place(
    phase: str, claim: dict[str, Any], code: str, member: str
) -> None:
    with pytest.raises(DefinitionError) as refused:
        define(step("s", "transform", expression="1"), provers={f"{phase}conditions": {"p": claim}})
    [problem] = refused.value.problems
    assert (problem.code, problem.pointer) == (code, f"/provers/{phase}conditions/p/{member}")


UNUSABLE = {name: case for name, case in FAULTY.items() if case[2] == "definition.claim"}


@pytest.mark.parametrize(("phase", "claim", "code", "member"), UNUSABLE.values(), ids=UNUSABLE)
def test_the_installations_registry_is_held_to_the_same(
    phase: str, claim: dict[str, Any], code: str, member: str
) -> None:
    [problem] = registry_problems("provers", {f"{phase}conditions": {"p": claim}})
    assert (problem.code, problem.pointer) == ("registry.shape", f"/{phase}conditions/p/{member}")


@pytest.mark.parametrize(("phase", "claim", "code", "member"), FAULTY.values(), ids=FAULTY)
def test_whoever_judges_it_nevertheless_gets_an_error_and_no_pass(
    phase: str, claim: dict[str, Any], code: str, member: str
) -> None:
    proof = judge(claim, f"{phase}conditions", {"p": [{"n": 1}]} if claim["type"] == "metric" else None, outputs=1)
    assert proof["result"] == "error"


SHAPES: dict[str, tuple[str, dict[str, Any]]] = {
    "row_count without a bound": ("post", {"type": "row_count"}),
    "row_count below zero": ("post", {"type": "row_count", "minimum": -1}),
    "row_count of half a row": ("post", {"type": "row_count", "minimum": 0.5}),
    "row_count with a pointer that is none": ("post", {"type": "row_count", "minimum": 1, "pointer": "rows"}),
    "completeness of no field": ("post", {"type": "completeness", "fields": [], "minimum": 1}),
    "completeness of a field twice": ("post", {"type": "completeness", "fields": ["a", "a"], "minimum": 1}),
    "completeness of more than all": ("post", {"type": "completeness", "fields": ["a"], "minimum": 1.01}),
    "freshness without an age": ("post", {"type": "freshness", "field": "t"}),
    "freshness of half a second": ("post", {"type": "freshness", "field": "t", "maximumAgeSeconds": 0.5}),
    "schema that is no object": ("post", {"type": "schema", "schema": True}),
    "disclosure of an unknown kind": ("post", {"type": "disclosure", "kinds": ["passport"]}),
    "disclosure of a kind twice": ("post", {"type": "disclosure", "kinds": ["card", "card"]}),
    "small cells of one": ("post", {"type": "disclosure", "smallCells": {"field": "n", "minimum": 1}}),
    "a window always open": ("pre", {"type": "time_window"}),
    "a window of an end alone": ("pre", {"type": "time_window", "to": "09:00"}),
    "an eighth day": ("pre", {"type": "time_window", "days": [8]}),
    "an hour of another form": ("pre", {"type": "time_window", "from": "9:00", "to": "10:00"}),
    "a zone by name": ("pre", {"type": "time_window", "days": [1], "offset": "Z"}),
    "a budget without a limit": ("pre", {"type": "budget", "counter": "c"}),
    "a budget of a counter that is no name": ("pre", {"type": "budget", "counter": "a b", "limit": 1}),
    "a budget of a year": ("pre", {"type": "budget", "counter": "c", "limit": 1, "period": "year"}),
    "a budget below zero": ("pre", {"type": "budget", "counter": "c", "limit": -1}),
    "a combination of one name twice": ("pre", {"type": "all", "provers": ["a", "a"]}),
    "a combination without names": ("post", {"type": "any"}),
    "at least none": ("post", {"type": "at_least", "provers": ["a"], "minimum": 0}),
    "all with a minimum": ("post", {"type": "all", "provers": ["a"], "minimum": 1}),
    "an unknown severity": ("post", {"type": "row_count", "minimum": 1, "severity": "info"}),
    "an unknown member": ("post", {"type": "row_count", "minimum": 1, "field": "x"}),
}


@pytest.mark.parametrize(("phase", "claim"), SHAPES.values(), ids=SHAPES)
def test_a_claim_of_another_shape_is_refused_in_a_definition_and_in_a_registry(
    phase: str, claim: dict[str, Any]
) -> None:
    with pytest.raises(DefinitionError) as refused:
        define(step("s", "transform", expression="1"), provers={f"{phase}conditions": {"p": claim}})
    assert {problem.code for problem in refused.value.problems} == {"definition.shape"}
    assert registry_problems("provers", {f"{phase}conditions": {"p": claim}})
