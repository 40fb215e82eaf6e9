"""Whatever is wrong, the command says where, what and what to do, in one sentence, and the ledger stays valid."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from services.runbooks.tests.endtoend.conftest import SEED, Ended, runbooks

pytestmark = pytest.mark.real

Change = Callable[[dict[str, Any]], None]


def _definition(tmp_path: Path, change: Change) -> Path:
    definition = json.loads(SEED.read_bytes())
    change(definition)
    path = tmp_path / "runbook.json"
    path.write_text(json.dumps(definition))
    return path


def _step(definition: dict[str, Any], step_id: str) -> dict[str, Any]:
    [step] = [step for step in definition["steps"] if step["stepId"] == step_id]
    found: dict[str, Any] = step
    return found


def _retry_at_once(definition: dict[str, Any]) -> None:
    for step in definition["steps"]:
        step["retry"] = {"intervalSeconds": 0}


@pytest.fixture
def home(tmp_path: Path, sample_home: Path) -> Path:
    """A data folder over the settings of the sample's, with a ledger of its own."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "settings.json").write_bytes((sample_home / "settings.json").read_bytes())
    return folder


def _refused(ended: Ended, *words: str) -> None:
    assert ended.code == 1, ended.out + ended.err
    assert "Traceback" not in ended.err
    lines = ended.err.strip().splitlines()
    assert any(all(word in line for word in words) for line in lines), ended.err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: _step(d, "query-entities").update(type="querry"), ["/steps/0/type", "querry", "known types"]),
        (lambda d: _step(d, "query-entities").update(dependsOn=["assert-completeness"]), ["/steps/0", "wait for each"]),
        (lambda d: _step(d, "update-entities").update(stepId="query-entities"), ["/steps/2/stepId", "query-entities"]),
        (lambda d: _step(d, "update-entities").update(cypher=7), ["/steps/2/cypher", "string"]),
        (lambda d: _step(d, "update-entities").update(inputs="$$$["), ["/steps/2/inputs", "does not parse"]),
    ],
    ids=["unknown step type", "cycle", "duplicate stepId", "wrong type", "expression"],
)
def test_a_faulty_definition_is_refused_with_its_place(
    tmp_path: Path, home: Path, change: Change, words: list[str]
) -> None:
    path = _definition(tmp_path, change)
    _refused(runbooks(home, "run", str(path)), path.name, *words)
    assert runbooks(home, "fsck").out.startswith("ledger intact: 0 entries")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('{"runbookId": NaN}', "NaN"),
        ('{"runbookId": 1e999}', "1e999"),
        ("[" * 100_000, "depth"),
        ('{"a": 1, "\\u0061": 2}', "twice"),
    ],
    ids=["NaN", "1e999", "depth 10^5", "duplicate name"],
)
def test_a_file_that_is_no_strict_json_is_refused(tmp_path: Path, home: Path, text: str, word: str) -> None:
    path = tmp_path / "runbook.json"
    path.write_text(text)
    ended = runbooks(home, "run", str(path))
    _refused(ended, str(path))
    assert word in ended.err or "JSON" in ended.err


def test_an_unknown_parameter_is_named_and_nothing_is_recorded(home: Path) -> None:
    _refused(runbooks(home, "run", str(SEED), "--input", "colour=red"), "colour")
    assert runbooks(home, "fsck").out.startswith("ledger intact: 0 entries")


def test_a_syntax_error_in_cypher_fails_the_step_once_with_its_place(sample_home: Path, tmp_path: Path) -> None:
    def change(definition: dict[str, Any]) -> None:
        _step(definition, "query-entities")["cypher"] = "MATCH (e:Entity WHERE RETURN e"

    ended = runbooks(sample_home, "run", str(_definition(tmp_path, change)), "--as", "agent-456")
    assert ended.code == 4
    assert "line 1" in ended.out
    assert "graph.syntax" in ended.out
    assert "↻" not in ended.out, "a syntax error is not tried again"
    assert runbooks(sample_home, "fsck").code == 0


@pytest.fixture
def broken_api() -> Iterator[tuple[str, list[str]]]:
    """An API that answers 500 to everything; its address, and the idempotency keys that it was given."""
    keys: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            keys.append(self.headers["Idempotency-Key"])
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_error(500)

        def log_message(self, *arguments: object) -> None:
            del arguments

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", keys
    server.shutdown()
    server.server_close()


def test_an_api_that_answers_500_is_tried_three_times_under_one_key(
    sample_home: Path, tmp_path: Path, broken_api: tuple[str, list[str]]
) -> None:
    address, keys = broken_api
    settings = sample_home / "settings.json"
    before = settings.read_bytes()
    endpoints = {"https://api.example.com": {"base": address, "private": True}}
    settings.write_text(json.dumps({**json.loads(before), "endpoints": endpoints}))
    try:
        ended = runbooks(sample_home, "run", str(_definition(tmp_path, _retry_at_once)), "--as", "agent-456")
    finally:
        settings.write_bytes(before)
    assert ended.code == 4
    assert "HTTP 500" in ended.out
    assert len(keys) == 3
    assert len(set(keys)) == 1


def test_an_unreachable_graph_is_named_with_what_to_do(home: Path, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("nothing")
    settings = {"graph": "bolt://127.0.0.1:1", "graph_password": f"file:{secret}"}
    (home / "settings.json").write_text(json.dumps(settings))
    ended = runbooks(home, "run", str(_definition(tmp_path, _retry_at_once)), "--as", "agent-456")
    assert ended.code == 4
    assert "graph.unreachable" in ended.out
    assert "settings.json" in ended.out


def test_a_read_only_disk_stops_before_anything_happens(tmp_path: Path) -> None:
    """On a file system mounted read-only, for root writes into any other read-only folder."""
    script = (
        'mount -t tmpfs tmpfs "$1" && mkdir "$1/home" && mount -o remount,ro "$1" && exec "${@:2}" --home "$1/home"'
    )
    command = ["unshare", "--map-root-user", "--mount", "bash", "-c", script, "bash", str(tmp_path)]
    if subprocess.run([*command[:3], "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody make a mount namespace")
    tool = str(Path(sys.executable).parent / "runbooks")
    done = subprocess.run([*command, tool, "run", str(SEED)], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Read-only file system" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unusable_key_is_named(home: Path) -> None:
    assert runbooks(home, "keys").code == 0
    key = home / "keys" / "step.pem"
    key.write_text("no key")
    _refused(runbooks(home, "run", str(SEED)), "step.pem", "PKCS#8")
    key.chmod(0o644)
    _refused(runbooks(home, "run", str(SEED)), "step.pem", "chmod 600")


def test_a_second_process_on_a_data_folder_is_refused(home: Path) -> None:
    from runbooks.service import locked

    with locked(home):
        _refused(runbooks(home, "run", str(SEED)), str(home), "in use by another process")
