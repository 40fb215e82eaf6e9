"""Cursors of pages: opaque to a client, the number behind which the next page begins."""

from __future__ import annotations

__all__ = ["cursor", "place"]

import base64
import binascii

from runbooks.errors import ParameterError


def cursor(place: int | None) -> str | None:
    """The cursor for that place; None when there is no further page."""
    return None if place is None else base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def place(cursor: str | None) -> int | None:
    """The place of a cursor; raises ParameterError for a text that is none."""
    if cursor is None:
        return None
    try:
        found = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        return int(found[:15]) if found.isdigit() else int("")
    except (binascii.Error, ValueError):
        raise ParameterError("cursor: take the one that the page before gave as `next`") from None
