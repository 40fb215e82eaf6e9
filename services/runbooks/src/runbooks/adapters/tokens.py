"""Bearer tokens of people and agents, kept as hashes: `tokens.json` in the data folder, 0600."""

from __future__ import annotations

__all__ = ["Token", "TokenFile", "hash_secret"]

import fcntl
import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runbooks.adapters.blobs import write_durably
from runbooks.callers import Caller
from runbooks.canonical import dumps, loads
from runbooks.errors import CanonicalError, KeyFileError

# So much of a hash names a token to people.
_SHOWN = 12
_PREFIX = "sha256:"


@dataclass(frozen=True)
class Token:
    """What is known of one: `token_id` names it and opens nothing; `expires` in seconds since 1970, None for never."""

    token_id: str
    subject: str
    expires: float | None


class TokenFile:
    """Who a token belongs to; a token is shown once, when it is made. `now` gives seconds since 1970."""

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._now = now

    def add(self, subject: str, *, days: float | None = None) -> str:
        """A new token for that person or agent, for so many days or until it is revoked; raises KeyFileError."""
        if not 1 <= len(subject) <= 256:
            raise KeyFileError("whose token it is must be named in 1 to 256 characters", code="token.subject")
        token = secrets.token_urlsafe(32)
        made: dict[str, Any] = {"subject": subject}
        if days is not None:
            made["expires"] = int(self._now() + days * 86_400)
        with self._changing() as known:
            known[hash_secret(token)] = made
        return token

    def find(self, token: str) -> Caller | None:
        """Whose token it is; None for one that nobody has, or that expired. Raises KeyFileError."""
        kept = self._known().get(hash_secret(token))
        if kept is None:
            return None
        found = _read("", kept)
        if found.expires is not None and found.expires <= self._now():
            return None
        return Caller(found.subject, "token", found.expires)

    def all(self) -> list[Token]:
        """All of them, by subject; raises KeyFileError."""
        found = [_read(name.removeprefix(_PREFIX)[:_SHOWN], kept) for name, kept in self._known().items()]
        return sorted(found, key=lambda token: (token.subject, token.token_id))

    def revoke(self, token_id: str) -> Token:
        """Take one back, from the next request on; raises KeyFileError (`token.unknown`) when there is none."""
        with self._changing() as known:
            names = [name for name in known if name.removeprefix(_PREFIX)[:_SHOWN] == token_id]
            if len(names) != 1:
                raise KeyFileError(f"no token {token_id}; `runbooks tokens --list` names them", code="token.unknown")
            return _read(token_id, known.pop(names[0]))

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        """The tokens, written when the block ends; others that change them wait, the service needs not."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.with_suffix(".lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                known = self._known()
                yield known
                write_durably(self._path, dumps(known))
        except OSError as error:
            raise KeyFileError(
                f"{self._path}: cannot be written: {error.strerror}; make the folder writable"
            ) from error

    def _known(self) -> dict[str, Any]:
        if not self._path.exists():
            return {}
        try:
            known = loads(self._path.read_bytes())
        except (OSError, CanonicalError) as error:
            raise KeyFileError(f"{self._path}: cannot be read: {error}; restore it from a backup") from error
        return known if isinstance(known, dict) else {}


def hash_secret(secret: str) -> str:
    """What is kept of a secret of 256 random bits: a plain hash of it cannot be guessed."""
    return _PREFIX + hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _read(token_id: str, kept: Any) -> Token:
    # A bare subject is what the first version wrote.
    if isinstance(kept, dict):
        return Token(token_id, str(kept.get("subject", "")), kept.get("expires"))
    return Token(token_id, str(kept), None)
