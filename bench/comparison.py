"""The runner beside the bare limit and beside DBOS, all in turn, round after round."""

from __future__ import annotations

__all__ = ["compare"]

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.report import median_and_spread, ratios, table
from bench.sample import Sample, measure_in_child

_LIMIT, _OURS = "bare limit", "runbooks"
_CONTESTANTS: Mapping[str, Sequence[str]] = {
    _LIMIT: ("bench.limit", "{shape}"),
    _OURS: ("bench.ours", "{shape}"),
    "DBOS as shipped": ("bench.dbos_peer", "{shape}", "shipped"),
    "DBOS tuned": ("bench.dbos_peer", "{shape}", "tuned"),
}


def compare(shape: str, steps: int, rounds: int, folder: Path) -> str:
    """The table of one shape, `chain` or `layers`."""
    samples: dict[str, list[Sample]] = {name: [] for name in _CONTESTANTS}
    for _ in range(rounds):
        for name, (module, *arguments) in _CONTESTANTS.items():
            filled = [argument.format(shape=shape) for argument in arguments]
            samples[name].append(measure_in_child(module, *filled, str(steps), folder=folder))
    heads = ["", "wall, µs a step", "CPU, µs a step", "times the limit", "times runbooks"]
    ledger_bytes = samples[_OURS][0].ledger_bytes
    return "\n".join(
        [
            table(heads, [_row(name, samples) for name in samples]),
            f"\nThe runner's ledger holds {ledger_bytes:,.0f} bytes a step.",
        ]
    )


def _row(name: str, samples: Mapping[str, Sequence[Sample]]) -> list[str]:
    walls = {contestant: [sample.wall for sample in taken] for contestant, taken in samples.items()}
    return [
        name,
        median_and_spread(walls[name]),
        median_and_spread([sample.cpu for sample in samples[name]]),
        ratios(walls[name], walls[_LIMIT]),
        ratios(walls[name], walls[_OURS]),
    ]
