"""Provers of rows, shapes, disclosure and hours, and their combinations (spec/provers.md, 6 to 14)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pcq_verify import verify
from runbooks.canonical import dumps
from runbooks.definition import Definition
from runbooks.errors import DefinitionError
from runbooks.evidence import Scope
from runbooks.lint import lint
from runbooks.provers import prove, prove_named

from services.runbooks.tests.simulator import World, define, rejected, step

NOW = "2026-11-24T12:00:00Z"


def scope(outputs: Any = None, now: str = NOW) -> Scope:
    return Scope("ann", now, None, "R", "1", "s", "R-0001", "sha256:p", "sha256:l", {"licences": []}, outputs=outputs)


def judged(kind: str, claim: dict[str, Any], outputs: Any) -> tuple[str, str]:
    proof = prove("p", "postconditions", {"type": kind, **claim}, scope(outputs), None)
    return proof["result"], proof["reason"]


ROWS = [{"a": 1, "b": ""}, {"a": 0, "b": None}, {"a": False, "b": "x"}]
OLD = [{"t": "2026-11-24T11:59:00Z"}, {"t": "2026-11-24T11:58:00.5Z"}]
IBAN, CARD = "CH9300762011623852957", "4111 1111-1111 1111"

CASES: list[tuple[str, dict[str, Any], Any, str, str]] = [
    ("row_count", {"minimum": 3, "maximum": 3}, ROWS, "pass", "met"),
    ("row_count", {"minimum": 0}, [], "pass", "met"),
    ("row_count", {"maximum": 1, "pointer": "/x"}, {"x": [1]}, "pass", "met"),
    ("row_count", {"minimum": 4}, ROWS, "fail", "too_few"),
    ("row_count", {"maximum": 2}, ROWS, "fail", "too_many"),
    ("row_count", {"minimum": 5, "maximum": 2}, ROWS, "fail", "too_few"),
    ("row_count", {"minimum": 0}, {"x": 1}, "error", "no_list"),
    ("row_count", {"minimum": 0, "pointer": "/-"}, [[]], "error", "no_list"),
    ("row_count", {"minimum": 0}, None, "error", "no_list"),
    ("completeness", {"fields": ["a"], "minimum": 1}, ROWS, "pass", "met"),
    ("completeness", {"fields": ["a", "b"], "minimum": 2 / 3}, ROWS, "pass", "met"),
    ("completeness", {"fields": ["b"], "minimum": 1 / 3}, ROWS, "pass", "met"),
    ("completeness", {"fields": ["c"], "minimum": 0}, ROWS, "pass", "met"),
    ("completeness", {"fields": ["a", "b"], "minimum": 0.6667}, ROWS, "fail", "not_met"),
    ("completeness", {"fields": ["c"], "minimum": 0.01}, ROWS, "fail", "not_met"),
    ("completeness", {"fields": ["a"], "minimum": 0}, [], "error", "no_cells"),
    ("completeness", {"fields": ["a"], "minimum": 0}, [1], "error", "no_rows"),
    ("completeness", {"fields": ["a"], "minimum": 0}, {}, "error", "no_rows"),
    ("freshness", {"field": "t", "maximumAgeSeconds": 120}, OLD, "pass", "met"),
    ("freshness", {"field": "t", "maximumAgeSeconds": 0}, [{"t": NOW}], "pass", "met"),
    ("freshness", {"field": "t", "maximumAgeSeconds": 119}, OLD, "fail", "stale"),
    ("freshness", {"field": "t", "maximumAgeSeconds": 9}, [{"t": "2026-11-24T12:00:00.000001Z"}], "error", "future"),
    ("freshness", {"field": "t", "maximumAgeSeconds": 9}, [{"t": "2026-02-30T12:00:00Z"}], "error", "not_a_time"),
    ("freshness", {"field": "t", "maximumAgeSeconds": 9}, [{"t": 5}], "error", "not_a_time"),
    ("freshness", {"field": "t", "maximumAgeSeconds": 9}, [{}], "error", "not_a_time"),
    ("freshness", {"field": "t", "maximumAgeSeconds": 9}, [], "error", "empty"),
    ("freshness", {"field": "t", "maximumAgeSeconds": 9}, "x", "error", "no_rows"),
    ("schema", {"schema": {"type": "array"}}, ROWS, "pass", "valid"),
    ("schema", {"schema": {}}, None, "pass", "valid"),
    ("schema", {"schema": {"$ref": "#/$defs/n", "$defs": {"n": {"type": "integer"}}}}, 5, "pass", "valid"),
    ("schema", {"schema": {"type": "string", "format": "email"}}, "no address", "pass", "valid"),
    ("schema", {"schema": {"items": {"required": ["c"]}}}, ROWS, "fail", "invalid"),
    ("schema", {"schema": {"not": {}}}, 5, "fail", "invalid"),
    ("schema", {"schema": {"type": "nonsense"}}, 5, "error", "unusable"),
    ("schema", {"schema": {"$ref": "https://example.com/s.json"}}, 5, "error", "unusable"),
    ("schema", {"schema": {}, "pointer": "/x"}, ROWS, "error", "no_value"),
    ("disclosure", {}, ["nothing", 5, {"4111111111111111": "in a name only"}], "pass", "none"),
    ("disclosure", {"kinds": ["iban"]}, ["ann@example.com"], "pass", "none"),
    ("disclosure", {}, ["4111 1111 1111 1112", "CH9300762011623852958"], "pass", "none"),
    ("disclosure", {"smallCells": {"field": "n", "minimum": 5}}, [{"n": 0}, {"n": 5}], "pass", "none"),
    ("disclosure", {}, {"x": ["write to ann@example.com!"]}, "fail", "personal_data"),
    ("disclosure", {}, [f"to {IBAN}."], "fail", "personal_data"),
    ("disclosure", {}, [f"paid with {CARD}, thanks"], "fail", "personal_data"),
    ("disclosure", {}, ["ref 17 4111 1111 1111 1111"], "fail", "personal_data"),
    ("disclosure", {}, ["call +41 (44) 123-45-67"], "fail", "personal_data"),
    ("disclosure", {"smallCells": {"field": "n", "minimum": 5}}, [{"n": 4.5}, {"n": 9}], "fail", "small_cell"),
    ("disclosure", {"smallCells": {"field": "n", "minimum": 5}}, [{"n": True}], "error", "no_cells"),
    ("disclosure", {"smallCells": {"field": "n", "minimum": 5}}, {"n": 9}, "error", "no_cells"),
    ("disclosure", {"pointer": "/x"}, {}, "error", "no_value"),
]


@pytest.mark.parametrize(("kind", "claim", "outputs", "result", "reason"), CASES)
def test_a_value_is_judged_as_specified(
    kind: str, claim: dict[str, Any], outputs: Any, result: str, reason: str
) -> None:
    assert judged(kind, claim, outputs) == (result, f"{kind}.{reason}")


HOURS: list[tuple[dict[str, Any], str, str]] = [
    ({"notBefore": NOW}, NOW, "open"),
    ({"notBefore": "2026-11-24T12:00:00.000001Z"}, NOW, "too_early"),
    ({"notAfter": NOW}, "2026-11-24T11:59:59.999999Z", "open"),
    ({"notAfter": NOW}, NOW, "too_late"),
    ({"days": [2]}, NOW, "open"),
    ({"days": [1, 3]}, NOW, "wrong_day"),
    ({"days": [3], "offset": "+12:00"}, NOW, "open"),
    ({"days": [1], "offset": "-12:01"}, NOW, "open"),
    ({"from": "12:00", "to": "12:01"}, NOW, "open"),
    ({"from": "11:00", "to": "12:00"}, NOW, "wrong_hour"),
    ({"from": "22:00", "to": "06:00"}, "2026-11-24T05:59:59.9Z", "open"),
    ({"from": "22:00", "to": "06:00"}, "2026-11-24T22:00:00Z", "open"),
    ({"from": "22:00", "to": "06:00"}, "2026-11-24T06:00:00Z", "wrong_hour"),
    ({"from": "09:00", "to": "09:00"}, NOW, "malformed"),
    ({"from": "09:00"}, NOW, "malformed"),
    ({"notBefore": "2026-02-30T00:00:00Z"}, NOW, "malformed"),
]


@pytest.mark.parametrize(("claim", "now", "reason"), HOURS)
def test_a_time_window_is_open_from_its_first_instant_to_before_its_last(
    claim: dict[str, Any], now: str, reason: str
) -> None:
    proof = prove("p", "preconditions", {"type": "time_window", **claim}, scope(now=now), None)
    expected = {"open": "pass", "malformed": "error"}.get(reason, "fail")
    assert (proof["result"], proof["reason"]) == (expected, f"time_window.{reason}")


def test_patterns_take_linear_time_on_hostile_text() -> None:
    texts = ["1 " * 500_000, "a@" + "1." * 500_000, "+1" + " " * 1_000_000, "A" * 1_000_000, "9" * 1_000_000]
    began = time.process_time()
    judged("disclosure", {}, texts)
    # Five megabytes; a quadratic pattern would need hours.
    assert time.process_time() - began < 30


CLAIMS: dict[str, dict[str, Any]] = {
    "yes": {"type": "row_count", "minimum": 0},
    "no": {"type": "row_count", "minimum": 9},
    "error": {"type": "row_count", "minimum": 0, "pointer": "/x"},
    "all-yes": {"type": "all", "provers": ["yes", "any-mixed"]},
    "all-mixed": {"type": "all", "provers": ["yes", "no", "error"]},
    "all-error": {"type": "all", "provers": ["yes", "error"]},
    "all-none": {"type": "all", "provers": []},
    "any-mixed": {"type": "any", "provers": ["no", "error", "yes"]},
    "any-no": {"type": "any", "provers": ["no"]},
    "any-error": {"type": "any", "provers": ["no", "error"]},
    "any-none": {"type": "any", "provers": []},
    "two": {"type": "at_least", "minimum": 2, "provers": ["yes", "all-yes", "no"]},
    "two-hardly": {"type": "at_least", "minimum": 2, "provers": ["yes", "error", "no"]},
    "two-never": {"type": "at_least", "minimum": 2, "provers": ["yes", "no"]},
    "nobody": {"type": "any", "provers": ["undefined", "yes"]},
    "self": {"type": "all", "provers": ["self"]},
    "ping": {"type": "any", "provers": ["pong", "yes"]},
    "pong": {"type": "any", "provers": ["ping"]},
    "d5": {"type": "all", "provers": ["d4"]},
    "d4": {"type": "all", "provers": ["d3"]},
    "d3": {"type": "all", "provers": ["d2"]},
    "d2": {"type": "all", "provers": ["d1"]},
    "d1": {"type": "all", "provers": ["yes"]},
}
COMBINED = {
    "all-yes": "met",
    "all-mixed": "not_met",
    "all-error": "undecided",
    "all-none": "not_met",
    "any-mixed": "met",
    "any-no": "not_met",
    "any-error": "undecided",
    "any-none": "not_met",
    "two": "met",
    "two-hardly": "undecided",
    "two-never": "not_met",
    "nobody": "met",
    "self": "circular",
    "ping": "circular",
    "d4": "met",
    "d5": "undecided",
}


@pytest.mark.parametrize(("name", "reason"), COMBINED.items())
def test_a_combination_counts_in_three_values(name: str, reason: str) -> None:
    proof = prove_named(name, "postconditions", CLAIMS.get, scope(ROWS), {})
    assert proof["reason"] == f"combined.{reason}"
    assert proof["result"] == {"met": "pass", "not_met": "fail"}.get(reason, "error")


def test_a_definition_whose_combination_contains_itself_is_refused() -> None:
    steps = [step("s", "transform", expression="1", postconditions=["self"])]
    with pytest.raises(DefinitionError) as refused:
        define(*steps, provers={"postconditions": {"self": CLAIMS["self"]}})
    [problem] = refused.value.problems
    assert (problem.code, problem.pointer) == ("combined.circular", "/provers/postconditions/self/provers")


def test_a_name_inside_a_combination_that_nobody_defined_is_a_warning() -> None:
    steps = [step("s", "transform", expression="1", postconditions=["both"])]
    definition = define(*steps, provers={"postconditions": {"both": {"type": "all", "provers": ["ghost"]}}})
    [problem] = lint(definition, {})
    assert problem.code == "prover.undefined"
    assert "ghost" in problem.message


texts = st.one_of(
    st.sampled_from(
        ["", "ann@example.com", IBAN, CARD, "+41 44 123 45 67", "2026-11-24T11:59:00Z", "17 4111111111111111"]
    ),
    st.text(alphabet="0123456789 -+@.aZ\u202e🦊", max_size=24),
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-5, 12), st.floats(-9, 9), texts)
rows = st.lists(st.dictionaries(st.sampled_from(["a", "b", "t"]), scalars, max_size=3), max_size=4)
values = st.one_of(rows, rows.map(lambda found: {"x": found}), scalars)
pointers = st.sampled_from(["", "/x", "/0", "/x/0", "/y"])
days = st.lists(st.integers(1, 7), unique=True, min_size=1)
hours = st.sampled_from(["00:00", "06:30", "12:00", "23:59"])
claims = st.one_of(
    st.fixed_dictionaries({"type": st.just("row_count"), "minimum": st.integers(0, 4), "pointer": pointers}),
    st.fixed_dictionaries({"type": st.just("row_count"), "maximum": st.integers(0, 4)}),
    st.fixed_dictionaries(
        {
            "type": st.just("completeness"),
            "fields": st.sampled_from([["a"], ["a", "b"], ["c"]]),
            "minimum": st.sampled_from([0, 0.25, 1 / 3, 0.5, 1]),
            "pointer": pointers,
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("freshness"),
            "field": st.sampled_from(["a", "t"]),
            "maximumAgeSeconds": st.sampled_from([0, 60, 10**9]),
        }
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("schema"),
            "schema": st.sampled_from(
                [{}, {"type": "array"}, {"items": {"required": ["a"]}}, {"type": "x"}, {"$ref": "#/nowhere"}]
            ),
            "pointer": pointers,
        }
    ),
    st.fixed_dictionaries({"type": st.just("disclosure"), "pointer": pointers}),
    st.just({"type": "disclosure", "kinds": ["card"], "smallCells": {"field": "a", "minimum": 5}}),
)
windows = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("time_window"), "days": days, "offset": st.sampled_from(["+13:45", "-11:30"])}
    ),
    st.fixed_dictionaries({"type": st.just("time_window"), "from": hours, "to": hours}),
    st.just({"type": "time_window", "notBefore": "2026-11-24T12:00:00Z"}),
)


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(value=values, found=st.lists(claims, min_size=8, max_size=12), before=st.lists(windows, min_size=2, max_size=4))
async def test_the_verifier_comes_to_the_same_verdicts(
    tmp_path_factory: pytest.TempPathFactory, value: Any, found: list[dict[str, Any]], before: list[dict[str, Any]]
) -> None:
    world = World(tmp_path_factory.mktemp("alike"))
    post = {f"post:{number}": {**claim, "severity": "warn"} for number, claim in enumerate(found)}
    combined = {"type": "at_least", "minimum": 3, "provers": list(post), "severity": "warn"}
    pre = {f"pre:{number}": {**claim, "severity": "warn"} for number, claim in enumerate(before)}
    one = step(
        "s",
        "transform",
        expression="v",
        inputs={"v": "parameters.v"},
        preconditions=list(pre),
        postconditions=[*post, "three"],
    )
    # In the installation's registry, for a definition with a claim that can only be an error is refused.
    world.provers = {"preconditions": pre, "postconditions": {**post, "three": combined}}
    definition = define(one, parameters={"type": "object", "properties": {"v": {}}})
    runner = world.runner()
    execution = await runner.execute(definition, {"v": value}, executed_by="ann")
    assert execution.outcome == "completed"
    assert execution.started is not None
    manifest = dumps(runner.manifest(execution.started.execution_id).build())
    report = verify(manifest, world.trust())
    assert report.exit_code == 0, report.to_json()


def budgeted(limit: int, **members: Any) -> Definition:
    claim = {"type": "budget", "counter": "calls", "limit": limit, **members}
    one = step("s", "transform", expression="1", preconditions=["budget:calls"])
    parameters = {"type": "object", "properties": {"n": {}}}
    return define(one, provers={"preconditions": {"budget:calls": claim}}, parameters=parameters)


async def test_executions_share_a_budget_until_it_is_used_up(tmp_path: Path) -> None:
    world = World(tmp_path / "home")
    seen = []
    for number in (2, 2.0, 3, 0):
        runner = world.runner()
        definition = budgeted(5, amount="parameters.n")
        execution = await rejected(runner, await runner.execute(definition, {"n": number}, executed_by="ann"))
        [proof] = execution.steps["s"].preconditions
        seen.append((execution.outcome, proof["reason"], proof["evidence"]["before"]))
        assert execution.started is not None
        name = execution.started.execution_id
        assert (await runner.replay(name)).is_identical
        manifest = dumps(runner.manifest(name).build(record_of_block=True))
        report = verify(manifest, world.trust())
        assert report.exit_code == 0, report.to_json()
    assert seen == [
        ("completed", "budget.reserved", 0),
        ("completed", "budget.reserved", 2),
        ("blocked", "budget.exceeded", 4),
        ("completed", "budget.reserved", 4),
    ]


@pytest.mark.parametrize("number", [-1, 1.5, "2", None, True, [1]])
async def test_an_amount_that_is_no_count_denies(tmp_path: Path, number: Any) -> None:
    world = World(tmp_path / "home")
    runner = world.runner()
    definition = budgeted(5, amount="parameters.n")
    execution = await rejected(runner, await runner.execute(definition, {"n": number}, executed_by="ann"))
    [proof] = execution.steps["s"].preconditions
    assert (execution.outcome, proof["reason"], proof["evidence"]["amount"]) == ("blocked", "budget.amount", None)
    assert execution.started is not None
    manifest = dumps(runner.manifest(execution.started.execution_id).build(record_of_block=True))
    assert verify(manifest, world.trust()).exit_code == 0


async def test_budgets_of_one_turn_do_not_reserve_the_same(tmp_path: Path) -> None:
    claim = {"type": "budget", "counter": "calls", "limit": 2, "severity": "warn"}
    steps = [
        step(f"s{number}", "transform", expression="1", dependsOn=[], preconditions=["a", "b"]) for number in range(3)
    ]
    definition = define(*steps, provers={"preconditions": {"a": claim, "b": claim}})
    execution = await World(tmp_path / "home").runner().execute(definition, {}, executed_by="ann")
    results = [proof["result"] for run in execution.steps.values() for proof in run.preconditions]
    assert sorted(results) == ["fail"] * 4 + ["pass"] * 2


def test_every_case_is_named_by_the_specification() -> None:
    text = (Path(__file__).parents[3] / "spec" / "provers.md").read_text()
    codes = {f"{kind}.{reason}" for kind, _, _, _, reason in CASES} | {f"time_window.{case[2]}" for case in HOURS}
    assert {code for code in codes if f"`{code}`" not in text} == set()
