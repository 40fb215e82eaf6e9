"""What a person does wrong on the command line is refused before anything begins, with where and what to do."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from pathlib import Path

import pytest

from services.runbooks.tests.endtoend.conftest import BIN, runbooks
from services.runbooks.tests.simulator import runbook as written
from services.runbooks.tests.simulator import step

pytestmark = pytest.mark.real

SERVE = Path(__file__).parents[4] / "tools" / "serve.sh"


@pytest.fixture
def runbook(tmp_path: Path) -> str:
    """A definition of pure steps, in a file."""
    path = tmp_path / "pure.json"
    steps = [step(f"s{index}", "transform", dependsOn=[], expression=str(index)) for index in range(5)]
    path.write_text(json.dumps(written(*steps)))
    return str(path)


@pytest.mark.parametrize(
    ("graph", "told"),
    [
        ("foo://x", "starts with arcadedb:, bolt:// or neo4j://, got 'foo'"),
        ("neo4j://me:secret@x", "holds no credentials"),
        ("neo4j://127.0.0.1:1", "RUNBOOKS_GRAPH_PASSWORD"),
        ("arcadedb:elsewhere", "named `arcadedb:`"),
    ],
)
def test_a_graph_that_no_step_could_use_opens_no_execution(
    graph: str, told: str, runbook: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNBOOKS_GRAPH_PASSWORD", raising=False)
    ended = runbooks(tmp_path / "home", "run", runbook, "--graph", graph)
    assert (ended.code, ended.out, told in ended.err) == (1, "", True), ended.err
    assert not (tmp_path / "home").exists()


def test_a_data_folder_that_is_a_file_is_called_that(tmp_path: Path) -> None:
    file = tmp_path / "home"
    file.write_text("x")
    told = f"error: data folder {file}: this is a file; name a folder by --home or $RUNBOOKS_HOME"
    for command in (["status"], ["import-demo", "--sample"]):
        ended = runbooks(file, *command)
        assert (ended.code, ended.err) == (1, f"{told} [data_folder.unusable]\n")


def test_a_manifest_that_cannot_be_written_is_named_as_it_was_asked_for(runbook: str, tmp_path: Path) -> None:
    home, path = tmp_path / "home", tmp_path / "none" / "x.pcq"
    assert runbooks(home, "run", runbook).code == 0
    ended = runbooks(home, "manifest", "last", "--output", str(path))
    told = f"error: {path}: No such file or directory; check that it exists and can be written\n"
    assert (ended.code, ended.err) == (1, told)


def test_the_console_is_not_begun_on_a_port_that_another_service_answers_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        command = ["bash", str(SERVE)]
        ended = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "PORT": port}
        )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"port {port} is in use" in ended.stderr
    assert "PORT=" in ended.stderr


def test_an_execution_ends_though_nobody_reads_its_progress(runbook: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    reading, nobody = os.pipe()
    os.close(reading)
    try:
        command = [str(BIN / "runbooks"), "run", runbook, "--home", str(home)]
        ended = subprocess.run(command, stdout=nobody, stderr=subprocess.PIPE, check=False, timeout=120)
    finally:
        os.close(nobody)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert "completed" in runbooks(home, "status").out
