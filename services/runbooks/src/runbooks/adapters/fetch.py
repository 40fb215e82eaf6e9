"""One GET to a server that the installation trusts: over TLS, bounded in time and size, nothing followed."""

from __future__ import annotations

__all__ = ["fetch", "is_protected"]

import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from runbooks.errors import PermanentPortError, PortError, TransientPortError

_SECONDS = 5.0
_MAX_BYTES = 1024 * 1024
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_protected(url: str) -> bool:
    """True for https, and for http to this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK))


def fetch(url: str, headers: Mapping[str, str] | None = None, *, seconds: float = _SECONDS) -> tuple[int, bytes]:
    """The status and body; raises PortError (`fetch.unreachable`, `fetch.refused`), which holds no header."""
    import httpx

    if not is_protected(url):
        raise PermanentPortError(f"{url}: must be an https:// address", code="fetch.refused")
    ends, data = time.monotonic() + seconds, bytearray()
    sent = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
    try:
        # Proxies of the environment would see the headers.
        with (
            httpx.Client(follow_redirects=False, trust_env=False, timeout=seconds) as client,
            client.stream("GET", url, headers=sent) as response,
        ):
            for piece in response.iter_raw():
                data += piece
                _require_bounds(url, len(data), ends - time.monotonic())
            return response.status_code, bytes(data)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        # The error's own text may quote what was asked for.
        message = f"{url}: cannot be reached: {type(error).__name__}"
        raise TransientPortError(message, code="fetch.unreachable") from None


def _require_bounds(url: str, size: int, left: float) -> None:
    found: PortError | None = None
    if size > _MAX_BYTES:
        found = PermanentPortError(f"{url}: answered with more than {_MAX_BYTES} bytes", code="fetch.refused")
    elif left < 0:
        found = TransientPortError(f"{url}: the answer did not end in time", code="fetch.unreachable")
    if found is not None:
        raise found
