"""Steps with SQL are recomputed where the engine is, and never judged where it is not (spec/execution.md, 3.1)."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from corpus import sql_cases
from keyring import jcs, trust
from pcq_verify import verify
from pcq_verify.report import Fault
from pcq_verify.sandbox import EvaluationError, MissingEngineError, Sandbox
from pcq_verify.sql_tree import FUNCTIONS, RefusedError, Tree

ROOT = Path(__file__).resolve().parents[3]
ENGINE = "duckdb 2.0.1"


def rows(text: str, inputs: Any = None, columns: Any = None) -> Any:
    with Sandbox(sql_engine=ENGINE) as sandbox:
        return sandbox.rows(text, inputs or {}, columns or {})


def test_the_functions_are_those_of_the_specification() -> None:
    published = (ROOT / "spec" / "sql-functions.txt").read_text().split()
    assert published == sorted(set(published))
    assert frozenset(published) == FUNCTIONS


@pytest.mark.parametrize(
    "text",
    [
        "SELECT count(*) AS n FROM range(1000000000000)",
        "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT count(*) AS n FROM x",
        "SELECT repeat('a', 4000000000) AS n",
        "SELECT list(r ORDER BY r) AS n FROM range(500000000) t(r)",
        "SELECT " + "(" * 5000 + "1" + ")" * 5000 + " AS n",
    ],
)
def test_a_statement_that_takes_too_much_ends_and_the_next_one_is_answered(text: str) -> None:
    started = time.monotonic()
    with Sandbox(sql_engine=ENGINE) as sandbox:
        with pytest.raises(EvaluationError):
            sandbox.rows(text, {}, {})
        assert time.monotonic() - started < 15
        assert sandbox.rows("SELECT 1 AS n", {}, {}) == [{"n": 1}]


def test_a_statement_sees_no_file_no_environment_and_no_variable_of_python(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("n\n1\n")
    for text in (
        f"FROM '{path}'",
        f"FROM read_csv('{path}')",
        "SELECT getenv('PATH') AS n",
        "FROM tables",
        "FROM text",
    ):
        with pytest.raises(EvaluationError):
            rows(text)


@pytest.mark.parametrize(("named", "reason"), [("duckdb 1.0.0", "made with duckdb 1.0.0"), (None, "names no engine")])
def test_another_engine_than_the_context_s_is_not_asked(named: str | None, reason: str) -> None:
    with Sandbox(sql_engine=named) as sandbox, pytest.raises(MissingEngineError, match=reason):
        sandbox.rows("SELECT 1 AS n", {}, {})


def test_a_tree_that_says_what_no_text_says_is_refused() -> None:
    for node in ({"type": "SHOW_REF"}, {"class": "NEW", "type": "NEW"}):
        with pytest.raises(RefusedError):
            Tree({"statements": [{"node": node}]}).check(set())
    deep: Any = {}
    for _ in range(600):
        deep = [deep]
    with pytest.raises(RefusedError, match="levels"):
        Tree({"statements": [{"node": deep}]})


@pytest.mark.parametrize(("outputs", "exit_code"), [([{"n": 3}], 5), ([{"n": 4}], 5)])
def test_without_the_extra_nothing_is_said_about_such_a_step(tmp_path: Path, outputs: Any, exit_code: int) -> None:
    """Hides the engine: only what pcq-verify needs without its extra is there."""
    manifest, keys = tmp_path / "m.pcq", tmp_path / "trust.json"
    manifest.write_bytes(jcs(sql_cases.made("SELECT sum(n) AS n FROM input", [{"n": 1}, {"n": 2}], outputs)))
    keys.write_bytes(jcs(trust()))
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "duckdb.py").write_text("raise ImportError('hidden')\n")
    program = (
        f"import sys\nsys.path.insert(0, {str(packages)!r})\nfrom pcq_verify.cli import main\n"
        f"sys.exit(main([{str(manifest)!r}, '--trust', {str(keys)!r}, '--json']))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=60)
    assert ended.returncode == exit_code, ended.stderr
    report = json.loads(ended.stdout)
    assert report["reason"] == "outputs: step rows, outputs: not recomputed: install pcq-verify[sql]"
    assert not [item for check in report["checks"] if check["check"] != "outputs" for item in check["findings"]]


def test_a_forged_row_is_found_with_the_extra() -> None:
    made = sql_cases.made("SELECT sum(n) AS n FROM input", [{"n": 1}, {"n": 2}], [{"n": 4}])
    report = verify(jcs(made), jcs(trust()))
    assert report.exit_code == Fault.NOT_REPRODUCED
    assert 'expected [{"n":3}] when recomputed, got [{"n":4}]' in report.reason
