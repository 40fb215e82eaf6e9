"""Artifacts: bytes that a step made, known by their digest; the bytes themselves lie in the blob store. Pure.

An artifact travels through inputs and outputs as an object with `file`, `mediaType`, `digest` and `size`, among
other members perhaps. Whoever uses its bytes compares them with digest and size first.
"""

from __future__ import annotations

__all__ = ["Artifact", "read_artifact"]

import re
from dataclasses import dataclass
from typing import Any

from runbooks.errors import EvidenceError

_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MEDIA_TYPE = re.compile(r"(application|audio|font|image|model|text|video)/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,99}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Artifact:
    """One artifact; `size` is in bytes."""

    file: str
    media_type: str
    digest: str
    size: int

    def members(self) -> dict[str, Any]:
        """The four members that name it, as JSON."""
        return {"file": self.file, "mediaType": self.media_type, "digest": self.digest, "size": self.size}


def read_artifact(value: Any, where: str) -> Artifact:
    """The artifact that a value names; raises EvidenceError (`artifact.invalid`) saying what is wrong at `where`."""
    if not isinstance(value, dict):
        raise _wrong(where, f"expected an object with file, mediaType, digest and size, got {type(value).__name__}")
    for name, pattern in (("file", _FILE), ("mediaType", _MEDIA_TYPE), ("digest", _DIGEST)):
        found = value.get(name)
        if not isinstance(found, str) or not pattern.fullmatch(found):
            raise _wrong(where, f"its {name} is not one of an artifact")
    size = value.get("size")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise _wrong(where, "its size is not a number of bytes")
    return Artifact(value["file"], value["mediaType"], value["digest"], size)


def _wrong(where: str, what: str) -> EvidenceError:
    return EvidenceError(f"{where} is no artifact: {what}", code="artifact.invalid")
