"""The list of 100,000 executions: what a page, a filter, a count and the scrubber cost, beside the size of the file.

Run it as `python -m bench.listing [folder]`.
"""

from __future__ import annotations

__all__ = ["measure_list"]

import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from runbooks.adapters.catalogue import SqliteCatalogue

from bench.machine import describe, load
from bench.report import median_and_spread, table

_COUNT = 100_000
_BATCH = 5_000
_REPEATS = 25
_START = datetime(2026, 1, 1, tzinfo=UTC)
_OUTCOMES = ("completed",) * 16 + ("failed", "blocked", "cancelled", "overridden")
_DAY_MS = 86_400_000


def measure_list(folder: Path) -> str:
    """The table; each figure is of one call, warm."""
    path = folder / "catalogue.sqlite"
    catalogue = SqliteCatalogue(path)
    began = time.perf_counter()
    for start in range(0, _COUNT, _BATCH):
        catalogue.put([_summary(number) for number in range(start, start + _BATCH)], start)
    filling = (time.perf_counter() - began) / _COUNT * 1e6
    middle = _START + timedelta(minutes=_COUNT // 2)
    bounds = {"from": [_text(middle)], "to": [_text(middle + timedelta(days=1))]}
    calls: Sequence[tuple[str, Callable[[], object]]] = (
        ("newest page of 50", _page(catalogue, {})),
        ("page in the middle", _page(catalogue, {}, _COUNT // 2)),
        ("page of newer ones in the middle", lambda: catalogue.page({}, _COUNT // 2, 50, newer=True)),
        ("`outcome=failed` (5,000)", _page(catalogue, {"outcome": ["failed"]})),
        ("`outcome=completed` (80,000)", _page(catalogue, {"outcome": ["completed"]})),
        ("two outcomes (85,000)", _page(catalogue, {"outcome": ["completed", "failed"]})),
        ("`runbookId`, `outcome` (500)", _page(catalogue, {"runbookId": ["R7"], "outcome": ["failed"]})),
        ("`failedProver` (5,000)", _page(catalogue, {"failedProver": ["kpi:filled>=0.9"]})),
        ("one day by `from` and `to` (1,440)", _page(catalogue, bounds)),
        ("`q` with one hit", _page(catalogue, {"q": ["-54321-"]})),
        ("`q` with no hit", _page(catalogue, {"q": ["nothing"]})),
        ("`at`", lambda: catalogue.place_at(_text(middle))),
        ("histogram of all, 70 spans", lambda: catalogue.histogram({}, _text(_START), _DAY_MS, 70)),
        ("histogram of one day, 24 spans", lambda: catalogue.histogram({}, _text(middle), _DAY_MS // 24, 24)),
        ("versions of a runbook", lambda: catalogue.versions("R7")),
    )
    rows = [[name, median_and_spread([_milliseconds(call) for _ in range(_REPEATS + 1)][1:])] for name, call in calls]
    catalogue.close()
    size = path.stat().st_size / 2**20
    return f"{filling:.0f} µs to take in one, {size:.0f} MB\n\n{table(['100,000 executions', 'wall, ms'], rows)}"


def _page(catalogue: SqliteCatalogue, filters: Mapping[str, Sequence[str]], after: int | None = None) -> Any:
    return lambda: catalogue.page(filters, after, 50)


def _milliseconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1e3


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _summary(number: int) -> dict[str, Any]:
    outcome = _OUTCOMES[number % len(_OUTCOMES)]
    started = _START + timedelta(minutes=number)
    name = f"R{number // len(_OUTCOMES) % 10}"
    return {
        "executionId": f"{name}-{number}-abcdef",
        "runbookId": name,
        "version": "1",
        "definitionDigest": "sha256:" + f"{number // 25_000:064x}",
        "number": number,
        "executedBy": f"person-{number % 7}",
        "purpose": None,
        "startedAt": _text(started),
        "endedAt": _text(started + timedelta(seconds=30)),
        "outcome": outcome,
        "steps": {"total": 12, "settled": 12},
        "failedStep": "check" if outcome in ("failed", "blocked") else None,
        "failedProver": "kpi:filled>=0.9" if outcome == "blocked" else None,
        "openReviews": 0,
        "origin": None,
        "parent": None,
        "merkleRoot": "sha256:" + f"{number:064x}",
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as name:
        folder = Path(name).resolve()
        print("\n".join(describe(folder)))
        print(load())
        print(measure_list(folder))
