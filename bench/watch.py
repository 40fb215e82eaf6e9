"""A command, timed from the outside, with the peak of its own memory and of a server that works for it.

Peaks are the kernel's high-water marks of the resident set. They are read while the processes live, many times a
second, because a process takes its mark with it: what grows in its last moment is missed.
"""

from __future__ import annotations

__all__ = ["Watched", "peak", "watch"]

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Watched:
    """Seconds; peaks of the resident set in MB."""

    seconds: float
    service: float
    server: float


def watch(
    command: Sequence[str], server: Callable[[], int | None], environment: Mapping[str, str], timeout: float
) -> Watched:
    """Run the command to its end; `server` finds the process id of the graph server, as soon as there is one.

    Raises SystemExit with what the command printed unless it ends with exit code 0 within `timeout` seconds.
    """
    began = time.perf_counter()
    service_peak = server_peak = 0.0
    found: int | None = None
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(environment)
    ) as process:
        while process.poll() is None:
            service_peak = max(service_peak, peak(process.pid))
            found = found or server()
            if found:
                server_peak = max(server_peak, peak(found))
            if time.perf_counter() - began > timeout:
                process.kill()
                raise SystemExit(f"{' '.join(command)}: no end within {timeout:g} s")
            time.sleep(_LOOK_SECONDS)
        seconds = time.perf_counter() - began
        printed = process.stdout.read() if process.stdout else ""
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: exit code {process.returncode}\n{printed}")
    return Watched(seconds, service_peak, server_peak)


def peak(pid: int) -> float:
    """The process's peak in MB, 0 when it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0
