"""Scores in exact rational numbers, rounded to binary64 after each operation: slow, and nobody's floating point.

So the vectors do not depend on the machine that makes them, and what the verifier computes has a reference.
"""

from __future__ import annotations

__all__ = ["MODEL", "exp_of_minus", "score", "vectors"]

import math
import struct
from fractions import Fraction

from corpus.cases import Json

MODEL: Json = {
    "pcq": "model/v1",
    "modelId": "links",
    "kind": "logistic",
    "features": [
        {"name": "shared", "mean": 1.25, "scale": 0.75, "weight": 0.8},
        {"name": "Anteil ä", "mean": 0.1, "scale": 0.3, "weight": -1.7},
        {"name": "docs", "mean": 3, "scale": 2, "weight": 0.01},
    ],
    "intercept": 0.123456,
    "output": "confidence",
    "decimals": 6,
}


def double(value: Fraction) -> Fraction:
    """The nearest binary64 number, ties to even; Python converts a fraction so."""
    return Fraction(float(value))


def exp_of_minus(y: Fraction) -> Fraction:
    """E(y)."""
    k = math.floor(double(double(y * Fraction(1.4426950408889634)) + Fraction(1, 2)))
    r = double(y - double(k * Fraction(0.6931471803691238)))
    r = double(r - double(k * Fraction(1.9082149292705877e-10)))
    h = double(Fraction(1, math.factorial(13)))
    for n in range(12, -1, -1):
        h = double(double(h * -r) + double(Fraction(1, math.factorial(n))))
    return h / 2**k


def score(model: Json, row: Json) -> float:
    """The confidence of a row whose features are numbers."""
    z = Fraction(float(model["intercept"]))
    for feature in model["features"]:
        value, mean, scale, weight = (
            Fraction(float(item)) for item in (row[feature["name"]], *(feature[n] for n in ("mean", "scale", "weight")))
        )
        z = double(z + double(weight * double(double(value - mean) / scale)))
    return rounded(sigmoid(z), model["decimals"])


def sigmoid(z: Fraction) -> Fraction:
    """p, before it is rounded."""
    e = exp_of_minus(min(abs(z), Fraction(40)))
    return double((Fraction(1) if z >= 0 else e) / double(1 + e))


def rounded(p: Fraction, decimals: int) -> float:
    """The decimal."""
    power = 10**decimals
    return float(Fraction(math.floor(double(double(p * power) + Fraction(1, 2))), power))


def vectors() -> Json:
    """`exp`: y and E(y); `rounding`: p, decimals and the result; `rows`: a row and its confidence under `model`."""
    near_ln2 = 0.34657359027997264
    points = [0.0, 5e-324, 1e-17, 0.1, near_ln2, math.nextafter(near_ln2, 1), 0.5, 0.6931471805599453, 1.0, 2.5]
    points += [7.0, 10.397, 19.75, 23.0258509, 39.99999999999999, 40.0]
    halves = [0.5, 0.0000005, 0.9999995, 0.9999994999999999, 0.1234565, 1.0, 2.0**-58]
    return {
        "exp": [{"y": y, "ieee754": _hex(float(exp_of_minus(Fraction(y))))} for y in points],
        "rounding": [
            {"p": p, "decimals": decimals, "result": rounded(Fraction(p), decimals)}
            for decimals in (1, 6, 9)
            for p in halves
        ],
        "model": MODEL,
        "rows": [{"row": row, "confidence": score(MODEL, row)} for row in _rows()],
    }


def _rows() -> list[Json]:
    names = [feature["name"] for feature in MODEL["features"]]
    values: list[tuple[float, ...]] = [(0, 0, 0), (1.25, 0.1, 3), (1, 1, 1), (2, 1e-300, 0), (1 / 3, 0.1, 7)]
    values += [(9007199254740991, 0, 0), (-9007199254740991, 0, 0), (0.30000000000000004, -0.0, 1e-7), (40.2, 0, 0)]
    values += [(-33.1, 0.7, 12), (5, 5.5, 1e15), (1.4142135623730951, 0.6666666666666666, 2.23606797749979)]
    return [dict(zip(names, items, strict=True)) for items in values]


def _hex(value: float) -> str:
    return struct.pack(">d", value).hex()
