"""A product that is missing skips its tests, each with the reason, and is an error in CI."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.runbooks.tests import real


@pytest.fixture(autouse=True)
def _no_products(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real, "_MISSING", {})
    monkeypatch.delenv("CI", raising=False)


def test_a_product_that_is_there_is_not_mentioned() -> None:
    real.require("Neo4j", None)
    assert real.not_tested_lines() == []


def test_a_missing_product_skips_and_is_told_once_at_the_end() -> None:
    for _ in range(2):
        with pytest.raises(pytest.skip.Exception, match="not tested here: Neo4j, because there is no java"):
            real.require("Neo4j", "there is no java")
    assert real.not_tested_lines() == ["not tested here: Neo4j, because there is no java"]


def test_a_missing_product_is_an_error_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="there is no java"):
        real.require("Neo4j", "there is no java")


def test_what_ci_need_not_have_is_skipped_there_too_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.skip.Exception, match="there is no Java 21"):
        real.require("Neo4j 2026", "there is no Java 21", in_ci=False)
    assert real.not_tested_lines() == ["not tested here: Neo4j 2026, because there is no Java 21"]


WORKERS = """
import pytest
from services.runbooks.tests.real import require

@pytest.mark.parametrize("number", range(4))
def test_that_needs_it(number):
    require(f"product {number % 2}", "there is none")
"""


@pytest.mark.parametrize("flags", [(), ("-n", "2")])
def test_the_end_of_a_run_tells_what_was_missing_in_any_worker(flags: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("from services.runbooks.tests.conftest import *")
    (tmp_path / "test_it.py").write_text(WORKERS)
    command = [sys.executable, "-m", "pytest", "-q", *flags, "--rootdir", str(tmp_path), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told = [line for line in ended.stdout.splitlines() if line.startswith("not tested here: product")]
    assert told == [f"not tested here: product {number}, because there is none" for number in (0, 1)]


def test_one_process_at_a_time_fetches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(real, "CACHE", tmp_path / "cache")
    with real.one_at_a_time(), (tmp_path / "cache" / "fetching.lock").open() as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with real.one_at_a_time():
        pass
