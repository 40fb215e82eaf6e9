"""Start-up of the commands, from the shell's view.

Modules are read as bytecode, as after any first start; it is written beside the figures, because an installation may be
read-only and an environment may forbid Python to write bytecode.
"""

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
    """The table; the first start of each, which compiles and reads from the disk, is left out."""
    rows = []
    for command in _COMMANDS:
        seconds = [_seconds(command, folder) for _ in range(repeats + 1)][1:]
        rows.append([f"`{' '.join(command)}`", median_and_spread([value * 1_000 for value in seconds])])
    return table(["command", "wall, ms"], rows)


def _seconds(command: Sequence[str], folder: Path) -> float:
    program = Path(sys.executable).with_name(command[0])
    bytecode = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    environment = {**os.environ, **bytecode, "RUNBOOKS_HOME": str(folder)}
    start = time.perf_counter()
    subprocess.run([program, *command[1:]], check=True, stdout=subprocess.DEVNULL, env=environment, timeout=60)
    return time.perf_counter() - start
