"""A definition with many steps to look at: `python wide.py 1000 > R-wide-1000.json`.

Layers of transforms in families of `WIDTH`, each family closed by one step that the next family needs: what
`load/1` to `load/48` and `merge-1` are to people.
"""

from __future__ import annotations

import json
import sys
from typing import Any

WIDTH = 48


def definition(count: int) -> dict[str, Any]:
    """A runbook of `count` steps, id `R-wide-<count>`."""
    steps: list[dict[str, Any]] = []
    closed: list[str] = []
    while len(steps) < count:
        family = len(steps) // (WIDTH + 1)
        names = [f"load-{family}/{number}" for number in range(min(WIDTH, count - len(steps)))]
        steps += [_step(name, closed) for name in names]
        if len(steps) < count:
            steps.append(_step(f"merge-{family}", names))
            closed = [f"merge-{family}"]
    return {
        "runbookId": f"R-wide-{count}",
        "name": f"{count} steps",
        "version": "1.0.0",
        "description": f"{count} steps in families of {WIDTH}, to be looked at.",
        "purpose": "analytics",
        "steps": steps,
    }


def _step(name: str, needs: list[str]) -> dict[str, Any]:
    return {"stepId": name, "type": "transform", "dependsOn": needs, "expression": '{"n": 1}'}


if __name__ == "__main__":
    json.dump(definition(int(sys.argv[1])), sys.stdout, indent=1)
