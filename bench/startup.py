"""Start-up of the commands, from the shell's view."""

from __future__ import annotations

__all__ = ["measure_commands"]

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.report import median_and_spread, table

_COMMANDS = (("runbooks", "--version"), ("runbooks", "list"), ("pcq-verify", "--version"))


def measure_commands(repeats: int, folder: Path) -> str:
    """The table; the first start, which may read from the disk, is left out."""
    rows = []
    for command in _COMMANDS:
        seconds = [_seconds(command, folder) for _ in range(repeats + 1)][1:]
        rows.append([f"`{' '.join(command)}`", median_and_spread([value * 1_000 for value in seconds])])
    return table(["command", "wall, ms"], rows)


def _seconds(command: Sequence[str], folder: Path) -> float:
    program = Path(sys.executable).with_name(command[0])
    environment = {**os.environ, "RUNBOOKS_HOME": str(folder)}
    start = time.perf_counter()
    subprocess.run([program, *command[1:]], check=True, stdout=subprocess.DEVNULL, env=environment, timeout=60)
    return time.perf_counter() - start
