"""Java's start cache: made once, and never taken from where somebody else could have written it."""

from __future__ import annotations

from pathlib import Path

import pytest
from runbooks.adapters.graph.startcache import StartCache


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "package" / "jars").mkdir(parents=True)
    (tmp_path / "workspace").mkdir()
    return tmp_path / "package"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "workspace"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "intelgraph-runbooks"


def kept_cache(package: Path, workspace: Path, folder: Path) -> Path:
    cache = StartCache(package, workspace)
    cache.options()
    (workspace / "java.aot").write_bytes(b"classes")
    cache.keep()
    (kept,) = folder.iterdir()
    return kept


def test_a_cache_is_asked_for_once_and_used_from_then_on(package: Path, workspace: Path, folder: Path) -> None:
    cache = StartCache(package, workspace)
    assert cache.options() == [f"-XX:AOTCacheOutput={workspace}/java.aot"]
    (workspace / "java.aot").write_bytes(b"classes")
    cache.keep()
    (kept,) = folder.iterdir()
    assert kept.read_bytes() == b"classes"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert not (workspace / "java.aot").exists()
    assert StartCache(package, workspace).options() == [f"-XX:AOTCache={kept}"]


def test_a_server_that_made_none_leaves_none(package: Path, workspace: Path, folder: Path) -> None:
    cache = StartCache(package, workspace)
    cache.options()
    cache.keep()
    assert list(folder.iterdir()) == []


def test_other_jars_have_another_cache(package: Path, workspace: Path, folder: Path, tmp_path: Path) -> None:
    kept_cache(package, workspace, folder)
    (tmp_path / "other" / "jars").mkdir(parents=True)
    assert StartCache(tmp_path / "other", workspace).options() == [f"-XX:AOTCacheOutput={workspace}/java.aot"]


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_a_folder_that_others_may_write_is_not_used(package: Path, workspace: Path, folder: Path, mode: int) -> None:
    folder.mkdir(parents=True)
    folder.chmod(mode)
    assert StartCache(package, workspace).options() == []


def test_a_cache_that_others_may_write_is_not_used(package: Path, workspace: Path, folder: Path) -> None:
    kept_cache(package, workspace, folder).chmod(0o666)
    assert StartCache(package, workspace).options() == []


def test_without_a_usable_home_the_server_starts_without(
    package: Path, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert StartCache(package, workspace).options() == []
