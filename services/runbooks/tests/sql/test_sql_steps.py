"""Steps with SQL from their definition to a manifest that verifies (spec/execution.md, 3.1)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pcq_verify import verify
from runbooks.canonical import dumps
from runbooks.errors import DefinitionError
from runbooks.lint import load_definition
from runbooks.schema import shape_problems
from runbooks.sql import sql_engine

from services.runbooks.tests.simulator import GraphSimulator, World, define, runbook, step

FIND = "MATCH (e) RETURN e.kind AS kind, e.size AS size"
ROWS = [{"kind": "a", "size": 2}, {"kind": "b", "size": 0.5}, {"kind": "a", "size": 1}]
BY_KIND = "SELECT kind, sum(size) AS size FROM input GROUP BY kind ORDER BY size DESC"


def example() -> Any:
    return define(
        step("find", "query", cypher=FIND),
        step("group", "aggregate", sql=BY_KIND),
        step(
            "join",
            "transform",
            dependsOn=["find", "group"],
            inputs={"rows": "steps.find", "sums": "steps.group"},
            sql='SELECT r.kind, r.size / s.size AS share FROM "rows" r JOIN sums s ON s.kind = r.kind',
        ),
    )


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, graph=GraphSimulator({FIND: [ROWS]}))


async def test_an_execution_with_sql_verifies_names_its_engine_and_replays(world: World) -> None:
    runner = world.runner()
    execution = await runner.execute(example(), {}, executed_by="ann")
    assert execution.started is not None
    assert execution.outcome == "completed"
    name = execution.started.execution_id
    value = runner.manifest(name).build()
    manifest = dumps(value)
    assert value["context"]["engines"]["sql"] == sql_engine() == "duckdb 2.0.1"
    outputs = {item["stepId"]: item["attestation"]["outputs"] for item in value["steps"]}
    assert outputs["group"] == [{"kind": "a", "size": 3}, {"kind": "b", "size": 0.5}]
    shares = [("a", 1 / 3), ("a", 2 / 3), ("b", 1)]
    assert outputs["join"] == [{"kind": kind, "share": share} for kind, share in shares]
    report = verify(manifest, world.trust())
    assert report.exit_code == 0, report.reason
    replayed = await runner.replay(name)
    assert replayed.is_identical


async def test_a_context_names_no_engine_for_sql_where_there_is_none(world: World) -> None:
    definition = define(step("find", "query", cypher=FIND))
    execution = await world.runner().execute(definition, {}, executed_by="ann")
    assert execution.started is not None
    assert set(execution.started.context["engines"]) == {"expressions", "policies"}


async def test_a_statement_that_fails_fails_its_step(world: World) -> None:
    definition = define(step("find", "query", cypher=FIND), step("s", "transform", sql="SELECT nothing FROM input"))
    runner = world.runner()
    execution = await runner.execute(definition, {}, executed_by="ann")
    assert execution.started is not None
    assert execution.outcome == "failed"
    [error] = [e for e in _errors(runner.manifest(execution.started.execution_id).build(record_of_block=True)) if e]
    assert error["code"] == "sql.failed"
    assert "nothing" in error["message"]


def _errors(manifest: dict[str, Any]) -> list[Any]:
    return [attempt["error"] for item in manifest["steps"] for attempt in item["observed"]["attempts"]]


@pytest.mark.parametrize(
    ("kind", "members", "message"),
    [
        ("transform", {}, "expected exactly one of: expression; sql; got none of them"),
        ("transform", {"sql": "SELECT 1", "expression": "1"}, "expected exactly one of: expression; sql; got expr"),
        ("transform", {"columns": {}, "expression": "1"}, "expected exactly one of: expression; sql; got columns, "),
        ("aggregate", {"sql": "SELECT 1", "groupBy": "a"}, "exactly one of: groupBy and measures; sql; got groupBy"),
        ("aggregate", {"groupBy": "a"}, "expected exactly one of: groupBy and measures; sql; got groupBy"),
        ("aggregate", {"sql": "SELECT 1", "columns": {"t": {"a": "INTEGER"}}}, '"INTEGER" is not one of'),
        ("transform", {"sql": ""}, "shorter than 1 character"),
        ("query", {"sql": "SELECT 1", "cypher": "x"}, "Additional properties"),
    ],
)
def test_a_step_goes_one_way_and_one_that_does_not_is_told_so(kind: str, members: dict[str, Any], message: str) -> None:
    problems = shape_problems(runbook(step("s", kind, **members)))
    assert len(problems) == 1
    assert message in problems[0].message
    assert problems[0].code == "definition.shape"


def test_a_statement_of_the_wrong_kind_is_told_by_lint_with_every_other_fault() -> None:
    wrong = runbook(step("a", "transform", sql="DROP TABLE x"), step("b", "transform", expression="$now()"))
    with pytest.raises(DefinitionError) as caught:
        load_definition(dumps(wrong))
    assert {(item.code, item.pointer) for item in caught.value.problems} == {
        ("sql.refused", "/steps/0/sql"),
        ("expression.refused", "/steps/1/expression"),
    }


def test_the_command_line_and_a_definition_with_sql_load_no_engine() -> None:
    program = (
        "import sys, runbooks.cli\n"
        "from runbooks.sql import check_sql, run_sql\n"
        "check_sql('SELECT 1 AS n')\n"
        "assert run_sql('SELECT 1 AS n', {}, {}) == [{'n': 1}]\n"
        "assert 'duckdb' not in sys.modules, 'loaded'\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stderr
