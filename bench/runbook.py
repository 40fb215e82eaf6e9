"""The measured runbooks: steps that do nothing, in a chain or in layers."""

from __future__ import annotations

__all__ = ["LAYER_WIDTH", "chain", "layers"]

import json
from collections.abc import Sequence
from typing import Any

from runbooks.definition import Definition
from runbooks.lint import load_definition

LAYER_WIDTH = 100


def chain(steps: int) -> Definition:
    """Each step waits for the one before it."""
    return _definition("bench-chain", [_step(number, [number - 1] if number else []) for number in range(steps)])


def layers(steps: int) -> Definition:
    """Layers of LAYER_WIDTH steps; each step waits for the one in its place in the layer before."""
    waits = ([number - LAYER_WIDTH] if number >= LAYER_WIDTH else [] for number in range(steps))
    return _definition("bench-layers", [_step(number, before) for number, before in enumerate(waits)])


def _step(number: int, before: Sequence[int]) -> dict[str, Any]:
    depends_on = [_name(other) for other in before]
    return {"stepId": _name(number), "type": "transform", "expression": "$", "dependsOn": depends_on}


def _name(number: int) -> str:
    return f"s{number:05d}"


def _definition(name: str, steps: Sequence[dict[str, Any]]) -> Definition:
    return load_definition(
        json.dumps({"runbookId": name, "name": name, "version": "1.0", "steps": list(steps)}).encode()
    )
