"""One measurement: taken in a process of its own, handed over as a line of JSON.

A process of its own for each sample keeps garbage, threads and page caches of one contestant out of the
figures of the next. Wall time says what a user waits for; CPU time (all threads) is what
remains comparable when the machine has other work.
"""

from __future__ import annotations

__all__ = ["Sample", "Stopwatch", "measure_in_child"]

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[1]
_TIME_LIMIT = 600


@dataclass(frozen=True)
class Sample:
    """Microseconds per step; `ledger_bytes` per step, where the contestant keeps a ledger."""

    wall: float
    cpu: float
    ledger_bytes: float = 0.0

    def print(self) -> None:
        """The line that `measure_in_child` reads."""
        print(json.dumps(asdict(self)), flush=True)


class Stopwatch:
    """Runs from its making."""

    def __init__(self) -> None:
        self._cpu, self._wall = time.process_time(), time.perf_counter()

    def sample(self, steps: int, ledger_bytes: int = 0) -> Sample:
        """Time since the start, per step."""
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return Sample(wall / steps * 1e6, cpu / steps * 1e6, ledger_bytes / steps)


def measure_in_child(module: str, *arguments: str, folder: Path) -> Sample:
    """The sample that `python -m module arguments… FOLDER` prints last; FOLDER is new, empty and on `folder`'s disk.

    Raises subprocess.CalledProcessError; what the child has to say about its failure is on stderr.
    """
    with tempfile.TemporaryDirectory(dir=folder) as own:
        command = [sys.executable, "-m", module, *arguments, own]
        done = subprocess.run(
            command, cwd=_REPOSITORY, stdout=subprocess.PIPE, text=True, check=True, timeout=_TIME_LIMIT
        )
    return Sample(**json.loads(done.stdout.splitlines()[-1]))
