"""A prover more: a class and its line in the registry, and everything else takes it without another change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from runbooks import registries, schema
from runbooks.canonical import dumps
from runbooks.errors import DefinitionError, ExpressionError
from runbooks.evidence import Scope
from runbooks.expressions import evaluate, parse_expression
from runbooks.lint import lint
from runbooks.provers import PROVERS
from runbooks.provers.prover import Claim, Prover, Verdict

from services.runbooks.tests.provers.facts import judge
from services.runbooks.tests.simulator import NO_PROVERS, GraphSimulator, World, define, step

QUERY = "MATCH (n) RETURN n.load AS load"


class Headroom(Prover):
    """Enough is left below the capacity, by the busiest row of a query of its own."""

    kind = "headroom"
    phase = "postconditions"
    members = {
        "query": {"type": "string", "minLength": 1},
        "capacity": {"type": "integer", "minimum": 0},
        "least": {"type": "integer", "minimum": 0},
        "load": {"type": "string", "minLength": 1},
    }
    required = ("query", "capacity", "least", "load")
    expressions = {"load": parse_expression}

    def claim_problems(self, claim: Claim) -> Iterable[tuple[str, str]]:
        """More cannot be left than there is."""
        if claim["least"] > claim["capacity"]:
            yield "least", "more than the capacity"

    def metric(self, claim: Claim) -> str | None:
        """The query of the loads."""
        return str(claim["query"])

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """From the rows of the query."""
        del scope
        try:
            loads = [evaluate(claim["load"], row) for row in answer] if isinstance(answer, list) else []
        except ExpressionError:
            loads = []
        if not loads or not all(isinstance(load, int) for load in loads):
            return Verdict("error", "headroom.no_load", {"left": None})
        left = claim["capacity"] - max(loads)
        result = "pass" if left >= claim["least"] else "fail"
        return Verdict(result, "headroom.met" if left >= claim["least"] else "headroom.not_met", {"left": left})  # type: ignore[arg-type]


CLAIM = {"type": "headroom", "query": QUERY, "capacity": 10, "least": 2, "load": "load"}


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # What was made of the registry before is made again: a process registers before it starts.
    made = (schema._validator, registries._validator)
    monkeypatch.setitem(PROVERS, Headroom.kind, Headroom())
    for validator in made:
        validator.cache_clear()
    yield
    for validator in made:
        validator.cache_clear()


def defined(*, names: tuple[str, ...] = ("h",), **members: Any) -> Any:
    claims = {"h": {**CLAIM, **members}, "both": {"type": "all", "provers": ["h"]}}
    last = step("s", "assertion", postconditions=list(names))
    return define(last, provers={"postconditions": claims})


def problems(**members: Any) -> list[tuple[str, str]]:
    with pytest.raises(DefinitionError) as refused:
        defined(**members)
    return [(problem.code, problem.pointer) for problem in refused.value.problems]


def test_the_published_schema_has_its_members() -> None:
    assert "headroom" in dumps(schema.runbook_schema()).decode()
    where = "/provers/postconditions/h"
    assert problems(least=-1) == [("definition.shape", f"{where}/least")]
    assert problems(spare=1) == [("definition.shape", where)]


def test_lint_and_the_installations_registry_know_its_problems() -> None:
    where = "/provers/postconditions/h"
    assert problems(least=11) == [("definition.claim", f"{where}/least")]
    assert problems(load="load +") == [("expression.syntax", f"{where}/load")]
    [problem] = registries.registry_problems("provers", {"postconditions": {"h": {**CLAIM, "least": 11}}})
    assert (problem.code, problem.pointer) == ("registry.shape", "/postconditions/h/least")
    with pytest.raises(DefinitionError, match=r"headroom belongs under postconditions"):
        define(step("s", "transform", expression="1"), provers={"preconditions": {"h": CLAIM}})
    with pytest.raises(DefinitionError, match=r"known types: .*headroom"):
        define(step("s", "transform", expression="1"), provers={"preconditions": {"h": {"type": "headrom"}}})
    assert lint(defined(), NO_PROVERS) == []


@pytest.mark.parametrize(
    ("answer", "result"),
    [([{"load": 8}, {"load": 1}], "pass"), ([{"load": 9}], "fail"), ([], "error"), (None, "error")],
)
def test_it_is_judged_alone_and_in_a_combination(answer: Any, result: str) -> None:
    proof = judge(CLAIM, answers={"p": answer})
    assert (proof["kind"], proof["result"]) == ("headroom", result)
    both = judge({"type": "all", "provers": ["h"]}, answers={"h": answer}, also={"h": CLAIM})
    assert both["result"] == result


@pytest.mark.parametrize("names", [("h",), ("both",)])
@pytest.mark.parametrize(("load", "outcome"), [(8, "completed"), (9, "held")])
async def test_an_execution_asks_for_what_it_needs_and_goes_by_its_verdict(
    memory_path: Path, load: int, outcome: str, names: tuple[str, ...]
) -> None:
    world = World(memory_path, graph=GraphSimulator({QUERY: [[{"load": load}]]}))
    execution = await world.runner().execute(defined(names=names), {}, executed_by="ann")
    assert execution.outcome == outcome
    assert world.graph.script.asked[QUERY] == 1


def test_a_prover_is_a_module_and_a_line_in_the_registry_for_each_of_those_there_are() -> None:
    registry = (Path(schema.__file__).parent / "provers" / "registry.py").read_text("utf-8")
    for prover in PROVERS.values():
        if not isinstance(prover, Headroom):
            assert registry.count(f"        {type(prover).__name__}(),\n") == 1
            assert type(prover).__module__.startswith("runbooks.provers.")
