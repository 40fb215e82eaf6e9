"""Expressions: a function of the recorded data within limits, or an error that says why (spec/execution.md, 2)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runbooks.errors import ExpressionError
from runbooks.expressions import engine, evaluate, parse_expression, split_comparison


def code_of(text: str, data: Any = None) -> str:
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, data)
    return caught.value.code


def test_the_engine_is_named_with_its_version() -> None:
    assert engine() == "jsonatapy 2.2.13"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a.b[1]", 2),
        ("missing.member", None),
        ("$sum(a.b)", 6),
        ("'$now'", "$now"),
        ("`$random`", 4),
        ("/* $millis() */ 1", 1),
        ("$keys($)", ["a", "$random"]),
        ("`$random` = 4 or $exists(`$random`)", True),
        ("steps", None),
    ],
)
def test_an_expression_is_evaluated_over_its_data(text: str, value: Any) -> None:
    data = {"a": {"b": [1, 2, 3]}, "$random": 4}
    assert evaluate(text, data) == value


@pytest.mark.parametrize("name", ["now", "millis", "random", "shuffle", "eval"])
@pytest.mark.parametrize(
    "text", ["$NAME()", "($f := $NAME; $f())", "[1, $NAME ()]", "function(){$NAME()}()", "a[$NAME() > 1]"]
)
def test_what_is_no_function_of_the_data_is_refused(name: str, text: str) -> None:
    expression = text.replace("NAME", name)
    assert code_of(expression, {"a": 1}) == "expression.refused"
    with pytest.raises(ExpressionError, match=rf"\${name} is not allowed"):
        parse_expression(expression)


@pytest.mark.parametrize("name", ["now", "millis", "random", "shuffle", "eval"])
@pytest.mark.parametrize(
    "text", ['[/"/, $NAME([1]), /"/]', "[/'/, $NAME([1]), /'/]", '($f := /"/; $g := $NAME; $g([1]) & /"/)']
)
def test_a_quote_in_a_pattern_does_not_hide_a_refused_function(name: str, text: str) -> None:
    assert code_of(text.replace("NAME", name)) in ("expression.failed", "expression.refused", "expression.syntax")


@pytest.mark.parametrize("text", ["", "a[", "$x := ;", "1 +", "{", "'a", "/* a"])
def test_what_does_not_parse_is_refused(text: str) -> None:
    assert code_of(text) == "expression.syntax"


@pytest.mark.parametrize(
    "text",
    ["1 / 0", "0 / 0", "-1 / 0", "1 % 0", "9007199254740993", "$power(2, 53)", "[1, {'a': 1 / 0}]", "$round(1.5, 400)"],
)
def test_a_result_that_is_no_strict_json_is_an_error(text: str) -> None:
    assert code_of(text) == "expression.not_finite"


@pytest.mark.parametrize(
    "text", ["$number('x')", "1 + 'a'", "$error('no')", "$unknown()", "a.b.c + 1 + 'x'", "[1..10000001]"]
)
def test_a_failing_evaluation_is_an_error_and_no_value(text: str) -> None:
    assert code_of(text, {"a": {"b": {"c": 1}}}) == "expression.failed"


@pytest.mark.parametrize(
    "text",
    [
        "($f := function($n){ 1 + $f($n + 1) }; $f(1))",
        "($f := function($n){ $f($n + 1) }; $f(1))",
    ],
    ids=["deep", "endless"],
)
def test_an_expression_that_does_not_end_is_stopped(text: str) -> None:
    before = time.monotonic()
    assert code_of(text) == "expression.failed"
    assert time.monotonic() - before < 5


def test_a_pattern_that_backtracks_ends() -> None:
    before = time.monotonic()
    assert evaluate("$match(text, /^(a+)+$/)", {"text": "a" * 60 + "!"}) is None
    assert time.monotonic() - before < 3


COMPARISONS = [
    ("complete / total >= 0.95", ("complete / total", ">=", "0.95")),
    ("a<=1", ("a", "<=", "1")),
    (" a != b ", ("a", "!=", "b")),
    ("a>1", ("a", ">", "1")),
    ("a<1", ("a", "<", "1")),
    ("a=1", ("a", "=", "1")),
    ("$count(rows[n > 1]) >= 2", ("$count(rows[n > 1])", ">=", "2")),
    ("(a > 1 ? 1 : 0) = 1", ("(a > 1 ? 1 : 0)", "=", "1")),
    ("{'a': b >= 1}.a = 1", ("{'a': b >= 1}.a", "=", "1")),
    ("'a>=b' != name", ("'a>=b'", "!=", "name")),
    ("`a>b` < 2", ("`a>b`", "<", "2")),
    ('"\\">" = a', ('"\\">"', "=", "a")),
    ("/* a > b */ a > b", ("/* a > b */ a", ">", "b")),
]


@pytest.mark.parametrize(("text", "parts"), COMPARISONS)
def test_a_comparison_is_found_outside_of_strings_and_brackets(text: str, parts: tuple[str, str, str]) -> None:
    assert split_comparison(text) == parts


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a", "expression.comparison"),
        ("", "expression.comparison"),
        ("(a >= 1)", "expression.comparison"),
        ("'a >= 1'", "expression.comparison"),
        ("a >= 1 >= 2", "expression.comparison"),
        ("a == 1", "expression.comparison"),
        ("a <> 1", "expression.comparison"),
        (">= 1", "expression.syntax"),
        ("a >=", "expression.syntax"),
        ("a := 1", "expression.syntax"),
        ("a ( >= 1", "expression.comparison"),
        ("$now() > 1", "expression.refused"),
        ("1 < $random()", "expression.refused"),
    ],
)
def test_an_assertion_without_exactly_one_comparison_is_refused(text: str, code: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        split_comparison(text)
    assert caught.value.code == code


@settings(max_examples=150, deadline=None)
@given(
    st.text(st.sampled_from("ab1 ()[]{}$.\"'`/*<>=!&,:;?@^~%|\\"), max_size=20), st.sampled_from([{}, [], {"a": [1]}])
)
def test_any_text_gives_a_value_or_an_expression_error(text: str, data: Any) -> None:
    codes: set[str] = set()
    for act in (lambda: evaluate(text, data), lambda: split_comparison(text)):
        try:
            act()
        except ExpressionError as error:
            codes.add(error.code)
    assert all(code.startswith("expression.") for code in codes)
