"""The rows of a statement: a function of the tables, whatever the order, the process or the reader (ADR 12)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pcq_verify.sandbox import EvaluationError, Sandbox
from runbooks.canonical import dumps
from runbooks.errors import ExpressionError
from runbooks.evaluator.sql_functions import ALLOWED_FUNCTIONS
from runbooks.sql import run_sql, sql_engine

from services.runbooks.tests.sql.corpus import STATEMENTS, make_tables

ROOT = Path(__file__).parents[4]
COLUMNS = {
    "items": dict.fromkeys(("id", "kind", "day"), "VARCHAR") | {"size": "DOUBLE", "level": "BIGINT", "tags": "JSON"},
    "links": {"source": "VARCHAR", "target": "VARCHAR"},
}

ALL_ROWS = """
import sys
from random import Random
from runbooks.canonical import dumps
from runbooks.sql import run_sql
from services.runbooks.tests.sql.corpus import STATEMENTS, make_tables
tables = make_tables(Random(7), 300)
sys.stdout.buffer.write(dumps([run_sql(text, tables, {}) for text in STATEMENTS]))
"""


@pytest.fixture(scope="module")
def verifier() -> Iterator[Sandbox]:
    with Sandbox(sql_engine=sql_engine(), budget=3600) as sandbox:
        yield sandbox


def same(verifier: Sandbox, text: str, inputs: Any, columns: Any) -> bytes | None:
    """The rows by service and verifier alike; None when both say that there are none."""
    try:
        ours = dumps(run_sql(text, inputs, columns))
    except ExpressionError:
        ours = None
    try:
        theirs = dumps(verifier.rows(text, inputs, columns))
    except EvaluationError:
        theirs = None
    assert ours == theirs, text
    return ours


def shuffled(tables: dict[str, list[Any]], random: Random) -> dict[str, list[Any]]:
    return {name: random.sample(rows, len(rows)) for name, rows in tables.items()}


@pytest.mark.parametrize("text", STATEMENTS)
def test_rows_do_not_depend_on_the_order_of_the_tables_and_the_verifier_has_the_same(
    text: str, verifier: Sandbox
) -> None:
    random = Random(20260301)
    for size in (0, 1, 40, 2_500):
        tables = make_tables(random, size)
        rows = same(verifier, text, tables, COLUMNS)
        assert rows is not None
        assert same(verifier, text, shuffled(tables, random), COLUMNS) == rows


def test_another_process_gives_the_same_bytes() -> None:
    answers = set()
    for seed in ("1", "2"):
        ended = subprocess.run(
            [sys.executable, "-c", ALL_ROWS],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": f"Etc/GMT+{seed}", "LC_ALL": "C"},
            capture_output=True,
            check=True,
            timeout=120,
        )
        answers.add(ended.stdout)
    tables = make_tables(Random(7), 300)
    assert answers == {dumps([run_sql(text, tables, {}) for text in STATEMENTS])}


def test_the_functions_are_those_of_the_specification_and_the_engine_calls_none_of_them_volatile() -> None:
    import duckdb

    published = (ROOT / "spec" / "sql-functions.txt").read_text().split()
    assert published == sorted(set(published))
    assert frozenset(published) == ALLOWED_FUNCTIONS
    with duckdb.connect() as database:
        known = database.execute("SELECT function_name, stability FROM duckdb_functions()").fetchall()
        views = database.execute("SELECT view_name, schema_name FROM duckdb_views() WHERE internal").fetchall()
    assert {name for name, _ in known} >= ALLOWED_FUNCTIONS
    assert not {name for name, stability in known if stability == "VOLATILE"} & ALLOWED_FUNCTIONS
    # Views that a name without a schema finds: no query of WITH may have such a name.
    seen = [name for name, schema in views if schema != "information_schema"]
    assert len(seen) > 20
    assert all(name.startswith(("duckdb_", "pg_", "pragma_", "sqlite_")) for name in seen)


# Names and texts as hostile as JSON allows.
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6) | st.sampled_from(
    ["a", "A", "ä", "Ä", '"', "'; --", "rowid", "select", "$1", "😀", "x.y", "\x7f", "user"]
)
whole = st.integers(-(2**53) + 1, 2**53 - 1)
reals = st.floats(-(2.0**53) + 1, 2.0**53 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values = st.one_of(
    st.none(),
    st.booleans(),
    whole,
    reals,
    texts,
    st.lists(whole | texts, max_size=2),
    st.dictionaries(names, reals, max_size=2),
)
columns = st.sampled_from([st.none() | st.booleans(), st.none() | whole, whole | reals, st.none() | texts, values])


@st.composite
def tables(draw: st.DrawFn) -> list[dict[str, Any]]:
    kinds = draw(st.dictionaries(names, columns, min_size=1, max_size=5))
    row = st.fixed_dictionaries({}, optional=kinds)
    return draw(st.lists(row, max_size=6))


def is_tabular(rows: list[dict[str, Any]]) -> bool:
    found = {name for row in rows for name in row}
    folded = {"".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in name) for name in found}
    return bool(found) and len(folded) == len(found) and not any("\0" in name for name in found)


@settings(deadline=None, max_examples=150)
@given(tables())
def test_all_of_a_table_is_the_table_with_nulls_where_nothing_was(
    verifier: Sandbox, rows: list[dict[str, Any]]
) -> None:
    found = same(verifier, "SELECT * FROM input", rows, {})
    if not is_tabular(rows):
        assert found is None
        return
    all_names = {name for row in rows for name in row}
    whole_rows = [{name: row.get(name) for name in all_names} for row in rows]
    assert found == dumps(sorted(whole_rows, key=dumps))
    counted = run_sql("SELECT count(*) AS n FROM input", rows, {})
    assert counted == [{"n": len(rows)}]


def test_rows_can_be_told_in_the_order_of_the_inputs() -> None:
    assert run_sql("SELECT n FROM input ORDER BY rowid", [{"n": 3}, {"n": 1}, {"n": 2}], {}) == [
        {"n": 3},
        {"n": 1},
        {"n": 2},
    ]
