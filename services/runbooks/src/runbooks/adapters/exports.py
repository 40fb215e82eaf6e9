"""Exported files: `<folder>/<executionId>/<file>`, written whole or not at all."""

from __future__ import annotations

__all__ = ["FolderExports"]

from pathlib import Path

from runbooks.adapters.blobs import write_durably
from runbooks.errors import PermanentPortError


class FolderExports:
    """An ExportStore; writing the same bytes again changes nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, execution_id: str, file: str, data: bytes) -> None:
        """See the port."""
        path = self._folder / execution_id / file
        for name in (execution_id, file):
            if name in ("", "..") or Path(name).name != name:
                raise PermanentPortError(f"export {file!r} of {execution_id!r}: no file name", code="export.name")
        try:
            if path.exists() and path.read_bytes() == data:
                return
            write_durably(path, data)
        except OSError as error:
            message = f"export {file}: cannot write {path}: {error.strerror}; make the folder writable"
            raise PermanentPortError(message, code="export.write") from error
