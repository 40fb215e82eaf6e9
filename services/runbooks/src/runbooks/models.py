"""Models: pinned JSON documents that score rows, with an arithmetic of which every language makes the same bytes.

No library's `exp` is called, for they differ in the last bit; what is added to what, and in which order, is normative
(spec/models.md, 3). Nothing here learns: documents are made by `make model`.
"""

from __future__ import annotations

__all__ = ["confidence", "exp_minus", "model_problems", "named_models", "score_rows"]

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from runbooks.canonical import digest_of, is_identifier, pointer_to
from runbooks.definition import Definition
from runbooks.errors import EvidenceError, ModelError, Problem

_NAME = {"type": "string", "minLength": 1, "maxLength": 128}
_NUMBER = {"type": "number"}
_FEATURE = {"name": _NAME, "mean": _NUMBER, "scale": {"type": "number", "exclusiveMinimum": 0}, "weight": _NUMBER}
_REQUIRED = {
    "pcq": {"const": "model/v1"},
    "modelId": {"type": "string"},
    "kind": {"const": "logistic"},
    "features": {
        "type": "array",
        "minItems": 1,
        "maxItems": 1000,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": list(_FEATURE),
            "properties": _FEATURE,
        },
    },
    "intercept": _NUMBER,
    "output": _NAME,
    "decimals": {"type": "integer", "minimum": 1, "maximum": 9},
}
_OPTIONAL = {
    "description": {"type": "string"},
    "trainedOn": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
}

_LOG2_E = 1.4426950408889634
# ln 2 in two parts: the first has 21 zero bits at its end, so that a small multiple of it is exact.
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
_COEFFICIENTS = [1 / math.factorial(n) for n in range(14)]
_FARTHEST = 40.0


def model_problems(value: Any) -> list[Problem]:
    """Every place where a document does not have the shape of a model (spec/models.md, 1)."""
    hint = "see spec/models.md, 1"
    found = [
        Problem("model.shape", pointer_to(error.instance_path), error.message[:300], hint)
        for error in _validator().iter_errors(value)
    ]
    if found:
        return list(dict.fromkeys(found))
    names = [feature["name"] for feature in value["features"]]
    if not is_identifier(value["modelId"]):
        found.append(Problem("model.shape", "/modelId", f"{value['modelId']!r} is no identifier", hint))
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        found.append(Problem("model.shape", "/features", f"the feature {twice!r} occurs twice", hint))
    if value["output"] in names:
        found.append(Problem("model.shape", "/output", "is a feature's name", hint))
    return found


def named_models(definition: Definition, models: Mapping[str, Any]) -> dict[str, Any]:
    """The documents that the definition's score steps name, out of the installation's `models`.

    Raises ModelError for one that is not there (`model.unknown`) or not the one that a step pins (`model.digest`).
    """
    found = {}
    for step in definition.steps:
        if step.kind != "score":
            continue
        name, pinned = step.body["model"], step.body.get("digest")
        if name not in models:
            known = ", ".join(sorted(models)) or "none"
            message = f"step {step.step_id}: no model {name} in the folder of models (it has: {known})"
            raise ModelError(message, code="model.unknown")
        actual = digest_of(models[name])
        if pinned not in (None, actual):
            message = f"step {step.step_id}: model {name}: expected {pinned} as pinned, got {actual}"
            raise ModelError(f"{message}; restore the file or pin the new one", code="model.digest")
        found[name] = models[name]
    return found


def score_rows(model: Mapping[str, Any], rows: Any, where: str) -> list[dict[str, Any]]:
    """The rows, each with the model's output added; raises EvidenceError that begins with `where`."""
    if not isinstance(rows, list):
        raise EvidenceError(f"{where}: expected a list of rows, got {type(rows).__name__}", code="score.rows")
    output, scored = model["output"], []
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise EvidenceError(f"{where}: row {number} is {type(row).__name__}, not an object", code="score.rows")
        if output in row:
            raise EvidenceError(f"{where}: row {number} has a member {output!r} already", code="score.rows")
        try:
            scored.append({**row, output: confidence(model, row)})
        except EvidenceError as error:
            raise EvidenceError(f"{where}: row {number}: {error}", code=error.code) from None
    return scored


def confidence(model: Mapping[str, Any], row: Mapping[str, Any]) -> float:
    """The score of one row, from 0 to 1, rounded; raises EvidenceError that names the feature."""
    total = float(model["intercept"])
    for feature in model["features"]:
        value = row.get(feature["name"])
        if isinstance(value, bool) or not isinstance(value, int | float):
            shown = "is missing" if feature["name"] not in row else f"is {value!r:.40}, not a number"
            raise EvidenceError(f"feature {feature['name']!r} {shown}", code="score.feature")
        term = (float(value) - float(feature["mean"])) / float(feature["scale"])
        total = total + float(feature["weight"]) * term
        if not math.isfinite(total):
            message = f"feature {feature['name']!r}: {value!r} makes the sum not finite"
            raise EvidenceError(message, code="score.feature")
    power = exp_minus(min(abs(total), _FARTHEST))
    return _rounded(1 / (1 + power) if total >= 0 else power / (1 + power), model["decimals"])


def exp_minus(y: float) -> float:
    """e to the power of -y for 0 <= y <= 40, from exactly rounded operations alone (spec/models.md, 3)."""
    k = math.floor(y * _LOG2_E + 0.5)
    r = (y - k * _LN2_HIGH) - k * _LN2_LOW
    h = _COEFFICIENTS[13]
    for coefficient in reversed(_COEFFICIENTS[:13]):
        h = h * (0.0 - r) + coefficient
    for _ in range(k):
        h = h * 0.5
    return h


def _rounded(value: float, decimals: int) -> float:
    factor = float(10**decimals)
    return math.floor(value * factor + 0.5) / factor


@lru_cache(maxsize=1)
def _validator() -> Any:
    import jsonschema_rs

    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": list(_REQUIRED),
        "properties": {**_REQUIRED, **_OPTIONAL},
    }
    return jsonschema_rs.Draft202012Validator(schema)
