"""Cost of a step in chains of 10 to 10,000 steps: a long execution must not pay more for each step."""

from __future__ import annotations

__all__ = ["measure_lengths"]

from pathlib import Path

from bench.report import median_and_spread, table
from bench.sample import Sample, measure_in_child

_LENGTHS = (10, 100, 1_000, 10_000)


def measure_lengths(rounds: int, folder: Path) -> str:
    """The table: an execution's cost divided by its steps, its opening and its seal included."""
    samples: dict[int, list[Sample]] = {steps: [] for steps in _LENGTHS}
    for _ in range(rounds):
        for steps, taken in samples.items():
            taken.append(measure_in_child("bench.ours", "chain", str(steps), folder=folder))
    rows = [
        [
            f"{steps:,}",
            median_and_spread([sample.wall for sample in taken]),
            median_and_spread([sample.cpu for sample in taken]),
        ]
        for steps, taken in samples.items()
    ]
    return table(["steps", "wall, µs a step", "CPU, µs a step"], rows)
