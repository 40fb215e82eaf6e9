"""`runbooks policy`: what it prints, and its exit codes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from runbooks.cli import app
from typer.testing import CliRunner, Result

SHIPPED = Path(__file__).parents[2] / "policies"


def policy(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["policy", *arguments, "--home", str(home)])


def installation(home: Path) -> Path:
    """An installation with policies of its own; their folder."""
    home.mkdir(exist_ok=True)
    (home / "settings.json").write_text('{"policies": "policies"}')
    shutil.copytree(SHIPPED, home / "policies")
    return home / "policies"


def test_the_shipped_policies_decide_their_cases(tmp_path: Path) -> None:
    done = policy(tmp_path, "test")
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert len(lines) >= 16
    assert all(line.startswith("pass  ") for line in lines)


def test_a_policy_that_lets_everybody_in_fails_its_cases(tmp_path: Path) -> None:
    folder = installation(tmp_path)
    text = (folder / "intelgraph.rego").read_text()
    (folder / "intelgraph.rego").write_text(text.replace("default allow := false", "default allow := true"))
    done = policy(tmp_path, "test")
    assert done.exit_code == 1
    assert "FAIL  a stranger does nothing: allow, not deny" in done.output


@pytest.mark.parametrize(
    ("subject", "code", "why"),
    [("agent-456", 0, "the policy allows it"), ("nobody", 3, "the policy says false")],
)
def test_it_is_explained_what_a_step_would_be_told(subject: str, code: int, why: str, tmp_path: Path) -> None:
    seed = SHIPPED.parent / "templates" / "seed" / "R1-entity-enrichment.json"
    done = policy(tmp_path, "explain", str(seed), "update-entities", "--as", subject)
    assert done.exit_code == code, done.output
    assert f"authority:write_entities: {why}" in done.output
    assert f'"id": "{subject}"' in done.output


def test_an_unknown_step_is_named_with_those_there_are(tmp_path: Path) -> None:
    done = policy(tmp_path, "explain", "R1", "nothing")
    assert done.exit_code == 1
    assert "has no step nothing (it has: " in str(done.exception)


def test_two_folders_are_compared_by_module_and_by_data(tmp_path: Path) -> None:
    folder = installation(tmp_path)
    assert policy(tmp_path, "diff", str(SHIPPED)).exit_code == 0
    (folder / "more.rego").write_text("package more\n")
    data = (folder / "data.json").read_text()
    (folder / "data.json").write_text(data.replace('"auditor-1": ["reader"]', '"auditor-1": ["analyst"]'))
    done = policy(tmp_path, "diff", str(SHIPPED))
    assert done.exit_code == 1
    assert "more.rego: not there -> sha256:" in done.output
    assert "data/subjects/auditor-1" in done.output


def test_a_bundle_is_written_once_and_named_by_its_revision(tmp_path: Path) -> None:
    first, again = policy(tmp_path, "bundle", str(tmp_path / "b")), policy(tmp_path, "bundle", str(tmp_path / "b"))
    assert first.exit_code == again.exit_code == 0
    assert first.output == again.output
    assert first.output.strip() in (tmp_path / "b" / ".manifest").read_text()


def test_cases_of_another_shape_are_named(tmp_path: Path) -> None:
    (installation(tmp_path) / "cases.json").write_text('[{"desc": "x"}]')
    done = policy(tmp_path, "test")
    assert done.exit_code == 1
    assert "expected a list of objects with just" in str(done.exception)
