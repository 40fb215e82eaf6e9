"""Files that are written whole or not at all: content-addressed bytes and exports."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runbooks.adapters.blobs import FolderBlobs, write_durably
from runbooks.adapters.exports import FolderExports
from runbooks.errors import PermanentPortError

DIGEST = "sha256:" + hashlib.sha256(b"data").hexdigest()


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_bytes_come_back_under_their_digest(tmp_path: Path, data: bytes) -> None:
    name = FolderBlobs(tmp_path).put(data)
    assert name == "sha256:" + hashlib.sha256(data).hexdigest()
    assert FolderBlobs(tmp_path).get(name) == data


def test_the_same_bytes_are_one_file(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    assert blobs.put(b"data") == blobs.put(b"data") == DIGEST
    blobs.put(b"other")
    assert len(files(tmp_path)) == 2


def test_missing_bytes_are_an_error_that_names_them(tmp_path: Path) -> None:
    with pytest.raises(PermanentPortError, match=DIGEST) as caught:
        FolderBlobs(tmp_path).get(DIGEST)
    assert caught.value.code == "blob.read"


@pytest.mark.parametrize("found", [b"", b"dat", b"data\n", b"Data"])
def test_bytes_that_do_not_hash_to_their_name_are_never_returned(found: bytes, tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    blobs.put(b"data")
    [path] = tmp_path.rglob(DIGEST[7:])
    path.write_bytes(found)
    with pytest.raises(PermanentPortError, match="damaged") as caught:
        blobs.get(DIGEST)
    assert caught.value.code == "blob.damaged"


def test_a_folder_that_cannot_be_written_is_an_error_that_names_the_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PermanentPortError, match="cannot write") as caught:
        FolderBlobs(tmp_path / "file").put(b"data")
    assert caught.value.code == "blob.write"


def test_writers_at_the_same_time_leave_one_whole_file(tmp_path: Path) -> None:
    data = os.urandom(200_000)
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(lambda _: FolderBlobs(tmp_path).put(data), range(32)))
    assert len(names) == 1
    assert FolderBlobs(tmp_path).get(names.pop()) == data
    assert len(files(tmp_path)) == 1


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_durably(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_durably(path, b"new")
    assert (path.read_bytes(), files(tmp_path)) == (b"old", ["file"])


def test_file_and_folder_are_on_the_disk_before_the_write_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    sizes: list[int] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        sizes.append(os.fstat(descriptor).st_size)
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    write_durably(tmp_path / "sub" / "file", b"data")
    assert [Path(name).parent.name for name in synced] == ["sub", tmp_path.name]
    assert synced[1] == str(tmp_path / "sub")
    assert sizes[0] == len(b"data"), "all bytes have left the process by then"


def test_no_file_stays_open(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    before = open_files()
    for number in range(20):
        blobs.get(blobs.put(b"%d" % number))
    assert open_files() == before


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_an_export_lies_under_its_execution_and_is_written_once(tmp_path: Path) -> None:
    exports = FolderExports(tmp_path)
    exports.write("R-1", "a.json", b"1")
    exports.write("R-2", "a.json", b"2")
    path = tmp_path / "R-1" / "a.json"
    before = path.stat().st_ino
    exports.write("R-1", "a.json", b"1")
    assert (files(tmp_path), path.read_bytes()) == (["R-1/a.json", "R-2/a.json"], b"1")
    assert path.stat().st_ino == before, "the same bytes again change nothing"
    exports.write("R-1", "a.json", b"3")
    assert path.read_bytes() == b"3"


@pytest.mark.parametrize(
    ("execution", "file"),
    [
        ("R-1", "../a.json"),
        ("R-1", "/a.json"),
        ("R-1", "b/a.json"),
        ("R-1", ".."),
        ("R-1", ""),
        ("../R-1", "a.json"),
        ("..", "a.json"),
        ("a/../../R-1", "a.json"),
    ],
)
def test_an_export_never_leaves_its_folder(execution: str, file: str, tmp_path: Path) -> None:
    with pytest.raises(PermanentPortError) as caught:
        FolderExports(tmp_path / "exports").write(execution, file, b"1")
    assert caught.value.code == "export.name"
    assert files(tmp_path) == []


def test_an_export_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PermanentPortError, match="make the folder writable") as caught:
        FolderExports(tmp_path / "file").write("R-1", "a.json", b"1")
    assert caught.value.code == "export.write"
