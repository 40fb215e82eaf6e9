"""Exports: JSON, tables and artifacts, to the byte, and as the verifier computes them."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pcq_verify import Expectations, verify
from pcq_verify.exports import Artifact, NoExportError, exported
from runbooks.canonical import digest, dumps
from runbooks.effects import WriteArtifact, WriteExport
from runbooks.errors import DefinitionError, EvidenceError
from runbooks.execution import Execution
from runbooks.steps import STEP_KINDS
from runbooks.steps.csv_rows import csv_bytes

from services.runbooks.tests.simulator import World, define, step

HEAD = b"%PDF-1.7 not a real one"
ARTIFACT = {"file": "x.pdf", "mediaType": "application/pdf", "digest": digest(HEAD), "size": len(HEAD), "engine": "e"}


def test_a_table_has_sorted_columns_crlf_and_quotes_where_they_are_needed() -> None:
    rows = [{"b": 1.5, "a": "x,y"}, {"a": 'say "hi"', "é": True}, {"a": "two\nlines", "b": None}]
    assert csv_bytes(rows, None).decode() == (
        'a,b,é\r\n"x,y",1.5,\r\n"say ""hi""",,true\r\n"two\nlines",,\r\n'
    )  # fmt: skip
    assert csv_bytes(rows, ["b", "none"]) == b"b,none\r\n1.5,\r\n,\r\n,\r\n"
    assert csv_bytes([{"a": ""}], None) == b'a\r\n""\r\n'
    assert csv_bytes([], None) == b""
    assert csv_bytes([], ["a"]) == b"a\r\n"


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "＋1",
    "－1",
    "＠a",
    "﹦1",
    "﹢1",
    "﹣1",
    "﹫a",
    "=cmd|' /C calc'!A0",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_compute_stays_text(text: str) -> None:
    table = csv_bytes([{text: text, "n": -1}], None).decode()
    [head, row] = csv.reader(io.StringIO(table, newline=""))
    cells = dict(zip(head, row, strict=True))
    assert cells == {"'" + text: "'" + text, "n": "-1"}, "a number is no text"


SCALARS = st.one_of(
    st.text(max_size=8),
    st.sampled_from([*FORMULAS, ",", '"', "\r\n", " x "]),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15),
    st.booleans(),
    st.none(),
)
ROWS = st.lists(st.dictionaries(st.text(max_size=3), SCALARS, max_size=4), max_size=5)


@given(ROWS, st.none() | st.lists(st.text(max_size=3), min_size=1, max_size=3, unique=True))
def test_the_verifier_writes_the_same_table_and_a_reader_finds_every_cell(
    rows: list[dict[str, Any]], columns: list[str] | None
) -> None:
    data = csv_bytes(rows, columns)
    told = exported({"file": "f", "format": "csv", **({"columns": columns} if columns else {})}, rows)
    assert told == {"file": "f", "mediaType": "text/csv", "digest": digest(data), "size": len(data)}
    lines = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert len(lines) == (len(rows) + 1 if data else 0)
    assert {len(line) for line in lines} <= {len(columns or {name for row in rows for name in row})}


BAD = [{"a": 1}, [[1]], [1], "text", None, [{"a": [1]}], [{"a": {}}], [{"a": 1}, None]]


@pytest.mark.parametrize("inputs", BAD, ids=str)
def test_what_is_no_flat_row_is_refused_by_both(inputs: Any) -> None:
    with pytest.raises(EvidenceError) as caught:
        csv_bytes(inputs, None)
    assert caught.value.code == "export.rows"
    with pytest.raises(NoExportError):
        exported({"file": "f", "format": "csv"}, inputs)


NO_ARTIFACT: list[Any] = [
    {},
    [],
    None,
    {**ARTIFACT, "digest": "sha256:../../../../etc/passwd"},
    {**ARTIFACT, "digest": ARTIFACT["digest"][:-1]},
    {**ARTIFACT, "size": "1"},
    {**ARTIFACT, "size": True},
    {**ARTIFACT, "size": -1},
    {**ARTIFACT, "mediaType": None},
]


@pytest.mark.parametrize("inputs", NO_ARTIFACT, ids=str)
def test_what_is_no_artifact_is_refused_by_both(inputs: Any) -> None:
    [item] = define(step("e", "export", file="f", format="artifact")).steps
    with pytest.raises(EvidenceError) as caught:
        STEP_KINDS["export"].action(item, inputs, {})
    assert caught.value.code == "artifact.invalid"
    with pytest.raises(NoExportError):
        exported({"file": "f", "format": "artifact"}, inputs)


