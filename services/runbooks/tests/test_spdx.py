"""SPDX licence expressions are read, not compared: what is one, and what is not and why."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runbooks.registries import registry_problems
from runbooks.spdx import spdx_fault

from services.runbooks.tests.example import LICENCE


@pytest.mark.parametrize(
    "text",
    [
        "CC-BY-4.0",
        "Apache-2.0 OR MIT",
        "(MIT AND BSD-3-Clause) OR ISC",
        "(((CC0-1.0)))",
        "(" * 5000 + "MIT" + ")" * 5000,
        "GPL-2.0-only WITH Classpath-exception-2.0",
        "(GPL-2.0+ WITH Bison-exception-2.2)AND(MIT)",
        "EUPL-1.2+ OR\n\tMIT",
        "LicenseRef-attack-terms",
        "DocumentRef-contract:LicenseRef-2026.1 AND MIT",
    ],
    ids=lambda text: text[:40],
)
def test_identifiers_joined_by_operators_are_an_expression(text: str) -> None:
    assert spdx_fault(text) is None
    assert registry_problems("licences", {"licences": [{**LICENCE, "spdx": text}]}) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "an identifier, got nothing"),
        ("  ", "an identifier, got nothing"),
        ("MIT AND", "an identifier, got nothing"),
        ("OR MIT", "an identifier, got OR"),
        ("MIT OR OR ISC", "an identifier, got OR"),
        ("()", "an identifier, got )"),
        ("MIT AND ()", "an identifier, got )"),
        ("NOT MIT", "AND or OR, got MIT"),
        ("MIT Apache-2.0", "AND or OR, got Apache-2.0"),
        ("MIT or Apache-2.0", "AND or OR, got or"),
        ("MIT (ISC)", "AND or OR, got ("),
        ("(MIT) WITH Classpath-exception-2.0", "AND or OR, got WITH"),
        ("MIT WITH a WITH b", "AND or OR, got WITH"),
        ("MIT WITH", "an exception after WITH, got nothing"),
        ("MIT WITH (a)", "an exception after WITH, got ("),
        ("MIT WITH AND", "an exception after WITH, got AND"),
        ("MIT WITH a+", "an exception after WITH, got a+"),
        ("(MIT", "a parenthesis has no other"),
        ("MIT)", "a parenthesis has no other"),
        ("MIT) OR (ISC", "a parenthesis has no other"),
        ("MIT, ISC", "an identifier, got MIT,"),
        ("MIT|ISC", "an identifier, got MIT|ISC"),
        ("LicenseRef-é", "an identifier, got LicenseRef-é"),
        ("LicenseRef-", "an identifier, got LicenseRef-"),
        ("LicenseRef-a+", "an identifier, got LicenseRef-a+"),
        ("DocumentRef-a:MIT", "an identifier, got DocumentRef-a:MIT"),
        ("NONE", "an identifier, got NONE"),
        ("MIT\x00", "an identifier, got MIT\x00"),
        ("https://spdx.org/licenses/MIT", "an identifier, got https://spdx.org/licenses/MIT"),
    ],
)
def test_another_text_is_none_and_the_registry_says_where_and_why(text: str, why: str) -> None:
    assert why in (spdx_fault(text) or "")
    [problem] = registry_problems("licences", {"licences": [{**LICENCE, "spdx": text}]})
    assert (problem.code, problem.pointer) == ("registry.shape", "/licences/0/spdx")
    assert "is no SPDX licence expression" in problem.message
    assert why in problem.message


expressions = st.recursive(
    st.sampled_from(["MIT", "ISC+", "LicenseRef-a", "GPL-2.0-only WITH Classpath-exception-2.0"]),
    lambda inner: st.one_of(
        inner.map("({})".format), st.builds("{} {} {}".format, inner, st.sampled_from(["AND", "OR"]), inner)
    ),
)
# Without parentheses: between others, `a) OR (b` would become an expression.
odd = st.one_of(
    st.lists(st.sampled_from(["MIT", "AND", "OR", "WITH", "x+", "+"]), max_size=9).map(" ".join),
    st.text(st.characters(exclude_characters="()"), max_size=20),
)


@settings(max_examples=500, deadline=None)
@given(expressions, odd)
def test_what_is_joined_of_expressions_is_one_and_of_another_text_is_none(good: str, text: str) -> None:
    assert spdx_fault(good) is None
    is_one = spdx_fault(text) is None
    assert (spdx_fault(f"({text})") is None) == is_one
    assert (spdx_fault(f"({text}) OR ({good})") is None) == is_one
    assert (spdx_fault(f"{good} AND ({text})") is None) == is_one
