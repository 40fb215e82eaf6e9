"""What a statement may not do, and what it may not take (spec/execution.md, 3.1)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from pcq_verify.sandbox import EvaluationError, Sandbox
from runbooks.errors import DefinitionError, ExpressionError
from runbooks.sql import check_sql, run_sql, sql_engine

from services.runbooks.tests.simulator import define, step
from services.runbooks.tests.sql.corpus import REFUSED, TOO_MUCH

TABLES: dict[str, Any] = {
    "items": [{"id": "a", "kind": "k", "size": 1.5, "level": 1}],
    "links": [{"source": "a", "target": "b"}],
}


@pytest.fixture(scope="module")
def verifier() -> Iterator[Sandbox]:
    with Sandbox(sql_engine=sql_engine(), budget=3600) as sandbox:
        yield sandbox


def code_of(text: str, inputs: Any = None, columns: Any = None) -> str:
    with pytest.raises(ExpressionError) as caught:
        run_sql(text, TABLES if inputs is None else inputs, columns or {})
    return caught.value.code


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_known_to_be_harmless_is_refused_by_both(text: str, verifier: Sandbox) -> None:
    assert code_of(text) == "sql.refused"
    with pytest.raises(EvaluationError):
        verifier.rows(text, TABLES, {})


@pytest.mark.parametrize("text", TOO_MUCH)
def test_what_takes_too_much_is_an_error_and_the_next_statement_is_answered(text: str) -> None:
    started = time.monotonic()
    assert code_of(text) in ("sql.limit", "sql.failed")
    assert time.monotonic() - started < 15
    assert run_sql("SELECT 1 AS n", {}, {}) == [{"n": 1}]


def test_a_refused_statement_is_refused_with_its_definition() -> None:
    with pytest.raises(DefinitionError) as caught:
        define(step("s", "transform", sql="SELECT random() AS n"))
    [problem] = caught.value.problems
    assert (problem.code, problem.pointer) == ("sql.refused", "/steps/0/sql")
    assert "random" in problem.message
    check_sql("SELECT n FROM whatever_the_inputs_are")


@pytest.mark.parametrize(
    "inputs", [1, "x", None, [1], [[{"a": 1}]], {"t": {"a": 1}}, {"t": [{"a": 1}, 2]}, {"t": None}]
)
def test_inputs_that_are_no_tables_fail(inputs: Any) -> None:
    with pytest.raises(ExpressionError, match="expected as inputs a list of objects") as caught:
        run_sql("SELECT 1 AS n", inputs, {})
    assert caught.value.code == "sql.failed"


@pytest.mark.parametrize(
    ("inputs", "columns", "reason"),
    [
        ([], {}, "no columns"),
        ([{}], {}, "no columns"),
        ([{"a": 1}, {"A": 1}], {}, "same name to SQL"),
        ({"t": [{"a": 1}], "T": [{"a": 1}]}, {}, "same name to SQL"),
        ([{"": 1}], {}, "is empty or has a NUL"),
        ([{"a\0": 1}], {}, "is empty or has a NUL"),
        ([{f"c{n}": n for n in range(10_000)}], {}, "10000 columns, expected at most 1000"),
        ([{"a": "1"}], {"input": {"a": "BIGINT"}}, 'expected BIGINT, got "1"'),
        ([{"a": 1.5}], {"input": {"a": "BIGINT"}}, "expected BIGINT, got 1.5"),
        ([{"a": 1}], {"input": {"a": "VARCHAR"}}, "expected VARCHAR, got 1"),
        ([{"a": True}], {"input": {"a": "DOUBLE"}}, "expected DOUBLE, got true"),
        ([{"a": 1}], {"t": {"a": "BIGINT"}}, "which the inputs do not have"),
        ([{"a": 1}], {"input": {"A": "BIGINT"}}, "same name to SQL"),
    ],
)
def test_a_table_that_sql_cannot_hold_is_an_error_that_says_why(inputs: Any, columns: Any, reason: str) -> None:
    with pytest.raises(ExpressionError, match=reason) as caught:
        run_sql("SELECT 1 AS n", inputs, columns)
    assert caught.value.code == "sql.failed"


def test_a_thousand_columns_are_a_table_and_declared_columns_are_there_without_rows() -> None:
    wide = [{f"c{n}": n for n in range(1_000)}] * 3
    assert run_sql("SELECT sum(c999) AS n FROM input", wide, {}) == [{"n": 2997}]
    declared = {"input": {"n": "DOUBLE", "t": "JSON", "b": "BOOLEAN"}}
    assert run_sql("SELECT sum(n) AS s, count(t) AS c FROM input WHERE b", [], declared) == [{"s": None, "c": 0}]
    assert run_sql("SELECT t, n FROM input", [{"t": 1, "n": 2}], declared) == [{"t": 1, "n": 2}]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("9007199254740992", "beyond 2"),
        ("sum(level) * 9007199254740991 * 2", "beyond 2"),
        ("1 / 0", "infinite"),
        ("0 / 0", "no number"),
        ("1e200 * 1e200", "infinite"),
        ("9007199254740993.5", "beyond 2"),
        ("CAST('infinity' AS TIMESTAMP)", "years 2 to 9998"),
        ("DATE '20000-01-01'", "years 2 to 9998"),
        ("INTERVAL 1 DAY", "cast it to VARCHAR"),
        ('CAST(\'{"a": 1, "a": 2}\' AS JSON)', "occurs twice"),
        ("CAST('1e400' AS JSON)", "column 'n'"),
        ("CAST('x' AS BIGINT)", "Could not convert"),
        ("(SELECT x FROM unnest([1, 2]) t(x))", "More than one row"),
    ],
)
def test_a_value_that_is_no_json_or_fails_is_an_error_that_says_why(
    expression: str, reason: str, verifier: Sandbox
) -> None:
    text = f"SELECT {expression} AS n FROM items"
    with pytest.raises(ExpressionError, match=reason) as caught:
        run_sql(text, TABLES, {})
    assert caught.value.code == "sql.failed"
    with pytest.raises(EvaluationError):
        verifier.rows(text, TABLES, {})


@pytest.mark.parametrize("text", ["SELECT 1 AS a, 2 AS A", "SELECT * FROM items a JOIN items b USING (id)"])
def test_columns_of_one_name_are_an_error(text: str) -> None:
    assert code_of(text) == "sql.failed"