def test_an_export_asks_for_what_its_format_says() -> None:
    def action(inputs: Any, **members: Any) -> Any:
        [item] = define(step("e", "export", file="f", **members)).steps
        return STEP_KINDS["export"].action(item, inputs, {})

    assert action({"a": 1}) == WriteExport("f", {"a": 1})
    assert action([], format="csv", columns=["a"]) == WriteExport("f", [], "csv", ["a"])
    assert action(ARTIFACT, format="artifact") == WriteArtifact("f", digest(HEAD), len(HEAD))


@pytest.mark.parametrize("members", [{}, {"format": "json"}, {"format": "artifact"}])
def test_columns_of_what_has_none_are_refused_with_their_place(members: dict[str, str]) -> None:
    with pytest.raises(DefinitionError) as refused:
        define(step("s", "transform", expression="1"), step("e", "export", file="f", columns=["a"], **members))
    [problem] = refused.value.problems
    assert (problem.code, problem.pointer) == ("definition.misfit", "/steps/1/columns")


async def run(world: World, inputs: Any, **members: Any) -> Execution:
    world.graph.script.replies["rows"] = [inputs if isinstance(inputs, list) else [inputs]]
    whole = "steps.q" if isinstance(inputs, list) else "steps.q[0]"
    definition = define(step("q", "query", cypher="rows"), step("e", "export", file="out.bin", inputs=whole, **members))
    return await world.runner().execute(definition, {}, executed_by="ann")


async def test_a_table_and_an_artifact_are_written_and_named_by_the_proof(world: World) -> None:
    ports = world.ports()
    ports.artifacts.put(HEAD)
    for inputs, members, data in (
        ([{"n": 1, "name": "=x"}], {"format": "csv"}, b"n,name\r\n1,'=x\r\n"),
        (ARTIFACT, {"format": "artifact"}, HEAD),
        ({"b": 1, "a": 2}, {}, b'{"a":2,"b":1}'),
    ):
        execution = await run(world, inputs, **members)
        assert execution.outcome == "completed"
        outputs = execution.steps["e"].outputs
        assert (outputs["digest"], outputs["size"]) == (digest(data), len(data))
        assert execution.started is not None
        [path] = (world.home / "exports" / execution.started.execution_id).iterdir()
        assert path.read_bytes() == data
        manifest = dumps(world.runner().manifest(execution.started.execution_id).build())
        for asked, code in ((data, 0), (data + b" ", 3)):
            wanted = Expectations(artifacts=(Artifact("a", digest(asked), len(asked)),))
            report = verify(manifest, world.trust(), expectations=wanted)
            assert report.exit_code == code, report.reason
            named = ("a is the file out.bin that the step e exported",)
            assert report.artifacts == (() if code else named)
        assert (await world.runner().replay(execution.started.execution_id)).is_identical


FAILING: dict[str, tuple[Any, str, str]] = {
    "a list in a cell": ([{"a": [1]}], "csv", "export.rows"),
    "bytes that were recorded and are no artifact": (ARTIFACT, "artifact", "blob.read"),
    "no artifact": ({"a": 1}, "artifact", "artifact.invalid"),
}


@pytest.mark.parametrize(("inputs", "form", "code"), FAILING.values(), ids=FAILING)
async def test_an_export_that_cannot_be_fails_and_writes_nothing(
    world: World, inputs: Any, form: str, code: str
) -> None:
    world.ports().blobs.put(HEAD)
    execution = await run(world, inputs, format=form)
    assert (execution.outcome, world.exported()) == ("failed", [])
    assert execution.steps["e"].attempts[-1]["error"]["code"] == code


async def test_an_artifact_of_another_size_or_a_damaged_one_is_not_written(world: World) -> None:
    world.ports().artifacts.put(HEAD)
    execution = await run(world, {**ARTIFACT, "size": len(HEAD) + 1}, format="artifact")
    assert (execution.outcome, world.exported()) == ("failed", [])
    [path] = [path for path in (world.home / "artifacts").rglob("*") if path.name == ARTIFACT["digest"][7:]]
    path.write_bytes(HEAD[:-1] + b"X")
    execution = await run(world, ARTIFACT, format="artifact")
    assert (execution.outcome, world.exported()) == ("failed", [])
    assert execution.steps["e"].attempts[-1]["error"]["code"] == "blob.damaged"
