"""Definitions: what an author may write, and for everything else a code, a place and a hint."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from runbooks.canonical import dumps
from runbooks.errors import DefinitionError, ParameterError, Problem
from runbooks.lint import lint, load_definition, require_parameters
from runbooks.schema import runbook_schema

from services.runbooks.tests.simulator import NO_PROVERS, define, runbook, step

ROOT = Path(__file__).parents[3]
TEMPLATES = ROOT / "services" / "runbooks" / "templates"

Change = Callable[[dict[str, Any]], object]


def base() -> dict[str, Any]:
    return runbook(step("a", "transform", expression="1"), step("b", "transform", expression="2"))


def problems(data: bytes) -> list[Problem]:
    with pytest.raises(DefinitionError) as caught:
        load_definition(data)
    assert caught.value.code == caught.value.problems[0].code
    return caught.value.problems


def set_step(number: int, **members: Any) -> Change:
    return lambda value: value["steps"][number].update(members)


def add_step(**members: Any) -> Change:
    return lambda value: value["steps"].append({"stepId": "c", **members})


def set_top(**members: Any) -> Change:
    return lambda value: value.update(members)


def drop(*path: Any) -> Change:
    def change(value: Any) -> None:
        for part in path[:-1]:
            value = value[part]
        del value[path[-1]]

    return change


def set_claim(phase: str, **claim: Any) -> Change:
    return lambda value: value.update(provers={phase: {"p/q:x": claim}})


METRIC = {"type": "metric", "query": "RETURN 1 AS a"}
OPA_INPUT = {"action": "read", "resource": "entity"}

REFUSED: dict[str, tuple[Change, list[tuple[str, str]]]] = {
    "unknown step type": (set_step(0, type="magic"), [("definition.shape", "/steps/0/type")]),
    "step type of another JSON type": (set_step(1, type=7), [("definition.shape", "/steps/1/type")]),
    "step without type": (drop("steps", 0, "type"), [("definition.shape", "/steps/0")]),
    "cycle": (set_step(0, dependsOn=["b"]), [("definition.cycle", "/steps/0/dependsOn")]),
    "step that waits for itself": (set_step(1, dependsOn=["b"]), [("definition.cycle", "/steps/1/dependsOn")]),
    "steps behind a cycle": (
        lambda value: (set_step(0, dependsOn=["b"])(value), add_step(type="transform", expression="1")(value)),
        [("definition.cycle", "/steps/0/dependsOn"), ("definition.unreachable", "/steps/2")],
    ),
    "stepId twice": (set_step(1, stepId="a"), [("definition.duplicate_step", "/steps/1/stepId")]),
    "unknown dependencies": (
        set_step(1, dependsOn=["a", "y", "z"]),
        [("definition.unknown_step", "/steps/1/dependsOn")] * 2,
    ),
    "dependency twice": (set_step(1, dependsOn=["a", "a"]), [("definition.shape", "/steps/1/dependsOn")]),
    "stepId with a space": (set_step(1, stepId="a b"), [("definition.shape", "/steps/1/stepId")]),
    "stepId with a line end": (set_step(1, stepId="a\n"), [("definition.shape", "/steps/1/stepId")]),
    "unknown member of a step": (set_step(1, expresion="1"), [("definition.shape", "/steps/1")]),
    "unknown member": (set_top(stepz=[]), [("definition.shape", "")]),
    "no steps": (set_top(steps=[]), [("definition.shape", "/steps")]),
    "no version": (drop("version"), [("definition.shape", "")]),
    "version of another JSON type": (set_top(version=1), [("definition.shape", "/version")]),
    "empty name": (set_top(name=""), [("definition.shape", "/name")]),
    "query without cypher": (add_step(type="query"), [("definition.shape", "/steps/2")]),
    "cypher that is no text": (add_step(type="query", cypher=["MATCH"]), [("definition.shape", "/steps/2/cypher")]),
    "endpoint that is not HTTP": (
        add_step(type="external_api", endpoint="ftp://host/"),
        [("definition.shape", "/steps/2/endpoint")],
    ),
    "endpoint with a user": (
        add_step(type="external_api", endpoint="https://api.example.com@evil.example/"),
        [("definition.shape", "/steps/2/endpoint")],
    ),
    "export out of its folder": (add_step(type="export", file="../x"), [("definition.shape", "/steps/2/file")]),
    "export to a dot file": (add_step(type="export", file=".x"), [("definition.shape", "/steps/2/file")]),
    "measure named key": (
        add_step(type="aggregate", groupBy="a", measures={"key": "1"}),
        [("definition.shape", "/steps/2/measures")],
    ),
    "no attempt": (set_step(0, retry={"maxAttempts": 0}), [("definition.shape", "/steps/0/retry/maxAttempts")]),
    "too many attempts": (set_step(0, retry={"maxAttempts": 11}), [("definition.shape", "/steps/0/retry/maxAttempts")]),
    "no time": (set_step(0, timeout=0), [("definition.shape", "/steps/0/timeout")]),
    "expression that does not parse": (
        set_step(0, expression="a["),
        [("expression.syntax", "/steps/0/expression")],
    ),
    "clock in an expression": (set_step(1, expression="$now()"), [("expression.refused", "/steps/1/expression")]),
    "eval in the inputs": (set_step(0, inputs="$eval('1')"), [("expression.refused", "/steps/0/inputs")]),
    "chance in a named input": (
        set_step(0, inputs={"ok": "1", "x/y~": "$random()"}),
        [("expression.refused", "/steps/0/inputs/x~1y~0")],
    ),
    "every expression of an aggregate": (
        add_step(type="aggregate", groupBy="$millis()", measures={"a/b": "(", "ok": "$sum(x)"}),
        [("expression.refused", "/steps/2/groupBy"), ("expression.syntax", "/steps/2/measures/a~1b")],
    ),
    "assert that does not parse": (
        add_step(type="assertion", **{"assert": ")"}),
        [("expression.syntax", "/steps/2/assert")],
    ),
    "assertion without comparison": (
        set_claim("postconditions", **METRIC, assertion="complete / total"),
        [("expression.comparison", "/provers/postconditions/p~1q:x/assertion")],
    ),
    "assertion with two comparisons": (
        set_claim("postconditions", **METRIC, assertion="0 < a < 1"),
        [("expression.comparison", "/provers/postconditions/p~1q:x/assertion")],
    ),
    "assertion that reads a clock": (
        set_claim("postconditions", **METRIC, assertion="a > $millis()"),
        [("expression.refused", "/provers/postconditions/p~1q:x/assertion")],
    ),
    "unknown prover type": (
        set_claim("preconditions", type="magic"),
        [("prover.unknown_kind", "/provers/preconditions/p~1q:x/type")],
    ),
    "prover of the other phase": (
        set_claim("preconditions", **METRIC, assertion="a > 1"),
        [("prover.wrong_phase", "/provers/preconditions/p~1q:x")],
    ),
    "policy that is no path": (
        set_claim("preconditions", type="opa", policy="x; y", input=OPA_INPUT),
        [("definition.shape", "/provers/preconditions/p~1q:x/policy")],
    ),
    "policy of one word": (
        set_claim("preconditions", type="opa", policy="allow", input=OPA_INPUT),
        [("definition.shape", "/provers/preconditions/p~1q:x/policy")],
    ),
    "question without resource": (
        set_claim("preconditions", type="opa", policy="a.b", input={"action": "read"}),
        [("definition.shape", "/provers/preconditions/p~1q:x/input")],
    ),
    "no source needed": (
        set_claim("postconditions", type="citations", minimum=0),
        [("definition.shape", "/provers/postconditions/p~1q:x/minimum")],
    ),
    "severity of another name": (
        set_claim("postconditions", type="citations", severity="info"),
        [("definition.shape", "/provers/postconditions/p~1q:x/severity")],
    ),
    "unknown phase": (set_top(provers={"during": {}}), [("definition.shape", "/provers")]),
    "parameters that are no schema": (
        set_top(parameters={"type": "object", "properties": {"a": {"type": "nothing"}}}),
        [("definition.parameters", "/parameters")],
    ),
    "a mapped export": (
        add_step(type="export", file="x.json", forEach="[1]"),
        [("definition.shape", "/steps/2")],
    ),
    "a mapped mutation with postconditions": (
        add_step(type="mutation", cypher="CREATE (n)", forEach="[1]", postconditions=["p"]),
        [("definition.for_each", "/steps/2/postconditions")],
    ),
    "a condition that does not parse": (
        set_step(0, when="1 +"),
        [("expression.syntax", "/steps/0/when")],
    ),
    "a list that reads a clock": (
        set_step(0, forEach="[$now()]"),
        [("expression.refused", "/steps/0/forEach")],
    ),
    "a parameter of a reserved name": (
        set_top(parameters={"type": "object", "properties": {"executionId": {}}}),
        [("definition.parameters", "/parameters/properties/executionId")],
    ),
    "parameters from elsewhere": (
        set_top(parameters={"type": "object", "$ref": "https://example.com/schema.json"}),
        [("definition.parameters", "/parameters")],
    ),
    "parameters from a file": (
        set_top(parameters={"type": "object", "$ref": "file:///etc/hostname"}),
        [("definition.parameters", "/parameters")],
    ),
    "parameters that are no object": (
        set_top(parameters={"type": "array"}),
        [("definition.shape", "/parameters/type")],
    ),
}


@pytest.mark.parametrize(("change", "expected"), REFUSED.values(), ids=REFUSED)
def test_a_faulty_definition_is_refused_with_code_and_place(change: Change, expected: list[tuple[str, str]]) -> None:
    value = base()
    change(value)
    found = problems(dumps(value))
    assert [(problem.code, problem.pointer) for problem in found] == expected
    assert all(problem.message and problem.hint for problem in found)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "json.syntax"),
        (b"not json", "json.syntax"),
        (b"[]", "definition.shape"),
        (b"null", "definition.shape"),
        (b'{"runbookId": NaN}', "json.syntax"),
        (b'{"runbookId": 1e999}', "json.syntax"),
        (b'{"runbookId": 9007199254740993}', "json.number"),
        (b'{"runbookId": "R", "runbookId": "S"}', "json.duplicate"),
        (b'{"steps":' * 100_000, "json.syntax"),
        (b'{"steps":' * 100_000 + b"1" + b"}" * 100_000, "json.syntax"),
        (b"[" * 100 + b"]" * 100, "json.depth"),
    ],
)
def test_what_is_no_strict_json_object_is_refused_as_a_whole(data: bytes, code: str) -> None:
    [problem] = problems(data)
    assert (problem.code, problem.pointer) == (code, "")


def test_every_fault_is_found_at_once() -> None:
    value = base()
    set_step(0, expression="a[")(value)
    set_step(1, inputs="$now()")(value)
    set_claim("preconditions", type="magic")(value)
    assert len(problems(dumps(value))) == 3


@pytest.mark.parametrize("behind", [0, 15_000])
def test_a_long_cycle_is_named_in_bounded_time_and_in_a_short_message(behind: int) -> None:
    size = 5_000
    steps = [step(f"s{n}", "transform", expression="1", dependsOn=[f"s{(n + 1) % size}"]) for n in range(size)]
    steps += [step(f"t{n}", "transform", expression="1", dependsOn=["s0"]) for n in range(behind)]
    before = time.monotonic()
    found = problems(dumps(runbook(*steps)))
    assert time.monotonic() - before < 10
    assert [problem.code for problem in found] == ["definition.cycle"] + ["definition.unreachable"] * behind
    assert max(len(problem.message) for problem in found) < 500


def test_a_prover_that_nobody_defined_is_a_warning_that_names_it_and_its_step() -> None:
    definition = define(
        step("a", "transform", expression="1", preconditions=["authority:x", "kept"], postconditions=["kpi:y>=1"])
    )
    registry = {"preconditions": {"kept": {"type": "license_registry", "check": "a allows b"}}, "postconditions": {}}
    first, second = lint(definition, registry)
    assert (first.code, first.pointer) == ("prover.undefined", "/steps/0/preconditions/0")
    assert "authority:x" in first.message
    assert "step a" in first.message
    assert (second.code, second.pointer) == ("prover.undefined", "/steps/0/postconditions/0")


def test_a_prover_of_the_installation_with_an_unknown_type_is_a_warning() -> None:
    definition = define(step("a", "transform", expression="1", preconditions=["x"]))
    [problem] = lint(definition, {"preconditions": {"x": {"type": "magic"}}, "postconditions": {}})
    assert (problem.code, problem.pointer) == ("prover.unknown_kind", "/steps/0/preconditions/0")


def test_the_definitions_own_prover_stands_before_the_installations() -> None:
    own = {"type": "citations", "minimum": 2}
    definition = define(
        step("a", "transform", expression="1", postconditions=["x"]), provers={"postconditions": {"x": own}}
    )
    assert definition.claim("postconditions", "x", {"postconditions": {"x": {"type": "magic"}}}) == own
    assert definition.claim("postconditions", "y", {"postconditions": {"y": {"type": "magic"}}}) == {"type": "magic"}
    assert definition.claim("preconditions", "x", NO_PROVERS) is None


def test_dependencies_default_to_the_step_before_and_are_sorted_by_bytes() -> None:
    one = {"expression": "1"}
    definition = define(
        step("b", "transform", **one),
        step("B", "transform", **one),
        step("c", "transform", dependsOn=[], **one),
        step("d", "transform", dependsOn=["c", "b", "B"], **one),
    )
    assert [item.depends_on for item in definition.steps] == [(), ("b",), (), ("B", "b", "c")]


def test_the_digest_is_of_the_meaning_and_not_of_the_spelling() -> None:
    value = base()
    spelled = json.dumps({name: value[name] for name in reversed(value)}, indent=3).replace(
        "a runbook", "a runboo\\u006b"
    )
    assert load_definition(spelled.encode()).digest == load_definition(dumps(value)).digest
    set_step(0, expression="3")(value)
    assert load_definition(spelled.encode()).digest != load_definition(dumps(value)).digest


PARAMETERS = {
    "type": "object",
    "properties": {"limit": {"type": "integer", "minimum": 1}, "name": {"type": "string"}},
    "required": ["limit"],
}


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({"limit": 1, "speed": 2}, ["speed"]),
        ({"name": "x"}, ["limit"]),
        ({"limit": "1"}, ["/limit"]),
        ({"limit": 0}, ["/limit"]),
        ({"limit": True}, ["/limit"]),
        ({"limit": 1.5, "name": 1}, ["/limit", "/name"]),
    ],
)
def test_a_wrong_parameter_is_refused_and_named(parameters: dict[str, Any], names: list[str]) -> None:
    definition = define(step("a", "transform", expression="1"), parameters=PARAMETERS)
    with pytest.raises(ParameterError) as caught:
        require_parameters(definition, parameters)
    assert caught.value.code == "parameter.invalid"
    assert all(name in str(caught.value) for name in names)


def test_right_parameters_are_accepted_and_a_runbook_without_any_takes_none() -> None:
    require_parameters(define(step("a", "transform", expression="1"), parameters=PARAMETERS), {"limit": 2, "name": "x"})
    plain = define(step("a", "transform", expression="1"))
    require_parameters(plain, {})
    with pytest.raises(ParameterError, match="has no parameter x"):
        require_parameters(plain, {"x": 1})


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.json")), ids=lambda path: path.stem)
def test_every_template_loads_and_has_no_undefined_prover_but_those_of_the_installation(path: Path) -> None:
    definition = load_definition(path.read_bytes())
    registry = json.loads((ROOT / "services" / "runbooks" / "policies" / "provers.json").read_bytes())
    assert lint(definition, registry) == []


def test_the_seed_template_is_the_one_that_was_given() -> None:
    definition = load_definition((TEMPLATES / "seed" / "R1-entity-enrichment.json").read_bytes())
    assert definition.digest == "sha256:80263484efe8c5e445537d47b3e399fd581e3342a71aeff38359dfa4c5420ce9"
    assert [(item.step_id, item.kind) for item in definition.steps] == [
        ("query-entities", "query"),
        ("fetch-external-data", "external_api"),
        ("update-entities", "mutation"),
        ("assert-completeness", "assertion"),
    ]
    [problem] = lint(definition, NO_PROVERS)
    assert (problem.code, problem.pointer) == ("prover.undefined", "/steps/2/preconditions/0")


def test_the_published_schema_is_the_one_in_use() -> None:
    published = json.loads((ROOT / "spec" / "schemas" / "runbook.schema.json").read_bytes())
    assert published == runbook_schema()
