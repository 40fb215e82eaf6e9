"""What a score costs: 10,000 rows with the shipped model, by the service and by the verifier."""

from __future__ import annotations

__all__ = ["measure_scoring"]

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pcq_verify.models import score
from runbooks.models import score_rows

from bench.report import median_and_spread, table

_MODEL = Path(__file__).resolve().parents[1] / "services" / "runbooks" / "models" / "link-v1.json"
_ROWS = 10_000


def measure_scoring(repeats: int) -> str:
    """The table."""
    model = json.loads(_MODEL.read_bytes())
    names = [feature["name"] for feature in model["features"]]
    rows = [{"id": n, **{name: (n * (k + 7) % 101) / 10 for k, name in enumerate(names)}} for n in range(_ROWS)]
    scorers: dict[str, Callable[[], Any]] = {
        "`runbooks`": lambda: score_rows(model, rows, "bench"),
        "`pcq-verify`": lambda: score(model, rows),
    }
    cells = []
    for name, scorer in scorers.items():
        seconds = [_seconds(scorer) for _ in range(repeats)]
        cells.append([name, median_and_spread([value * 1_000 for value in seconds])])
    return table([f"{_ROWS:,} rows, {len(names)} features", "wall, ms"], cells)


def _seconds(run: Callable[[], Any]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
