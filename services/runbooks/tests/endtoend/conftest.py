"""Two installations made by the command line, as a user would, and what their executions left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

BIN = Path(sys.executable).parent
SEED = Path(__file__).parents[2] / "templates" / "seed" / "R1-entity-enrichment.json"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Proof:
    """An exported manifest with the trust file that goes with it."""

    execution_id: str
    path: Path
    trust: Path
    home: Path

    @property
    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.path.read_bytes())
        return found

    def step(self, step_id: str) -> dict[str, Any]:
        [step] = [step for step in self.manifest["steps"] if step["stepId"] == step_id]
        found: dict[str, Any] = step
        return found


def runbooks(home: Path, *arguments: str, environment: dict[str, str] | None = None) -> Ended:
    return _run([str(BIN / "runbooks"), *arguments, "--home", str(home)], environment)


def pcq_verify(proof: Proof, *arguments: str) -> Ended:
    return _run([str(BIN / "pcq-verify"), *arguments, str(proof.path), "--trust", str(proof.trust)])


def export(home: Path, *flags: str) -> Proof:
    execution_id = runbooks(home, "status").out.splitlines()[-1].split()[0]
    path, trust = home / f"{execution_id}.pcq", home / "trust.json"
    for ended in (
        runbooks(home, "manifest", execution_id, "--output", str(path), *flags),
        runbooks(home, "keys", "--trust", str(trust)),
    ):
        assert ended.code == 0, ended.err
    return Proof(execution_id, path, trust, home)


def _run(command: list[str], environment: dict[str, str] | None = None) -> Ended:
    ended = subprocess.run(
        command,
        env={**os.environ, "COLUMNS": "200", **(environment or {})},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("sample")
    ended = runbooks(home, "import-demo", "--sample")
    assert ended.code == 0, ended.err
    return home


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("demo")
    ended = runbooks(home, "import-demo")
    assert ended.code == 0, ended.err
    return home


@pytest.fixture(scope="session")
def seed_r1(sample_home: Path) -> Proof:
    ended = runbooks(sample_home, "run", str(SEED), "--as", "agent-456")
    assert ended.code == 0, ended.out + ended.err
    return export(sample_home)


@pytest.fixture(scope="session")
def demo_r1(demo_home: Path) -> Proof:
    ended = runbooks(demo_home, "run", "R1")
    assert ended.code == 0, ended.out + ended.err
    return export(demo_home)


@pytest.fixture(scope="session")
def demo_r2(demo_home: Path) -> Proof:
    ended = runbooks(demo_home, "run", "R2")
    assert ended.code == 0, ended.out + ended.err
    return export(demo_home)


@pytest.fixture(scope="session")
def blocked_country(demo_home: Path, demo_r1: Proof) -> Proof:
    # After R1, so that the newest execution is this one.
    ended = runbooks(demo_home, "run", "R1-country")
    assert ended.code == 3, ended.out + ended.err
    assert "waits for whom the policy names" in ended.out
    assert runbooks(demo_home, "keys", "--add", "ombuds-1").code == 0
    why = ("--as", "ombuds-1", "--reason", "not satisfiable from these sources")
    ended = runbooks(demo_home, "reviews", "reject", "last", *why)
    assert ended.code == 3, ended.out + ended.err
    return export(demo_home, "--blocked")
