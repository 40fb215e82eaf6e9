"""Whole verifications beside the signature checks that they contain."""

from __future__ import annotations

__all__ = ["measure_verification"]

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.report import median_and_spread, ratios, table
from bench.sample import Sample, measure_in_child

_LENGTHS = (1_000, 5_000)
_BARE = "bare"
_NAMES = {_BARE: "bare signature checks", "integrity": "profile integrity", "full": "profile full"}


def measure_verification(rounds: int, folder: Path) -> str:
    """The table of `pcq-verify` on chains of no-op steps."""
    rows = []
    for steps in _LENGTHS:
        samples: dict[str, list[Sample]] = {what: [] for what in _NAMES}
        for _ in range(rounds):
            for what, taken in samples.items():
                taken.append(measure_in_child("bench.verifier", what, str(steps), folder=folder))
        rows += [_row(steps, what, samples) for what in samples]
    return table(["steps", "", "wall, µs a step", "steps a second", "times the bare checks"], rows)


def _row(steps: int, what: str, samples: Mapping[str, Sequence[Sample]]) -> list[str]:
    walls = [sample.wall for sample in samples[what]]
    return [
        f"{steps:,}",
        _NAMES[what],
        median_and_spread(walls),
        median_and_spread([1e6 / wall for wall in walls]),
        ratios(walls, [sample.wall for sample in samples[_BARE]]),
    ]
