"""Who calls the API, and how that became known."""

from __future__ import annotations

__all__ = ["AnswerStore", "Caller", "Kept", "SessionStore", "rfc3339"]

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol


@dataclass(frozen=True)
class Caller:
    """`expires_at` is in seconds since 1970, None for never; `roles` are what an identity provider says of them.

    Such roles are claims: what they are worth, the policies decide.
    """

    subject: str
    authentication: Literal["token", "session", "oidc"]
    expires_at: float | None = None
    roles: tuple[str, ...] = ()


class SessionStore(Protocol):
    """Sessions of browsers, each begun with a code that serves once."""

    def redeem(self, code: str) -> tuple[str, Caller] | None:
        """The secret of a new session and whose it is; None for a code that is unknown, used or too old."""
        ...

    def find(self, secret: str) -> Caller | None:
        """Whose session it is; None for one that is unknown or over."""
        ...

    def end(self, secret: str) -> None:
        """End it; nothing happens to one that is over."""
        ...


@dataclass(frozen=True)
class Kept:
    """A request that was begun, by its digest, and its answer; `status` is None where that is not known."""

    request: str
    status: int | None
    headers: Mapping[str, str]
    body: bytes


class AnswerStore(Protocol):
    """Answers to requests that must not be done twice, for a time."""

    def begin(self, subject: str, key: str, request: str) -> Kept | None:
        """What was begun under that key; None when nothing was, and now this is."""
        ...

    def finish(self, subject: str, key: str, answer: Kept) -> None:
        """Keep the answer to what was begun."""
        ...

    def forget(self, subject: str, key: str) -> None:
        """What was begun was not done."""
        ...


def rfc3339(seconds: float | None) -> str | None:
    """That time as the API writes it, in UTC and whole seconds."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(int(seconds), UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
