"""The shipped policies as OPA's own tools see them: strict, formatted, tested."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.runbooks.tests.real import opa, require

pytestmark = pytest.mark.real
FOLDER = Path(__file__).parents[2] / "policies"


@pytest.mark.parametrize(
    "command",
    [["check", "--strict"], ["fmt", "--fail", "--list"], ["test", "--fail-on-empty"]],
    ids=["checked", "formatted", "tested"],
)
def test_opa_has_nothing_against_the_shipped_policies(command: list[str]) -> None:
    require("OPA", opa.fetch())
    files = [str(path) for path in sorted(FOLDER.glob("*.rego"))]
    assert len(files) >= 4
    data = [] if command[0] == "fmt" else [str(FOLDER / "data.json")]
    done = opa.run_opa(*command, *files, *(data if command[0] == "test" else []))
    assert done.returncode == 0, done.stdout + done.stderr
