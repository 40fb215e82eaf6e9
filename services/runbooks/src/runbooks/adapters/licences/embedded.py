"""The licence registry in a folder: `licences.json`, read again at each question, so that an edit acts at once.

The file is checked as it is when an execution starts: a half-written one is no answer.
"""

from __future__ import annotations

__all__ = ["FolderLicences"]

import asyncio
from collections.abc import Sequence
from pathlib import Path

from runbooks.canonical import loads
from runbooks.errors import CanonicalError, PermanentPortError
from runbooks.licensing import licence_name
from runbooks.registries import registry_problems


class FolderLicences:
    """A LicenceRegistry over the file of an installation."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "licences.json"
        self._last: tuple[bytes, frozenset[str]] = (b"", frozenset())

    async def revoked(self, names: Sequence[str]) -> Sequence[str]:
        """See the port; raises PermanentPortError with code `licences.unusable`."""
        # A large file must not hold up what else is in flight.
        active = await asyncio.to_thread(self._active)
        return [name for name in names if name not in active]

    async def close(self) -> None:
        """See the port."""

    def _active(self) -> frozenset[str]:
        try:
            data = self._path.read_bytes()
            # By its bytes and not by its date: an edit within the tick of a clock counts too.
            known, active = self._last
            if data and data == known:
                return active
            registry = loads(data)
        except (OSError, CanonicalError) as error:
            raise self._unusable(str(error)) from error
        problems = registry_problems("licences", registry)
        if problems:
            raise self._unusable(str(problems[0]))
        active = frozenset(licence_name(item) for item in registry["licences"] if item["status"] == "active")
        self._last = (data, active)
        return active

    def _unusable(self, why: str) -> PermanentPortError:
        message = f"{self._path}: cannot be asked for revocations, which denies every licence; mend it: {why}"
        return PermanentPortError(message, code="licences.unusable")
