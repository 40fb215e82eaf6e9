"""Every vector ends with the exit code that the index names, by the command line a user has."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pcq_verify.cli import main

VECTORS = Path(__file__).resolve().parents[3] / "spec" / "vectors"
INDEX: list[dict[str, Any]] = json.loads((VECTORS / "index.json").read_bytes())


def name_of(vector: dict[str, Any]) -> str:
    return Path(vector["file"]).stem


@pytest.mark.parametrize("vector", INDEX, ids=name_of)
def test_the_vector_ends_as_the_index_says(
    vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(VECTORS)
    code = main([vector["file"], "--trust", vector["trust"], *vector["options"]])
    lines = capsys.readouterr().out.splitlines()
    assert code == vector["exit"], lines[-1]
    if code == 0:
        assert lines[-1] == "✅ Proofs verified"
    else:
        assert lines[-1].startswith("❌ Verification failed: ")
        assert len(lines[-1]) > len("❌ Verification failed: ") + 10, "a failure says where and what"


def test_every_vector_file_is_in_the_index() -> None:
    listed = {vector["file"] for vector in INDEX}
    found = {f"{folder}/{path.name}" for folder in ("valid", "attacks") for path in (VECTORS / folder).iterdir()}
    assert found == listed
    assert all((VECTORS / vector["trust"]).is_file() for vector in INDEX)


def test_every_exit_code_of_a_manifest_occurs() -> None:
    assert {vector["exit"] for vector in INDEX} == {0, 1, 3, 4, 5, 6}


def test_the_generator_writes_the_same_bytes_again(tmp_path: Path) -> None:
    copy = tmp_path / "spec" / "vectors"
    copy.mkdir(parents=True)
    (copy / "make.py").write_bytes((VECTORS / "make.py").read_bytes())
    (tmp_path / "tools").symlink_to(VECTORS.parents[1] / "tools")
    subprocess.run([sys.executable, str(copy / "make.py")], check=True, timeout=120)
    made = {path.relative_to(copy) for path in copy.rglob("*") if path.is_file()}
    kept = {path.relative_to(VECTORS) for path in VECTORS.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert kept - made == {Path("README.md"), Path(".gitattributes")}
    for path in made:
        assert (copy / path).read_bytes() == (VECTORS / path).read_bytes(), path
