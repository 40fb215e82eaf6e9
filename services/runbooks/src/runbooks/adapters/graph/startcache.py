"""Java's ahead-of-time cache of the embedded server's classes: halves its start.

The first orderly stop of a server without a cache makes one, which takes some 4 s and 50 MB once per installation; it
lies in the user's cache folder, because it is the same for all data folders. A cache is code, so one that another user
could have written is not used. Java itself ignores a cache that does not fit its build or its jars.
"""

from __future__ import annotations

__all__ = ["StartCache"]

import hashlib
import os
import shutil
from pathlib import Path


class StartCache:
    """The cache for the server in `package`; a new one is made in `workspace`, a folder with one owner."""

    def __init__(self, package: Path, workspace: Path) -> None:
        # Another version or another virtual environment has other jars.
        identity = f"{package} {(package / 'jars').stat().st_mtime_ns}"
        base = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))  # noqa: PTH111 (never raises)
        digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
        self._path = base / "intelgraph-runbooks" / f"arcadedb-{digest}.aot"
        self._made = workspace / "java.aot"

    def options(self) -> list[str]:
        """Options for Java: use the cache, or make one at the end; none where neither is safe."""
        folder = self._path.parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _is_private(folder):
                return []
            if self._path.exists():
                return [f"-XX:AOTCache={self._path}"] if _is_private(self._path) else []
            self._made.unlink(missing_ok=True)
        except OSError:
            # A read-only home, or none: the server starts without, only slower.
            return []
        return [f"-XX:AOTCacheOutput={self._made}"]

    def keep(self) -> None:
        """Move a cache that the stopped server has made to its place; without one, nothing happens."""
        if not self._made.exists():
            return
        temporary = self._path.with_suffix(f".{os.getpid()}.new")
        try:
            shutil.copyfile(self._made, temporary)
            temporary.chmod(0o600)
            temporary.replace(self._path)
        except OSError:
            # A full disk, say: the next stop tries again.
            temporary.unlink(missing_ok=True)
        self._made.unlink(missing_ok=True)


def _is_private(path: Path) -> bool:
    status = path.stat()
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022
