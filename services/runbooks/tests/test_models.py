"""Models: the shape of a document, the arithmetic of a score, and what stops an execution before it begins."""

from __future__ import annotations

import json
import math
import struct
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pcq_verify import verify
from runbooks.canonical import digest_of, dumps
from runbooks.errors import EvidenceError, ModelError, SettingsError
from runbooks.models import confidence, exp_minus, model_problems, score_rows
from runbooks.settings import load_models

from services.runbooks.tests.simulator import GraphSimulator, World, define, runbook, step

ROOT = Path(__file__).parents[3]
VECTORS: Any = json.loads((ROOT / "spec" / "vectors" / "unit" / "models.json").read_bytes())
MODEL: Any = VECTORS["model"]
NAMES = [feature["name"] for feature in MODEL["features"]]
ROW = dict.fromkeys(NAMES, 1)


def with_feature(**members: Any) -> dict[str, Any]:
    return {**MODEL, "features": [{**MODEL["features"][0], **members}]}


def test_powers_and_rows_are_those_of_the_vectors() -> None:
    for item in VECTORS["exp"]:
        assert struct.pack(">d", exp_minus(item["y"])).hex() == item["ieee754"]
    for item in VECTORS["rows"]:
        assert confidence(MODEL, item["row"]) == item["confidence"]


@given(st.floats(0, 40))
def test_a_power_is_as_good_as_the_librarys(y: float) -> None:
    assert math.isclose(exp_minus(y), math.exp(-y), rel_tol=1e-15, abs_tol=0)


def test_powers_fall() -> None:
    points = [n / 1000 for n in range(40_001)]
    assert all(exp_minus(a) > exp_minus(b) for a, b in pairwise(points))


@given(st.floats(-60, 60), st.floats(-60, 60))
def test_a_larger_sum_has_no_smaller_confidence(first: float, second: float) -> None:
    model = {**with_feature(name="x", mean=0, scale=1, weight=1), "intercept": 0}
    low, high = (confidence(model, {"x": value}) for value in sorted((first, second)))
    assert 0 <= low <= high <= 1


@given(st.floats(-30, 30))
def test_opposite_sums_have_confidences_that_add_up_to_one(value: float) -> None:
    model = {**with_feature(name="x", mean=0, scale=1, weight=1), "intercept": 0}
    assert confidence(model, {"x": value}) + confidence(model, {"x": -value}) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"pcq": "model/v2"}, "/pcq"),
        ({"kind": "forest"}, "/kind"),
        ({"modelId": "a b"}, "/modelId"),
        ({"features": []}, "/features"),
        ({"features": [MODEL["features"][0]] * 2}, "/features"),
        ({"output": NAMES[0]}, "/output"),
        ({"decimals": 0}, "/decimals"),
        ({"decimals": 10}, "/decimals"),
        ({"intercept": "0"}, "/intercept"),
        ({"trainedOn": "sha256:0"}, "/trainedOn"),
        ({"extra": 1}, ""),
        (with_feature(scale=0), "/features/0/scale"),
        (with_feature(weight=None), "/features/0/weight"),
        (with_feature(name=""), "/features/0/name"),
        (with_feature(more=1), "/features/0"),
    ],
)
def test_a_document_of_another_shape_is_named_with_its_place(change: dict[str, Any], pointer: str) -> None:
    [problem] = model_problems({**MODEL, **change})
    assert (problem.code, problem.pointer) == ("model.shape", pointer)


@pytest.mark.parametrize("value", [None, [], 1, "model"])
def test_what_is_no_object_is_no_model(value: Any) -> None:
    assert model_problems(value)


def test_the_shipped_model_is_one() -> None:
    assert load_models(ROOT / "services" / "runbooks" / "models").keys() == {"link-v1"}


@pytest.mark.parametrize(
    ("rows", "code", "words"),
    [
        ({}, "score.rows", "expected a list"),
        (None, "score.rows", "expected a list"),
        ([ROW, 7], "score.rows", "row 1 is int"),
        ([{**ROW, "confidence": 1}], "score.rows", "row 0 has a member 'confidence' already"),
        ([ROW, {NAMES[0]: 1}], "score.feature", f"row 1: feature {NAMES[1]!r} is missing"),
        ([{**ROW, NAMES[2]: "1"}], "score.feature", f"row 0: feature {NAMES[2]!r} is '1', not a number"),
        ([{**ROW, NAMES[0]: True}], "score.feature", "is True, not a number"),
        ([{**ROW, NAMES[0]: None}], "score.feature", "is None, not a number"),
    ],
)
def test_rows_without_a_score_are_named(rows: Any, code: str, words: str) -> None:
    with pytest.raises(EvidenceError, match=r"^step s: ") as caught:
        score_rows(MODEL, rows, "step s")
    assert caught.value.code == code
    assert words in str(caught.value)


def test_a_sum_that_is_not_finite_has_no_score() -> None:
    model = with_feature(name="x", mean=0, scale=1e-300, weight=0)
    with pytest.raises(EvidenceError, match="feature 'x': 9007199254740991 makes the sum not finite"):
        confidence(model, {"x": 2**53 - 1})


def test_rows_keep_their_order_and_members() -> None:
    rows = [{**ROW, "name": "\u200f“עברית” 🐙"}, {**ROW, NAMES[0]: 2}]
    scored = score_rows(MODEL, rows, "step s")
    assert [{name: value for name, value in row.items() if name != "confidence"} for row in scored] == rows
    assert score_rows(MODEL, [], "step s") == []


