"""Programs by strangers end, whatever they do, and take nothing with them."""

from __future__ import annotations

import time
from typing import Any

import pytest
from pcq_verify.expressions import ExpressionError, split_comparison
from pcq_verify.sandbox import BudgetError, EvaluationError, NotFiniteError, Sandbox


def bundle(*modules: str, **data: Any) -> dict[str, Any]:
    return {"modules": {f"m{n}.rego": text for n, text in enumerate(modules)}, "data": data}


def test_an_expression_has_its_value_and_no_value_is_null() -> None:
    with Sandbox() as sandbox:
        assert sandbox.evaluate("a.b & '!'", {"a": {"b": "x"}}) == "x!"
        assert sandbox.evaluate("nothing", {}) is None
        assert sandbox.evaluate_each("n * 2", [{"n": 1}, {"n": 2.5}]) == [2, 5]
        assert sandbox.evaluate_each("n", []) == []


@pytest.mark.parametrize("expression", ["1 / 0", "0 / 0", "[1, [1 / 0]]", "9007199254740993", "{'a': -1 / 0}"])
def test_a_value_that_is_no_i_json_is_an_error_of_its_own(expression: str) -> None:
    with Sandbox() as sandbox, pytest.raises(NotFiniteError):
        sandbox.evaluate(expression, {})


@pytest.mark.parametrize(
    "expression",
    [
        "$now()",
        "$millis()",
        "$random()",
        "$shuffle([1, 2])",
        "$eval('1')",
        "($f := $now; $f())",
        "$map([1], $random)",
        '$contains("x", /"/) ? 1 : ($millis() > 0 ? 2 : "")',
        "$contains('x', /'/) ? 1 : ($f := $eval; $f('2')) & ''",
    ],
)
def test_what_is_no_function_of_the_data_is_refused_even_behind_a_quote_in_a_pattern(expression: str) -> None:
    with Sandbox() as sandbox, pytest.raises(EvaluationError):
        sandbox.evaluate(expression, {})


def test_the_refused_names_may_stand_in_text() -> None:
    with Sandbox() as sandbox:
        assert sandbox.evaluate("'$now() costs $random' & `$eval`", {"$eval": 1}) == "$now() costs $random1"


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        ("($f := function($x) { $f($x) }; $f(1))", 4),
        ("($f := function($x) { $f($x) + 1 }; $f(1))", 4),
        ('$pad("x", 1000000000000)', 8),
        ("[1..1000000].[1..1000000]", 8),
        ("(" * 100_000, 4),
        ("a[" * 100_000, 4),
    ],
)
def test_a_hostile_expression_ends_and_the_next_one_is_answered(expression: str, seconds: float) -> None:
    with Sandbox() as sandbox:
        started = time.monotonic()
        with pytest.raises(EvaluationError):
            sandbox.evaluate(expression, {})
        assert time.monotonic() - started < seconds
        assert sandbox.evaluate("1 + 1", {}) == 2


def test_a_failing_item_does_not_shift_the_answers_of_the_next_question() -> None:
    with Sandbox() as sandbox:
        with pytest.raises(EvaluationError):
            sandbox.evaluate_each("n > 1 ? $error('no') : n", [{"n": 1}, {"n": 2}, {"n": 1}])
        assert sandbox.evaluate("'next'", {}) == "next"


@pytest.mark.parametrize(
    ("module", "decision"),
    [
        ("package test\nallow if input.a == 1", "allow"),
        ("package test\nallow := input.a == 2", "deny"),
        ("package test\nallow if input.a == 2", "undefined"),
        ("package other\nallow := true", "undefined"),
        ("package test\nallow := 1", "non-boolean"),
        ('package test\nallow contains "x"', "non-boolean"),
        ("package test\nallow if {", "error"),
        ("package test\nallow := true\nallow := false", "error"),
        ("package test\nallow if not to_number(`x`)", "error"),
        ("package test\nallow if nosuch(1)", "error"),
        ("package test\nallow if data.test[_]", "error"),
    ],
)
def test_a_decision_is_one_of_five_words(module: str, decision: str) -> None:
    with Sandbox(bundle(module)) as sandbox:
        assert sandbox.decide("data.test.allow", {"a": 1}) == decision


