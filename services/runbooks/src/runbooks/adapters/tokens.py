"""Bearer tokens of people and agents, kept as hashes: `tokens.json` in the data folder, 0600."""

from __future__ import annotations

__all__ = ["TokenFile"]

import hashlib
import secrets
from pathlib import Path

from runbooks.adapters.blobs import write_durably
from runbooks.canonical import dumps, loads
from runbooks.errors import CanonicalError, KeyFileError


class TokenFile:
    """Who a token belongs to; a token is shown once, when it is made."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, subject: str) -> str:
        """A new token for that person or agent; raises KeyFileError."""
        if not 1 <= len(subject) <= 256:
            raise KeyFileError("whose token it is must be named in 1 to 256 characters", code="token.subject")
        token = secrets.token_urlsafe(32)
        try:
            write_durably(self._path, dumps({**self._known(), _hash(token): subject}))
        except OSError as error:
            raise KeyFileError(
                f"{self._path}: cannot be written: {error.strerror}; make the folder writable"
            ) from error
        return token

    def subject(self, token: str) -> str | None:
        """Whose token it is; None for one that nobody has. Raises KeyFileError."""
        return self._known().get(_hash(token))

    def _known(self) -> dict[str, str]:
        if not self._path.exists():
            return {}
        try:
            known = loads(self._path.read_bytes())
        except (OSError, CanonicalError) as error:
            raise KeyFileError(f"{self._path}: cannot be read: {error}; restore it from a backup") from error
        return known if isinstance(known, dict) else {}


def _hash(token: str) -> str:
    # A token has 256 random bits, so a plain hash of it cannot be guessed.
    return "sha256:" + hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