QUERY = step("rows", "query", cypher="MATCH (n) RETURN n")


def world(tmp_path: Path, models: Any = None, rows: Any = None) -> World:
    graph = GraphSimulator({"MATCH (n) RETURN n": [[{"n": row} for row in (rows or [ROW])]]})
    return World(tmp_path / "home", graph=graph, models={"links": MODEL} if models is None else models)


async def test_the_model_is_pinned_in_the_context_and_goes_along_as_a_material(tmp_path: Path) -> None:
    place = world(tmp_path, {"links": MODEL, "other": {**MODEL, "modelId": "other"}})
    runner = place.runner()
    execution = await runner.execute(define(QUERY, step("s", "score", model="links")), {}, executed_by="ann")
    assert execution.outcome == "completed"
    assert execution.started is not None
    assert execution.started.context["models"] == {"links": digest_of(MODEL)}
    outputs = execution.steps["s"].outputs
    assert outputs == {"model": digest_of(MODEL), "rows": [{**ROW, "confidence": confidence(MODEL, ROW)}]}
    manifest = runner.manifest(execution.started.execution_id).build()
    assert manifest["materials"][digest_of(MODEL)] == {"text": dumps(MODEL).decode()}
    assert digest_of({**MODEL, "modelId": "other"}) not in manifest["materials"]
    verified = verify(dumps(manifest), place.trust())
    assert verified.exit_code == 0, verified
    report = await runner.replay(execution.started.execution_id)
    assert report.is_identical
    assert {item.step_id: item.grade for item in report.steps} == {"rows": "played", "s": "recomputed"}


async def test_a_replay_uses_the_recorded_model_and_not_todays(tmp_path: Path) -> None:
    place = world(tmp_path)
    definition = define(QUERY, step("s", "score", model="links"))
    execution = await place.runner().execute(definition, {}, executed_by="ann")
    place.models = {"links": {**MODEL, "intercept": 3}}
    assert execution.started is not None
    assert (await place.runner().replay(execution.started.execution_id)).is_identical


async def test_a_row_without_a_feature_fails_the_step_and_says_which(tmp_path: Path) -> None:
    runner = world(tmp_path, rows=[ROW, {NAMES[0]: 1}]).runner()
    execution = await runner.execute(define(QUERY, step("s", "score", model="links")), {}, executed_by="ann")
    assert execution.outcome == "failed"
    [attempt] = execution.steps["s"].attempts
    assert attempt["error"]["code"] == "score.feature"
    assert f"row 1: feature {NAMES[1]!r} is missing" in attempt["error"]["message"]


@pytest.mark.parametrize(
    ("models", "members", "code"),
    [
        ({}, {}, "model.unknown"),
        ({"other": MODEL}, {}, "model.unknown"),
        ({"links": {**MODEL, "intercept": 3}}, {"digest": digest_of(MODEL)}, "model.digest"),
    ],
)
async def test_a_model_that_is_not_the_pinned_one_starts_nothing(
    tmp_path: Path, models: Any, members: dict[str, str], code: str
) -> None:
    runner = world(tmp_path, models).runner()
    with pytest.raises(ModelError) as caught:
        await runner.execute(define(QUERY, step("s", "score", model="links", **members)), {}, executed_by="ann")
    assert caught.value.code == code
    assert "step s: " in str(caught.value)
    assert runner.executions() == []


async def test_lists_of_rows_are_scored_one_by_one(tmp_path: Path) -> None:
    place = world(tmp_path, rows=[ROW, {**ROW, NAMES[0]: 5}])
    runner = place.runner()
    scoring = step("s", "score", model="links", forEach="steps.rows", inputs="[item]")
    execution = await runner.execute(define(QUERY, scoring), {}, executed_by="ann")
    rows = execution.steps["rows"].outputs
    assert execution.steps["s"].outputs == [
        {"model": digest_of(MODEL), "rows": [{**row, "confidence": confidence(MODEL, row)}]} for row in rows
    ]
    assert execution.started is not None
    manifest = dumps(runner.manifest(execution.started.execution_id).build())
    assert verify(manifest, place.trust()).exit_code == 0
    assert (await runner.replay(execution.started.execution_id)).is_identical


async def test_the_right_pin_is_met(tmp_path: Path) -> None:
    definition = define(QUERY, step("s", "score", model="links", digest=digest_of(MODEL)))
    assert (await world(tmp_path).runner().execute(definition, {}, executed_by="ann")).outcome == "completed"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("links", "{", "links.json: not JSON"),
        ("links", json.dumps({**MODEL, "decimals": 0}), "links.json: /decimals"),
        ("links", '{"pcq": 1, "pcq": 2}', "occurs twice"),
        ("other", json.dumps(MODEL), "expected modelId other as the file is called, got links"),
    ],
)
def test_a_malformed_file_is_named(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / f"{name}.json").write_text(text)
    with pytest.raises(SettingsError, match=words):
        load_models(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such folder; correct `models`"):
        load_models(tmp_path / "gone")


def test_runbook_json_takes_no_unknown_member() -> None:
    from runbooks.errors import DefinitionError

    with pytest.raises(DefinitionError, match="/steps/0"):
        define(*runbook(step("s", "score", model="links", threshold=0.5))["steps"])
