"""What an expression may take: plain ones stay in the process, and no other can take the process with it (ADR 10)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from runbooks.canonical import dumps
from runbooks.errors import ExpressionError
from runbooks.evaluator import evaluate_here, evaluate_in_child, is_plain
from runbooks.expressions import evaluate

from services.runbooks.tests.simulator import World, define, step

AMPLIFYING = {
    "padding": '$pad("a", 9007199254740991)',
    "doubling a text": "($a := 'aaaaaaaaaaaaaaaa';" + "$a := $a & $a;" * 40 + "$length($a))",
    "replacing": "($a := 'aaaaaaaaaaaaaaaa';" + "$a := $replace($a, 'a', $a);" * 4 + "$length($a))",
    "joining": "$length($join([1..1000000].$string($), '" + "x" * 10_000 + "'))",
    "Roman numerals": "$formatInteger(9007199254740991, 'I')",
    "an object of objects": "($a := {'x': 1};" + "$a := {'l': $a, 'r': $a};" * 40 + "$count($a.**))",
    "a value of a gigabyte": "($a := 'aaaaaaaa';" + "$a := [$a, $a];" * 26 + "$a)",
    "comparing each with each": "$count($distinct([1..1000000]))",
    "a chain that is too long to let go": "($f := function($s) {$f({'a': $s, 'b': $s})}; $f('a'))",
    "dividing by a picture": "$fromMillis(0, '[Y1,999999999]')",
}


@pytest.mark.parametrize("text", AMPLIFYING.values(), ids=AMPLIFYING)
def test_an_expression_that_takes_too_much_is_an_error_and_the_next_one_is_answered(text: str) -> None:
    assert not is_plain(text)
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, {})
    assert caught.value.code in ("expression.limit", "expression.failed")
    assert evaluate("($x := a; $x & '!')", {"a": "still here"}) == "still here!"


def test_an_allocation_that_fails_is_a_limit_with_what_to_do() -> None:
    with pytest.raises(ExpressionError, match="make it do less") as caught:
        evaluate(AMPLIFYING["joining"], {})
    assert caught.value.code == "expression.limit"


async def test_a_step_with_such_an_expression_fails_and_the_execution_ends(world: World) -> None:
    definition = define(step("s", "transform", expression=AMPLIFYING["joining"]))
    execution = await world.runner().execute(definition, {}, executed_by="ann")
    assert execution.outcome == "failed"


PLAIN = [
    "$",
    "a.b[1]",
    "steps.`fetch data`.rows",
    "complete / total >= 0.95",
    "filled / fields",
    "$sum(rows.price) * 1.5e3",
    "rows[price > 10 and kind = 'a'].name",
    "kind in ['a', 'b']",
    "{'n': $count($), 'least': $min(price), 'most': $max(price)}",
    "first & ' ' & last",
    "$exists(a) ? a : 'none'",
    "rows{kind: $sum(price)}",
    "a / b / c",
    "$round(a[0] / (b + 1), 2)",
    "*.name",
    "-1",
]
NOT_PLAIN = [
    "$x",
    "$$",
    "($x := 1; $x)",
    "λ($x){$x}",
    "function($x){$x}",
    "[1..3]",
    "a.**",
    "a.%",
    "a ~> $sum",
    "a^(b)",
    "a@$b.c",
    "a#$b",
    "|$|{}|",
    "/* $pad */ a",
    "$contains(a, /x/)",
    "a and /\"/ & $pad('a', 9) & \"",
    "'\\'' & $pad('a', 9) & '\\''",
    "$string(a)",
    "$keys(rows)",
    "$pad('a', 2)",
    "[a, a].[b, b]",
    "{'a': b}.a",
    "(a & a).b",
    "[a, a][0]",
    "a[[0, 0]][[0, 0]]",
    "a{b: c}{d: e}",
    "[a, a](1)",
    "a & b & c & d & e",
    "[" + "a, " * 13 + "a]",
    "a" * 257,
    "größe",
    "a \0 b",
]


@pytest.mark.parametrize("text", PLAIN)
def test_what_makes_nothing_much_longer_is_plain(text: str) -> None:
    assert is_plain(text)


@pytest.mark.parametrize("text", NOT_PLAIN)
def test_what_is_not_known_to_be_plain_is_not(text: str) -> None:
    assert not is_plain(text)


names = st.sampled_from(["a", "b", "$", "*", "1", "0", "-2", "0.5", "9007199254740991", "'s'", "`a`", "null", "true"])
operators = st.sampled_from(["+", "-", "*", "/", " and ", " or ", " in ", "=", "!=", "<", ">=", "&", "."])
functions = st.sampled_from(["$sum", "$count", "$length", "$uppercase", "$max", "$number", "$substring", "$lookup"])
texts = st.recursive(
    names,
    lambda inner: st.one_of(
        st.tuples(inner, operators, inner).map("".join),
        st.tuples(functions, st.lists(inner, max_size=3).map(",".join)).map(lambda parts: f"{parts[0]}({parts[1]})"),
        st.lists(inner, max_size=4).map(lambda items: f"[{','.join(items)}]"),
        st.tuples(inner, inner).map(lambda pair: f"{{{pair[0]}:{pair[1]}}}"),
        st.tuples(inner, inner).map(lambda pair: f"{pair[0]}[{pair[1]}]"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]}?{parts[1]}:{parts[2]})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"{parts[0]}{{{parts[1]}:{parts[2]}}}"),
    ),
    max_leaves=12,
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.sampled_from([0.5, 1e15, "", "s", "ß\0\\", "x" * 40])),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=12,
)


def outcome(evaluated: Any, text: str, data: Any) -> tuple[str, Any]:
    try:
        return "value", dumps(evaluated(text, data))
    except ExpressionError as error:
        return error.code, str(error)


@settings(max_examples=400, deadline=None)
@given(texts, values)
def test_a_plain_expression_gives_the_same_in_the_child_and_little_more_than_it_was_given(text: str, data: Any) -> None:
    assume(is_plain(text))
    here, found = outcome(evaluate_here, text, data)
    assert (here, found) == outcome(evaluate_in_child, text, data)
    if here == "value":
        # A control character takes one character and six in JSON, and a text in a text has its quotes escaped.
        assert len(found) <= 13 * 7 * (len(dumps(data)) + len(text))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("($x := 1; $x / 0)", "expression.not_finite"),
        ("($x := 1; $x + 'a')", "expression.failed"),
        ("($x := 1; $error('no'))", "expression.failed"),
        ("($x := 1", "expression.syntax"),
        ("($x := $random; $x())", "expression.refused"),
        ("($x := 1;" + "$x := {'a': $x};" * 60 + "$x)", "expression.too_deep"),
        ("($f := function() {$f()}; $f())", "expression.failed"),
    ],
)
def test_an_error_in_the_child_has_the_code_that_it_has_here(text: str, code: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluate(text, {})
    assert caught.value.code == code


def test_the_order_of_members_and_every_number_come_through() -> None:
    data = {"b": 1, "a": [2.5, 9007199254740991, -0.0, 1e-300], "ß": "\u2028"}
    value = evaluate("($x := $; $x)", data)
    assert (repr(value), list(value)) == (repr(data), list(data))


_ALONE = (
    "import os, pathlib, signal; from runbooks.expressions import evaluate; evaluate('($x := 1; $x)', None);"
    "print(pathlib.Path(f'/proc/self/task/{os.getpid()}/children').read_text().strip(), flush=True);"
    "os.kill(os.getpid(), signal.SIGKILL)"
)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_a_killed_service_leaves_no_child_behind() -> None:
    ended = subprocess.run([sys.executable, "-c", _ALONE], capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL
    child = Path("/proc", ended.stdout.strip())
    deadline = time.monotonic() + 30
    while child.exists() and "Z" not in (child / "stat").read_text().rpartition(")")[2].split()[:1]:
        assert time.monotonic() < deadline, "the child is still there"
        os.sched_yield()
