"""Content-addressed bytes in a folder: one file a digest, written whole or not at all."""

from __future__ import annotations

__all__ = ["FolderBlobs"]

import os
import tempfile
from pathlib import Path

from runbooks.canonical import digest
from runbooks.errors import PermanentPortError


class FolderBlobs:
    """A BlobStore; `put` returns when the bytes are on the disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        """See the port."""
        name = digest(data)
        path = self._path(name)
        if not path.exists():
            try:
                write_durably(path, data)
            except OSError as error:
                raise PermanentPortError(
                    f"blob {name}: cannot write {path}: {error.strerror}", code="blob.write"
                ) from error
        return name

    def get(self, digest_: str) -> bytes:
        """See the port."""
        try:
            data = self._path(digest_).read_bytes()
        except OSError as error:
            raise PermanentPortError(f"blob {digest_} cannot be read: {error.strerror}", code="blob.read") from error
        if digest(data) != digest_:
            raise PermanentPortError(
                f"blob {digest_} is damaged: its bytes hash to {digest(data)}", code="blob.damaged"
            )
        return data

    def _path(self, name: str) -> Path:
        return self._folder / name[7:9] / name[7:]


def write_durably(path: Path, data: bytes) -> None:
    """Write a whole file or nothing, and return when file and folder are on the disk; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
