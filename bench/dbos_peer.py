"""DBOS on SQLite: a workflow of no-op steps, each recorded before the next begins.

Two ways. `shipped` is what `pip install dbos` gives: rollback journal, `synchronous` FULL, 20 connections. `tuned`
is the fastest setting known without giving up durability: write-ahead log, FULL, one executor thread (its
concurrent steps otherwise wait for each other's write lock). Neither hashes, chains or signs anything.
"""

from __future__ import annotations

__all__ = ["main"]

import asyncio
import sqlite3
import sys
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig

from bench.runbook import LAYER_WIDTH
from bench.sample import Sample, Stopwatch

_WARM_UP_STEPS = 100
_FULL = 2


@DBOS.step()
def _step(value: dict[str, Any]) -> dict[str, Any]:
    return value


@DBOS.step()
async def _concurrent_step(value: dict[str, Any]) -> dict[str, Any]:
    return value


@DBOS.workflow()
def _chain(steps: int) -> None:
    value: dict[str, Any] = {}
    for _ in range(steps):
        value = _step(value)


@DBOS.workflow()
async def _layers(steps: int) -> None:
    for _ in range(steps // LAYER_WIDTH):
        await asyncio.gather(*[_concurrent_step({}) for _ in range(LAYER_WIDTH)])


def main(shape: str, way: str, steps: int, folder: Path) -> Sample:
    """Time of one workflow of `steps` steps in the shape `chain` or `layers`."""
    path = folder / "dbos.sqlite"
    _require_durable(path, "wal" if way == "tuned" else "delete")
    config = DBOSConfig(name="bench", system_database_url=f"sqlite:///{path}", log_level="WARNING")
    if way == "tuned":
        config["max_executor_threads"] = 1
    DBOS(config=config)
    DBOS.launch()
    try:
        return asyncio.run(_measure_layers(steps)) if shape == "layers" else _measure_chain(steps)
    finally:
        DBOS.destroy()


def _measure_chain(steps: int) -> Sample:
    # The synchronous form is the faster one for a chain.
    _chain(_WARM_UP_STEPS)
    watch = Stopwatch()
    _chain(steps)
    return watch.sample(steps)


async def _measure_layers(steps: int) -> Sample:
    await _layers(_WARM_UP_STEPS)
    watch = Stopwatch()
    await _layers(steps)
    return watch.sample(steps)


def _require_durable(path: Path, journal: str) -> None:
    # The journal mode stays with the file; `synchronous` is SQLite's default, which DBOS does not change.
    connection = sqlite3.connect(path)
    try:
        [mode] = connection.execute(f"PRAGMA journal_mode={journal}").fetchone()
        [synchronous] = connection.execute("PRAGMA synchronous").fetchone()
    finally:
        connection.close()
    if mode != journal or synchronous != _FULL:
        raise SystemExit(f"this SQLite does not compare: journal {mode}, synchronous {synchronous}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])).print()
