"""The canonical order, against a slow reading of its definition (spec/pcq-v1.md, 3)."""

from __future__ import annotations

import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from runbooks.canonical import dumps
from runbooks.errors import DefinitionError
from runbooks.lint import load_definition
from runbooks.plan import make_plan

from services.runbooks.tests.simulator import define, step

# Names whose order differs by code point of case, by length, and by digits: bytes decide.
NAMES = [
    "a",
    "b",
    "B",
    "Z",
    "a1",
    "a10",
    "a2",
    "a.b",
    "a:b",
    "a/b",
    "a-b",
    "a_b",
    "a@b",
    "0",
    "9",
    "z<",
    "z>",
    "z=",
    "z[]",
]


@st.composite
def graphs(draw: st.DrawFn, *, acyclic: bool = True) -> dict[str, list[str]]:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=9, unique=True))
    found = {}
    for number, name in enumerate(names):
        others = names[:number] if acyclic else names
        found[name] = draw(st.lists(st.sampled_from(others), unique=True, max_size=3)) if others else []
    order = draw(st.permutations(names))
    return {name: found[name] for name in order}


def document(graph: dict[str, list[str]]) -> bytes:
    steps = [step(name, "transform", expression="1", dependsOn=needs) for name, needs in graph.items()]
    return dumps({"runbookId": "R", "name": "n", "version": "1", "steps": steps})


def naive_order(graph: dict[str, list[str]]) -> list[str]:
    """Again and again the smallest of those whose dependencies are all there; stops where nothing is ready."""
    order: list[str] = []
    while True:
        ready = [name for name, needs in graph.items() if name not in order and set(needs) <= set(order)]
        if not ready:
            return order
        order.append(min(ready, key=lambda name: name.encode()))


def naive_ancestors(graph: dict[str, list[str]], name: str) -> set[str]:
    return set(graph[name]).union(*(naive_ancestors(graph, other) for other in graph[name]))


@settings(max_examples=300, deadline=None)
@given(graphs())
def test_the_order_is_that_of_the_definition_read_slowly(graph: dict[str, list[str]]) -> None:
    plan = make_plan(load_definition(document(graph)))
    order = [item.step_id for item in plan.steps]
    assert order == naive_order(graph)
    assert plan.index == {name: number for number, name in enumerate(order)}


@settings(max_examples=200, deadline=None)
@given(graphs())
def test_ancestors_and_dependents_are_those_of_the_graph(graph: dict[str, list[str]]) -> None:
    plan = make_plan(load_definition(document(graph)))
    for name, needs in graph.items():
        assert plan.ancestors(name) == naive_ancestors(graph, name)
        assert list(plan.step(name).depends_on) == sorted(needs, key=lambda other: other.encode())
        assert set(plan.dependents[name]) == {other for other in graph if name in graph[other]}


@settings(max_examples=300, deadline=None)
@given(graphs(acyclic=False))
def test_exactly_the_graphs_with_a_cycle_are_refused_and_each_stuck_step_is_named(graph: dict[str, list[str]]) -> None:
    stuck = set(graph) - set(naive_order(graph))
    places: dict[str, list[int]] = {}
    try:
        load_definition(document(graph))
    except DefinitionError as error:
        for problem in error.problems:
            places.setdefault(problem.code, []).append(int(problem.pointer.split("/")[2]))
    names = list(graph)
    if not stuck:
        assert places == {}
        return
    [first] = places["definition.cycle"]
    assert names[first] in naive_ancestors_of_stuck(graph, names[first])
    assert {names[number] for number in places.get("definition.unreachable", [])} < stuck


def naive_ancestors_of_stuck(graph: dict[str, list[str]], name: str) -> set[str]:
    """Ancestors in a graph that may have cycles: grown until nothing is new."""
    found = set(graph[name])
    while True:
        more = found.union(*(graph[other] for other in found))
        if more == found:
            return found
        found = more


def test_ties_are_broken_by_bytes_and_not_by_the_authors_order() -> None:
    one: dict[str, Any] = {"expression": "1", "dependsOn": []}
    plan = make_plan(
        define(*(step(name, "transform", **one) for name in ["b", "a10", "a2", "B", "a", "9", "a:b", "a.b"]))
    )
    assert [item.step_id for item in plan.steps] == ["9", "B", "a", "a.b", "a10", "a2", "a:b", "b"]


def test_a_step_comes_as_soon_as_it_is_ready_and_smallest() -> None:
    one: dict[str, Any] = {"expression": "1"}
    plan = make_plan(
        define(
            step("z", "transform", dependsOn=[], **one),
            step("a", "transform", dependsOn=["z"], **one),
            step("m", "transform", dependsOn=[], **one),
        )
    )
    assert [item.step_id for item in plan.steps] == ["m", "z", "a"]


def test_a_chain_of_ten_thousand_steps_is_planned_quickly_and_without_recursion() -> None:
    definition = define(*(step(f"s{number}", "transform", expression="1") for number in range(10_000)))
    before = time.monotonic()
    plan = make_plan(definition)
    assert len(plan.ancestors("s9999")) == 9_999
    assert time.monotonic() - before < 2
    assert [item.step_id for item in plan.steps] == [f"s{number}" for number in range(10_000)]
