"""Entry of the benchmarks: `python bench/run.py --help`."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    # A script's own folder is on the path, its repository is not; the modules are those of the package `bench`.
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    runpy.run_module("bench.suite", run_name="__main__")
