"""Fixtures of all tests of the service; what stands for the outside world is in `simulator`."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from services.runbooks.tests.real import not_tested_lines
from services.runbooks.tests.simulator import World

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def vectors() -> Callable[[str], Path]:
    """Folder of one set of public conformance vectors; skips where they are not."""
    folder = Path(os.environ.get("CONFORMANCE_VECTORS") or ROOT.parent / "shared" / "vectors")

    def find(name: str) -> Path:
        if not (folder / name).is_dir():
            pytest.skip(f"no public vectors {name} here; set CONFORMANCE_VECTORS to the folder that has them")
        return folder / name

    return find


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A new installation in a world that answers nothing yet."""
    return World(tmp_path)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End the run with what was not tested here, and why."""
    for line in not_tested_lines():
        terminalreporter.write_line(line)
