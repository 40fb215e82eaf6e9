"""The wheel of the service carries what a checkout has beside the package, and the console if it is built."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

PROJECT = Path(__file__).parents[1]
SHIPPED = ("templates", "policies", "licences", "models", "reports")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    copy = tmp_path / "services" / "runbooks"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns("__pycache__", "tests", "training"))
    return copy


def names(project: Path, version: str = "standard") -> set[str]:
    [wheel] = WheelBuilder(str(project)).build(directory=str(project / "dist"), versions=[version])
    with zipfile.ZipFile(wheel) as opened:
        return set(opened.namelist())


def files(folder: Path, prefix: str) -> set[str]:
    return {f"{prefix}/{path.relative_to(folder).as_posix()}" for path in folder.rglob("*") if path.is_file()}


def test_it_has_every_shipped_file_and_the_console(project: Path) -> None:
    built = project.parents[1] / "apps" / "web" / "dist"
    (built / "assets").mkdir(parents=True)
    for name in ("index.html", "assets/main-B4x.js", "assets/main-B4x.js.br"):
        (built / name).write_text("built")
    found = names(project)
    assert files(built, "runbooks/shipped/console") == {
        name for name in found if name.startswith("runbooks/shipped/console")
    }
    for folder in SHIPPED:
        assert files(project / folder, f"runbooks/shipped/{folder}") <= found, folder
    assert files(project / "src" / "runbooks", "runbooks") <= found


def test_a_console_that_is_not_built_is_left_out_with_a_warning(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not [name for name in names(project) if "shipped/console" in name]
    assert "run `make wheel`" in "".join(capsys.readouterr())


def test_an_editable_install_carries_no_copy(project: Path) -> None:
    built = project.parents[1] / "apps" / "web" / "dist"
    built.mkdir(parents=True)
    (built / "index.html").write_text("built")
    assert not [name for name in names(project, "editable") if "console" in name]
