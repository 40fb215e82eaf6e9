"""Models: the shape of their documents, and rows scored again, operation by operation (spec/models.md).

Every line of arithmetic is one of the spec's; rewriting a line, even to what is equal on paper, may change a last bit.
"""

from __future__ import annotations

__all__ = ["ScoreError", "check_model", "exp_of_minus", "score"]

import math
from collections.abc import Mapping
from typing import Any

from pcq_verify.shapes import ShapeError, array, closed, digest_text, identifier, integer, number, one_of, text

_INVERSE_FACTORIALS = tuple(1.0 / math.factorial(n) for n in range(14))


class ScoreError(ValueError):
    """Rows that no score follows from."""


def _short(value: Any) -> None:
    text(value, least=1, most=128)


def _positive(value: Any) -> None:
    number(value)
    if value <= 0:
        raise ShapeError("expected a number above 0")


_FEATURE = closed({"name": _short, "mean": number, "scale": _positive, "weight": number})
_DOCUMENT = closed(
    {
        "pcq": one_of("model/v1"),
        "modelId": identifier,
        "kind": one_of("logistic"),
        "features": array(_FEATURE, least=1, most=1000),
        "intercept": number,
        "output": _short,
        "decimals": integer(1, 9),
    },
    {"description": text, "trainedOn": digest_text},
)


def check_model(value: Any) -> None:
    """Raise ShapeError where `value` is no model document."""
    _DOCUMENT(value)
    names = [feature["name"] for feature in value["features"]]
    if len(set(names)) != len(names):
        raise ShapeError("two features have one name")
    if value["output"] in names:
        raise ShapeError("the output has a feature's name")


def score(model: Mapping[str, Any], rows: Any) -> list[dict[str, Any]]:
    """The rows with the model's output; raises ScoreError."""
    if type(rows) is not list:
        raise ScoreError("a score needs a list of rows")
    output = model["output"]
    found = []
    for index, row in enumerate(rows):
        if type(row) is not dict or output in row:
            raise ScoreError(f"row {index} is no object without {output!r}")
        found.append({**row, output: _confidence(model, row, index)})
    return found


def _confidence(model: Mapping[str, Any], row: Mapping[str, Any], index: int) -> float:
    z = float(model["intercept"])
    for feature in model["features"]:
        value: Any = row.get(feature["name"])
        if type(value) not in (int, float):
            raise ScoreError(f"row {index}: {feature['name']!r} is no number")
        z = z + float(feature["weight"]) * ((float(value) - float(feature["mean"])) / float(feature["scale"]))
    if not math.isfinite(z):
        raise ScoreError(f"row {index}: the sum is not finite")
    e = exp_of_minus(min(abs(z), 40.0))
    p = 1.0 / (1.0 + e) if z >= 0.0 else e / (1.0 + e)
    power = float(10 ** model["decimals"])
    return float(math.floor(p * power + 0.5)) / power


def exp_of_minus(y: float) -> float:
    """E(y), for y from 0 to 40."""
    k = float(math.floor(y * 1.4426950408889634 + 0.5))
    r = (y - k * 0.6931471803691238) - k * 1.9082149292705877e-10
    minus_r = 0.0 - r
    h = _INVERSE_FACTORIALS[13]
    for n in range(12, -1, -1):
        h = h * minus_r + _INVERSE_FACTORIALS[n]
    return math.ldexp(h, -int(k))  # exact: nothing here comes near the smallest numbers
