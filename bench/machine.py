"""What the figures were taken on: a figure without its machine means nothing."""

from __future__ import annotations

__all__ = ["describe", "load"]

import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path


def describe(folder: Path) -> list[str]:
    """Lines about processor, disk of `folder`, interpreter and libraries."""
    return [
        f"{_processor()}, {os.cpu_count()} cores, Linux {platform.release()}, {_file_system(folder)}",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        + ", ".join(f"{name} {version(name)}" for name in ("orjson", "PyNaCl", "dbos")),
    ]


def load() -> str:
    """The load average of the last minute."""
    return f"load {os.getloadavg()[0]:.2f}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _file_system(folder: Path) -> str:
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    holding = [(target, kind) for _, target, kind, *_ in mounts if folder.is_relative_to(target)]
    _, kind = max(holding, key=lambda mount: len(mount[0]))
    if kind == "tmpfs":
        raise SystemExit(f"{folder} lies in memory: an fsync there costs nothing; choose --folder on a disk")
    return kind