@pytest.mark.parametrize(
    "builtin",
    [
        "time.now_ns()",
        'http.send({"method": "get", "url": "http://127.0.0.1/"})',
        'rand.intn("x", 2) >= 0',
        'uuid.rfc4122("x")',
        "opa.runtime()",
        'net.lookup_ip_addr("localhost")',
        'net.cidr_contains("10.0.0.0/8", "10.0.0.1")',
        'io.jwt.decode("x")',
        "time.clock(0)",
        'time.format([0, "Europe/Zurich"])',
        'crypto.x509.parse_certificates("x")',
        'print("x")',
        "rego.metadata.rule()",
    ],
)
def test_one_forbidden_builtin_anywhere_makes_every_decision_an_error(builtin: str) -> None:
    for modules in (
        (f"package test\nallow if {builtin}",),
        ("package test\nallow := true", f"package unused\nx if {builtin}"),
        (f"package test\nallow := true\nf(x) := {builtin}",),
    ):
        with Sandbox(bundle(*modules)) as sandbox:
            assert sandbox.decide("data.test.allow", {}) == "error", modules


def test_nothing_but_the_path_of_a_rule_is_asked() -> None:
    with Sandbox(bundle("package test\nallow := true")) as sandbox:
        for query in (
            "data.test.allow; y := 1",
            "input.x",
            "true",
            "data.test",
            'data.test["allow"]',
            "data.test.allow\n",
        ):
            assert sandbox.decide(query, {"x": True}) == "error", query


def test_a_bundle_writes_no_file_outside_of_its_folder(tmp_path: Any) -> None:
    outside = tmp_path / "outside.rego"
    modules = {
        f"../../../../../../../..{outside}": "package test\nallow := true",
        str(outside): "package other\nx := 1",
    }
    with Sandbox({"modules": modules, "data": {}}) as sandbox:
        assert sandbox.decide("data.test.allow", {}) == "allow"
    assert not outside.exists()


def test_an_endless_policy_is_killed_and_the_next_question_is_answered() -> None:
    endless = "package test\nallow if not regex.match(`^(a+)+$`, input.s)"
    with Sandbox(bundle(endless)) as sandbox:
        started = time.monotonic()
        assert sandbox.decide("data.test.allow", {"s": "a" * 40 + "!"}) == "error"
        assert 4 < time.monotonic() - started < 9
        assert sandbox.decide("data.test.allow", {"s": "b"}) == "allow"


def test_what_a_verification_may_spend_is_limited() -> None:
    with Sandbox(bundle("package test\nallow := true"), budget=0.0) as sandbox:
        with pytest.raises(BudgetError):
            sandbox.evaluate("1", {})
        with pytest.raises(BudgetError):
            sandbox.decide("data.test.allow", {})


@pytest.mark.parametrize(
    ("assertion", "parts"),
    [
        ("a >= 1", ("a", ">=", "1")),
        ("a!=b", ("a", "!=", "b")),
        ("filled / fields >= 0.95", ("filled / fields", ">=", "0.95")),
        ("$count(rows[size > 1]) = 2", ("$count(rows[size > 1])", "=", "2")),
        ("'a>b' & `x=y` < 3", ("'a>b' & `x=y`", "<", "3")),
        ("a /* > */ > 1", ("a /* > */", ">", "1")),
    ],
)
def test_a_comparison_is_split_at_its_one_operator(assertion: str, parts: tuple[str, str, str]) -> None:
    assert split_comparison(assertion) == parts


@pytest.mark.parametrize("assertion", ["a", "", "a > b > c", "(a > b)", "a == b", "1 <= a < 2"])
def test_an_assertion_without_exactly_one_operator_is_refused(assertion: str) -> None:
    with pytest.raises(ExpressionError):
        split_comparison(assertion)
