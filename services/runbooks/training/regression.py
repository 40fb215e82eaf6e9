"""Logistic regression with an L2 penalty, by Newton's method in a fixed order of exactly rounded operations.

The same table gives the same document on every machine: no library adds up, and `exp` is the model's own.
"""

from __future__ import annotations

__all__ = ["DECIMALS", "fit"]

import math
from collections.abc import Sequence
from typing import Any

from runbooks.models import exp_minus

from services.runbooks.training.co_mentions import Features

# Of what the document holds; a seventh digit would say nothing with a few hundred rows.
DECIMALS = 6
_PENALTY = 1.0
_ROUNDS = 30
_ENOUGH = 1e-10

Matrix = list[list[float]]


def fit(model_id: str, rows: Sequence[Features], labels: Sequence[bool]) -> dict[str, Any]:
    """The model document that these rows give (spec/models.md, 1), without a description."""
    names = list(rows[0])
    # `fsum` is rounded exactly; `sum` over floats is another one in Python 3.12.
    means = [math.fsum(row[name] for row in rows) / len(rows) for name in names]
    scales = [
        math.sqrt(math.fsum((row[name] - mean) * (row[name] - mean) for row in rows) / len(rows)) or 1.0
        for name, mean in zip(names, means, strict=True)
    ]
    means, scales = [round(value, DECIMALS) for value in means], [round(value, DECIMALS) for value in scales]
    table = [
        [1.0, *((row[name] - mean) / scale for name, mean, scale in zip(names, means, scales, strict=True))]
        for row in rows
    ]
    intercept, *weights = _newton(table, labels)
    return {
        "pcq": "model/v1",
        "modelId": model_id,
        "kind": "logistic",
        "features": [
            {"name": name, "mean": mean, "scale": scale, "weight": round(weight, DECIMALS)}
            for name, mean, scale, weight in zip(names, means, scales, weights, strict=True)
        ],
        "intercept": round(intercept, DECIMALS),
        "output": "confidence",
        "decimals": DECIMALS,
    }


def _newton(table: Matrix, labels: Sequence[bool]) -> list[float]:
    """Weights of the columns; the first, the intercept's, is not penalised."""
    size = len(table[0])
    penalties = [0.0] + [_PENALTY] * (size - 1)
    weights = [0.0] * size
    for _ in range(_ROUNDS):
        gradient = [-penalty * weight for penalty, weight in zip(penalties, weights, strict=True)]
        hessian = [[penalties[i] if i == j else 0.0 for j in range(size)] for i in range(size)]
        for row, label in zip(table, labels, strict=True):
            p = _sigmoid(math.fsum(weight * value for weight, value in zip(weights, row, strict=True)))
            spread = p * (1 - p)
            for i, value in enumerate(row):
                gradient[i] += (label - p) * value
                for j in range(size):
                    hessian[i][j] += spread * value * row[j]
        step = _solved(hessian, gradient)
        weights = [weight + change for weight, change in zip(weights, step, strict=True)]
        if max(map(abs, step)) < _ENOUGH:
            break
    return weights


def _sigmoid(z: float) -> float:
    power = exp_minus(min(abs(z), 40.0))
    return 1 / (1 + power) if z >= 0 else power / (1 + power)


def _solved(matrix: Matrix, right: list[float]) -> list[float]:
    """Gauss and Jordan with the largest pivot."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(len(rows)):
        largest = max(range(i, len(rows)), key=lambda k: abs(rows[k][i]))
        rows[i], rows[largest] = rows[largest], rows[i]
        for k, row in enumerate(rows):
            if k != i:
                factor = row[i] / rows[i][i]
                rows[k] = [value - factor * other for value, other in zip(row, rows[i], strict=True)]
    return [row[-1] / row[i] for i, row in enumerate(rows)]
