"""Bytes known by their digest: `ETag`, `If-None-Match`, and one range of them (RFC 9110, 13 and 14)."""

from __future__ import annotations

__all__ = ["ranged"]

import re
from collections.abc import Mapping

from fastapi import Response

from runbooks.canonical import digest

_RANGE = re.compile(r"bytes=(?:(\d{1,15})-(\d{1,15})?|-(\d{1,15}))")


def ranged(data: bytes, headers: Mapping[str, str], media_type: str = "application/json") -> Response:
    """The whole, the one range that is asked for, 304, or 416; several ranges get the whole, as the RFC allows."""
    tag = f'"{digest(data)}"'
    told = {"ETag": tag, "Accept-Ranges": "bytes"}
    if tag in headers.get("if-none-match", ""):
        return Response(status_code=304, headers=told)
    found = _RANGE.fullmatch(headers.get("range", ""))
    if found is None or headers.get("if-range", tag) != tag:
        return Response(data, media_type=media_type, headers=told)
    first, last = _bounds(found, len(data))
    if first >= len(data) or first > last:
        return Response(status_code=416, headers={**told, "Content-Range": f"bytes */{len(data)}"})
    told["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    return Response(data[first : last + 1], 206, told, media_type)


def _bounds(found: re.Match[str], size: int) -> tuple[int, int]:
    start, end, tail = found.groups()
    if tail is not None:
        return max(size - int(tail), 0) if int(tail) else size, size - 1
    return int(start), min(int(end), size - 1) if end is not None else size - 1
