"""The runner: an execution of no-op steps, from the start to the sealed manifest.

The definition is loaded before the clock starts, as an installation loads it once. Everything else counts: the
opening entry, the materials, every step's entries, hashes, commitments and signature, the header and its signature.
"""

from __future__ import annotations

__all__ = ["main"]

import asyncio
import sqlite3
import sys
from pathlib import Path

from runbooks.definition import Definition
from runbooks.service import open_runner
from runbooks.settings import Settings

from bench.runbook import chain, layers
from bench.sample import Sample, Stopwatch

_WARM_UP_STEPS = 100


def main(shape: str, steps: int, folder: Path) -> Sample:
    """Time of one execution of `steps` steps in the shape `chain` or `layers`."""
    make = layers if shape == "layers" else chain
    return asyncio.run(_measure(make(_WARM_UP_STEPS), make(steps), folder))


async def _measure(warm_up: Definition, definition: Definition, folder: Path) -> Sample:
    async with open_runner(Settings(folder)) as runner:
        await runner.execute(warm_up, {}, executed_by="bench")
        before = _ledger_bytes(folder)
        watch = Stopwatch()
        execution = await runner.execute(definition, {}, executed_by="bench")
        steps = len(definition.steps)
        taken = watch.sample(steps)
        if execution.outcome != "completed":
            raise SystemExit(f"the measured execution is {execution.outcome}")
        return Sample(taken.wall, taken.cpu, (_ledger_bytes(folder) - before) / steps)


def _ledger_bytes(folder: Path) -> int:
    query = (
        "SELECT coalesce(sum(length(execution_id) + length(runbook_id) + length(kind) + length(step_id)"
        " + length(body) + length(previous_hash) + length(entry_hash)), 0) FROM entries WHERE step_id IS NOT NULL"
    )
    connection = sqlite3.connect(folder / "ledger.sqlite")
    try:
        found: int = connection.execute(query).fetchone()[0]
        return found
    finally:
        connection.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])).print()
