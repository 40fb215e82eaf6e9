"""Who calls the API, and how that became known."""

from __future__ import annotations

__all__ = ["Caller", "SessionStore", "rfc3339"]

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


def rfc3339(seconds: float | None) -> str | None:
    """That time as the API writes it, in UTC and whole seconds."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(int(seconds), UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
