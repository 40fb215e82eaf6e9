"""Scores against the vectors, and against arithmetic in exact fractions."""

from __future__ import annotations

import json
import math
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from corpus import scores
from hypothesis import given
from hypothesis import strategies as st
from pcq_verify import models
from pcq_verify.jcs import canonical
from pcq_verify.models import check_model, exp_of_minus, score
from pcq_verify.shapes import ShapeError


@pytest.fixture
def unit(vectors: Path) -> Any:
    return json.loads((vectors / "unit" / "models.json").read_bytes())


def test_the_powers_are_those_of_the_vectors(unit: Any) -> None:
    assert len(unit["exp"]) > 10
    for item in unit["exp"]:
        assert struct.pack(">d", exp_of_minus(item["y"])).hex() == item["ieee754"], item


def test_the_rounding_is_that_of_the_vectors(unit: Any) -> None:
    for item in unit["rounding"]:
        power = float(10 ** item["decimals"])
        assert math.floor(item["p"] * power + 0.5) / power == item["result"], item


def test_the_rows_get_the_confidence_of_the_vectors(unit: Any) -> None:
    check_model(unit["model"])
    rows = [item["row"] for item in unit["rows"]]
    expected = [{**item["row"], "confidence": item["confidence"]} for item in unit["rows"]]
    assert canonical(score(unit["model"], rows)) == canonical(expected)


@given(st.floats(0, 40))
def test_a_power_is_what_exact_fractions_give(y: float) -> None:
    assert exp_of_minus(y) == float(scores.exp_of_minus(Fraction(y)))


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3))
def test_a_score_is_what_exact_fractions_give(values: list[float]) -> None:
    names = [feature["name"] for feature in scores.MODEL["features"]]
    row = dict(zip(names, values, strict=True))
    [scored] = score(scores.MODEL, [row])
    assert scored["confidence"] == scores.score(scores.MODEL, row)


@pytest.mark.parametrize("rows", [None, {}, "rows", [1], [None], [[]]])
def test_what_is_no_list_of_objects_has_no_score(rows: Any) -> None:
    with pytest.raises(models.ScoreError):
        score(scores.MODEL, rows)


def test_a_number_is_no_model() -> None:
    with pytest.raises(ShapeError):
        check_model(1)
