"""Fixtures of all tests of the service; what stands for the outside world is in `simulator`."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.dependencies import models

from services.runbooks.tests.real import missing_products, not_tested_lines, note_missing
from services.runbooks.tests.simulator import World

ROOT = Path(__file__).parents[3]
_LONGEST = ("kill/test_sigkill.py", "endtoend/test_tampering.py", "endtoend/test_r2.py", "graph/test_roots.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest begin first: else one worker would be left alone with them at the end."""
    items.sort(key=lambda item: not item.path.as_posix().endswith(_LONGEST))


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
def memory_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: for tests of many lives that are not about the disk."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as name:
        yield Path(name)


@pytest.fixture
def world(memory_path: Path) -> World:
    """A new installation in a world that answers nothing yet."""
    return World(memory_path)


@pytest.fixture(autouse=True)
def _close_what_dead_processes_left() -> Iterator[None]:
    """Runners that a test dropped, as a death would, keep their ledgers open until they are collected."""
    yield
    if len(list(Path("/proc/self/fd").iterdir() if Path("/proc/self/fd").exists() else ())) > 100:
        # FastAPI keeps functions of routes in caches of its own, and each keeps the application that it is of.
        for item in vars(models).values():
            if hasattr(item, "cache_clear"):
                item.cache_clear()
        gc.collect()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker says what was missing to who started it."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["missing_products"] = missing_products()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take it over from a worker; one that crashed said nothing."""
    note_missing(getattr(node, "workeroutput", {}).get("missing_products", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End the run with what was not tested here, and why."""
    for line in not_tested_lines():
        terminalreporter.write_line(line)
