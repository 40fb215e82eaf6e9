"""R2 through the command line, on real parts: figures, the proof, replays, and what keeps it from writing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from runbooks.canonical import digest_of

from services.runbooks.tests.endtoend.conftest import Proof, export, pcq_verify, runbooks

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "templates" / "R2-relationship-inference.json"
MODEL = json.loads((ROOT / "models" / "link-v1.json").read_bytes())

SMALL = """
CREATE (a:Entity {id: 'a1', kind: 'actor', name: '\u200fאריה 🐼'}),
 (b:Entity {id: 'a2', kind: 'actor', name: 'O\\'Actor'}),
 (s:Entity {id: 's1', kind: 'software', name: '"quoted"'}), (t:Entity {id: 's2', kind: 'software', name: '\\\\'}),
 (d:Document {id: 'example.com/é', evidence: true}), (e:Document {id: 'example.com/2', evidence: true}),
 (a)-[:MENTIONED_IN]->(d), (s)-[:MENTIONED_IN]->(d), (b)-[:MENTIONED_IN]->(e), (t)-[:MENTIONED_IN]->(e)
"""


def one_step(tmp_path: Path, kind: str, cypher: str) -> str:
    path = tmp_path / "one.json"
    step = {"stepId": "only", "type": kind, "cypher": cypher}
    path.write_text(json.dumps({"runbookId": "ONE", "name": "One step", "version": "1", "steps": [step]}))
    return str(path)


def counts(home: Path, tmp_path: Path, *patterns: str) -> Any:
    cypher = " UNION ALL ".join(f"MATCH {pattern} RETURN count(*) AS n" for pattern in patterns)
    assert runbooks(home, "run", one_step(tmp_path, "query", cypher)).code == 0
    return export(home).step("only")["attestation"]["outputs"]


def test_r2_writes_the_78_confident_pairs_that_the_graph_does_not_know(demo_r2: Proof) -> None:
    selected = demo_r2.step("select")["attestation"]["outputs"]
    figures = {name: value for name, value in selected.items() if name != "relationships"}
    assert figures == {
        "model": digest_of(MODEL),
        "threshold": 0.9,
        "candidates": 729,
        "confident": 378,
        "known": 300,
        "inferred": 78,
    }
    relationships = detached(demo_r2, selected["relationships"])
    assert len(relationships) == 78
    assert all(0.9 <= item["confidence"] <= 1 and item["evidence"] for item in relationships)
    assert demo_r2.step("write")["attestation"]["outputs"] == {"updated": 78}
    [written] = demo_r2.step("write")["proofs"]["postconditions"]
    assert written["evidence"]["row"] == {"intended": 78, "written": 78}


def test_the_claims_say_recorded_numbers(demo_r2: Proof) -> None:
    claims = demo_r2.step("summarise")["attestation"]["outputs"]["claims"]
    assert [claim["text"] for claim in claims] == [
        "Evidence that names few entities mentions 729 pairs of an actor and a software together.",
        "378 of them have a confidence of at least 0.9.",
        "300 of these are relations that the graph holds already.",
        "78 are new and were written as inferred relationships.",
    ]


def test_the_proof_names_the_model_carries_it_and_verifies(demo_r2: Proof) -> None:
    manifest = demo_r2.manifest
    assert manifest["context"]["models"] == {"link-v1": digest_of(MODEL)}
    assert json.loads(manifest["materials"][digest_of(MODEL)]["text"]) == MODEL
    ended = pcq_verify(demo_r2)
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "✅ Proofs verified")


def test_the_exported_file_is_the_one_that_the_proof_names(demo_r2: Proof) -> None:
    outputs = demo_r2.step("export")["attestation"]["outputs"]
    data = (demo_r2.home / "exports" / demo_r2.execution_id / outputs["file"]).read_bytes()
    assert outputs["digest"] == "sha256:" + hashlib.sha256(data).hexdigest()
    content = json.loads(data)
    assert len(content["relationships"]) == 78
    assert "Not for attribution" in content["caution"]
    assert "The MITRE Corporation" in content["attribution"]


@pytest.mark.parametrize("number", range(3))
def test_a_replay_gives_the_identical_root_in_any_environment(demo_r2: Proof, number: int) -> None:
    environment = {"TZ": ["UTC", "Asia/Kathmandu", "America/St_Johns"][number], "PYTHONHASHSEED": str(number * 7919)}
    ended = runbooks(demo_r2.home, "replay", demo_r2.execution_id, environment=environment)
    assert ended.code == 0, ended.out + ended.err
    assert ended.out.splitlines()[-1] == f"identical {demo_r2.manifest['merkleRoot']}"
    assert any(line.split() == ["=", "score", "recomputed"] for line in ended.out.splitlines())


@pytest.mark.parametrize("threshold", ["1.5", "-0.1", "high"])
def test_a_threshold_out_of_range_is_refused(demo_home: Path, threshold: str) -> None:
    before = runbooks(demo_home, "status").out
    ended = runbooks(demo_home, "run", "R2", "--input", f"threshold={threshold}")
    assert ended.code == 1
    assert "/threshold" in ended.err
    assert "parameter.invalid" in ended.err
    assert runbooks(demo_home, "status").out == before


def test_another_model_under_the_pinned_name_starts_nothing(tmp_path: Path) -> None:
    home = with_models(tmp_path, {**MODEL, "intercept": 9})
    ended = runbooks(home, "run", "R2")
    assert ended.code == 1
    assert f"expected {digest_of(MODEL)} as pinned, got {digest_of({**MODEL, 'intercept': 9})}" in ended.err
    assert "[model.digest]" in ended.err
    assert runbooks(home, "fsck").out.startswith("ledger intact: 0 entries")


def test_a_model_that_is_not_there_starts_nothing(tmp_path: Path) -> None:
    home = with_models(tmp_path, None)
    ended = runbooks(home, "run", "R2")
    assert ended.code == 1
    assert "no model link-v1" in ended.err
    assert "warning: step score: no model link-v1" in runbooks(home, "lint", "R2").err
    assert "[model.unknown]" in ended.err


def test_a_model_file_of_another_shape_is_named(tmp_path: Path) -> None:
    home = with_models(tmp_path, {**MODEL, "features": []})
    ended = runbooks(home, "run", "R2")
    assert ended.code == 1
    assert "link-v1.json: /features" in ended.err
    assert "[model.shape]" in ended.err


def test_an_empty_graph_infers_nothing_and_an_entity_that_vanishes_leaves_nothing_written(tmp_path: Path) -> None:
    home = tmp_path / "home"
    ended = runbooks(home, "run", "R2")
    assert ended.code == 0, ended.out + ended.err
    proof = export(home)
    assert proof.step("select")["attestation"]["outputs"]["candidates"] == 0
    assert pcq_verify(proof).code == 0
    assert runbooks(home, "run", one_step(tmp_path, "mutation", SMALL)).code == 0

    vanishing = json.loads(TEMPLATE.read_bytes())
    place = next(number for number, step in enumerate(vanishing["steps"]) if step["stepId"] == "write")
    cypher = "MATCH (e:Entity {id: 's2'}) DETACH DELETE e"
    vanish = {"stepId": "vanish", "type": "mutation", "inputs": {}, "cypher": cypher}
    vanishing["steps"].insert(place, vanish)
    path = tmp_path / "vanishing.json"
    path.write_text(json.dumps(vanishing))
    ended = runbooks(home, "run", str(path), "--input", "threshold=0")
    assert ended.code == 3, ended.out + ended.err
    assert "kpi:missing<=0" in ended.out
    assert counts(home, tmp_path, "()-[r:INFERRED_RELATIONSHIP]->()", "(i:Inference)") == [0, 0]

    for _ in range(2):
        ended = runbooks(home, "run", "R2", "--input", "threshold=0")
        assert ended.code == 0, ended.out + ended.err
    pair = "(:Entity {id: 'a1'})-[r:INFERRED_RELATIONSHIP]->(:Entity {id: 's1'})"
    assert counts(home, tmp_path, pair, "()-[r:INFERRED_RELATIONSHIP]->()") == [1, 1]


def with_models(tmp_path: Path, model: Any) -> Path:
    home, models = tmp_path / "home", tmp_path / "models"
    home.mkdir()
    models.mkdir()
    if model is not None:
        (models / "link-v1.json").write_text(json.dumps(model))
    (home / "settings.json").write_text(json.dumps({"models": str(models)}))
    return home


def detached(proof: Proof, value: Any) -> Any:
    """The value, fetched from the materials where it was too large to stand in its place."""
    if isinstance(value, dict) and "$digest" in value:
        return json.loads(proof.manifest["materials"][value["$digest"]]["text"])
    return value
