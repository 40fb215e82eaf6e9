"""All benchmarks in one run; the output is Markdown, as docs/performance.md shows it."""

from __future__ import annotations

__all__ = ["main"]

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.comparison import compare
from bench.flatness import measure_lengths
from bench.machine import describe, load
from bench.scoring import measure_scoring
from bench.startup import measure_commands
from bench.verification import measure_verification

_SECTIONS = ("chain", "layers", "lengths", "verification", "scoring", "start-up")
_REPOSITORY = Path(__file__).resolve().parents[1]


def main() -> None:
    """Measure what was asked for and print it as it comes."""
    asked = _arguments()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        folder = Path(name).resolve()
        for line in describe(folder):
            print(line + "  ")
        for title, measure in _sections(asked.steps, asked.rounds, folder).items():
            if asked.only is None or title in asked.only:
                print(f"\n## {title}\n\n{load()} at the start\n", flush=True)
                print(measure(), flush=True)
        print(f"\n{load()} at the end")


def _sections(steps: int, rounds: int, folder: Path) -> dict[str, Callable[[], str]]:
    return {
        "chain": lambda: compare("chain", steps, rounds, folder),
        "layers": lambda: compare("layers", steps, rounds, folder),
        "lengths": lambda: measure_lengths(max(rounds // 2, 1), folder),
        "verification": lambda: measure_verification(max(rounds // 2, 1), folder),
        "scoring": lambda: measure_scoring(rounds),
        "start-up": lambda: measure_commands(2 * rounds, folder),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--rounds", type=int, default=7, help="rounds of limit, runbooks, DBOS (default 7)")
    parser.add_argument("--steps", type=int, default=1_000, help="steps of the compared executions (default 1,000)")
    parser.add_argument("--only", action="append", choices=_SECTIONS, help="a section; may be given again")
    parser.add_argument(
        "--folder", type=Path, default=_REPOSITORY / ".cache" / "bench", help="scratch folder; must lie on a disk"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
