"""The step `report`: sources by digest, an artifact in the blob store, and a replay that sets it again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pcq_verify import Expectations, verify
from pcq_verify.exports import Artifact
from runbooks.adapters.reports import TypstReports
from runbooks.canonical import digest, digest_of, dumps
from runbooks.effects import RenderReport
from runbooks.errors import DefinitionError, EvidenceError
from runbooks.execution import Execution
from runbooks.performer import Ports
from runbooks.steps import STEP_KINDS

from services.runbooks.tests.reports.setting import letters_of
from services.runbooks.tests.simulator import World, define, step

TEMPLATE = b"""#let data = json(bytes(sys.inputs.data))
#set document(title: "A report")
#set text(lang: "en")
= Report of #data.execution.contextHash
#for claim in data.claims [#claim.text #claim.numbers.map(str).join(",");]
#for source in data.sources [#source.number #source.digest]
"""
ROWS = [{"id": "a", "n": 3}, {"id": "b", "n": 1}]


def cites(*pointers: str) -> list[dict[str, str]]:
    return [{"stepId": "q", "pointer": pointer} for pointer in pointers]


CLAIMS = [
    {"claimId": "one", "text": "first", "citations": cites("/1", "/0", "/0")},
    {"claimId": "two", "text": "second", "citations": cites("/0/n", "")},
]


def action(inputs: Any) -> RenderReport:
    [item] = define(step("r", "report", template="t", file="r.pdf")).steps
    found = STEP_KINDS["report"].action(item, inputs, {})
    assert isinstance(found, RenderReport)
    return found


def test_sources_are_distinct_and_numbered_by_their_digests() -> None:
    data = action({"claims": CLAIMS, "evidence": {"q": ROWS}, "x": 1}).data
    values: list[Any] = [ROWS[1], ROWS[0], 3, ROWS]
    expected = sorted(map(digest_of, values))
    assert [(source["number"], source["digest"]) for source in data["sources"]] == list(enumerate(expected, 1))
    assert {digest_of(source["value"]) for source in data["sources"]} == set(expected)
    numbers = {digest_: number for number, digest_ in enumerate(expected, 1)}
    assert data["claims"][0]["numbers"] == sorted([numbers[digest_of(ROWS[0])], numbers[digest_of(ROWS[1])]])
    assert data["x"] == 1
    assert CLAIMS[0].keys() == {"claimId", "text", "citations"}, "the inputs stay as they were"


def test_data_without_claims_or_evidence_are_left_alone() -> None:
    for inputs in ({}, {"claims": CLAIMS}, {"evidence": {"q": ROWS}}):
        assert action(inputs).data == inputs


BAD: dict[str, tuple[Any, str]] = {
    "a list": ([], "report.inputs"),
    "a text": ("x", "report.inputs"),
    "claims that are no list": ({"claims": {}, "evidence": {}}, "report.claims"),
    "a claim without citations": ({"claims": [{}], "evidence": {}}, "report.claims"),
    "a claim that is a text": ({"claims": ["x"], "evidence": {}}, "report.claims"),
    "a citation that is a text": ({"claims": [{"citations": ["x"]}], "evidence": {}}, "report.claims"),
    "a pointer that is a number": (
        {"claims": [{"citations": [{"stepId": "q", "pointer": 1}]}], "evidence": {}},
        "report.claims",
    ),
    "evidence that is a list": ({"claims": [], "evidence": []}, "report.claims"),
    "a citation of another step": ({"claims": CLAIMS, "evidence": {"p": ROWS}}, "report.citation"),
    "a citation that leads nowhere": ({"claims": CLAIMS, "evidence": {"q": ROWS[:1]}}, "report.citation"),
}


@pytest.mark.parametrize(("inputs", "code"), BAD.values(), ids=BAD)
def test_inputs_of_another_shape_are_refused(inputs: Any, code: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        action(inputs)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "members", [{"template": "../t"}, {"template": "t.typ"}, {"file": "r.txt"}, {"file": "../r.pdf"}]
)
def test_names_that_could_leave_their_folder_are_refused(members: dict[str, str]) -> None:
    with pytest.raises(DefinitionError):
        define(step("r", "report", **{"template": "t", "file": "r.pdf", **members}))


INPUTS = {"claims": dumps(CLAIMS).decode(), "evidence": "{'q': steps.q}"}
DEFINITION = define(
    step("q", "query", cypher="rows"),
    step("r", "report", template="t", file="r.pdf", inputs=INPUTS),
    step("e", "export", file="out.pdf", format="artifact"),
)  # fmt: skip


def ports_of(world: World, folder: Path, engine: str | None = None) -> Ports:
    folder.mkdir(exist_ok=True)
    reports = TypstReports(folder)
    reports.engine = engine or reports.engine
    return replace(world.ports(), reports=reports)


async def run(world: World, folder: Path) -> Execution:
    world.graph.script.replies["rows"] = [ROWS]
    ports = ports_of(world, folder)
    (folder / "t.typ").write_bytes(TEMPLATE)
    return await world.runner(ports=ports).execute(DEFINITION, {}, executed_by="ann")


async def test_a_report_is_an_artifact_that_an_export_writes_and_a_proof_names(world: World, tmp_path: Path) -> None:
    execution = await run(world, tmp_path / "t")
    assert execution.outcome == "completed"
    started = execution.started
    assert started is not None
    outputs = execution.steps["r"].outputs
    data = (world.home / "exports" / started.execution_id / "out.pdf").read_bytes()
    assert outputs == {
        "file": "r.pdf",
        "mediaType": "application/pdf",
        "digest": digest(data),
        "size": len(data),
        "engine": "typst 0.15.2",
        "template": digest(TEMPLATE),
    }
    text = letters_of(data)
    assert f"Reportof{digest_of(started.context)}" in text
    assert all(digest_of(row)[:20] in text for row in ROWS)
    manifest = dumps(world.runner().manifest(started.execution_id).build())
    wanted = Expectations(artifacts=(Artifact("mine.pdf", digest(data), len(data)),))
    report = verify(manifest, world.trust(), expectations=wanted)
    assert (report.exit_code, report.artifacts) == (0, ("mine.pdf is the file out.pdf that the step e exported",))


async def grades(world: World, ports: Ports, execution: Execution) -> tuple[bool, str]:
    assert execution.started is not None
    report = await world.runner(ports=ports).replay(execution.started.execution_id)
    return report.is_identical, {step.step_id: step.grade for step in report.steps}["r"]


async def test_a_replay_sets_the_report_again_by_the_template_as_it_was(world: World, tmp_path: Path) -> None:
    execution = await run(world, tmp_path / "t")
    assert await grades(world, ports_of(world, tmp_path / "t"), execution) == (True, "recomputed")
    (tmp_path / "t" / "t.typ").write_bytes(b"#panic()")
    assert await grades(world, ports_of(world, tmp_path / "t"), execution) == (True, "recomputed")
    assert await grades(world, ports_of(world, tmp_path / "none"), execution) == (True, "recomputed")


async def test_a_report_of_another_engine_is_played(world: World, tmp_path: Path) -> None:
    execution = await run(world, tmp_path / "t")
    other = ports_of(world, tmp_path / "t", engine="typst 99.0")
    assert await grades(world, other, execution) == (True, "played")


class _Changed(TypstReports):
    async def render(self, source: bytes, data: Any, at: str) -> bytes:
        return await super().render(source.replace(b"Report of", b"A report of"), data, at)


async def test_a_replay_notices_other_bytes(world: World, tmp_path: Path) -> None:
    execution = await run(world, tmp_path / "t")
    ports = replace(ports_of(world, tmp_path / "t"), reports=_Changed(tmp_path / "t"))
    assert await grades(world, ports, execution) == (False, "differs")


async def test_a_template_that_is_not_there_fails_the_step_and_says_so(world: World, tmp_path: Path) -> None:
    world.graph.script.replies["rows"] = [ROWS]
    execution = await world.runner(ports=ports_of(world, tmp_path / "t")).execute(DEFINITION, {}, executed_by="ann")
    assert (execution.outcome, world.exported()) == ("failed", [])
    assert execution.steps["r"].attempts[-1]["error"]["code"] == "report.template"
