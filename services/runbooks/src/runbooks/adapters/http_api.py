"""External APIs over HTTP: only what the installation allows, bounded in time and size, no redirects."""

from __future__ import annotations

__all__ = ["MappedHttpApi"]

import asyncio
from collections.abc import Mapping
from typing import Any

from runbooks.canonical import dumps, loads
from runbooks.errors import CanonicalError, PermanentPortError, TransientPortError
from runbooks.ports import ApiResponse

_MAX_BYTES = 32 * 1024 * 1024
_TRANSIENT = {408, 425, 429, 500, 502, 503, 504}


class MappedHttpApi:
    """An HttpApi over an allow-list: origin → where to reach it (itself, or a local stand-in)."""

    def __init__(self, endpoints: Mapping[str, str]) -> None:
        import httpx

        self._httpx = httpx
        self._endpoints = endpoints
        self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False)

    async def call(self, method: str, endpoint: str, body: Any, *, idempotency_key: str, timeout: float) -> ApiResponse:
        """See the port."""
        url = self._resolve(endpoint)
        headers = {"Idempotency-Key": idempotency_key, "Accept": "application/json", "Accept-Encoding": "identity"}
        content = None
        if body is not None:
            headers["Content-Type"], content = "application/json", dumps(body)
        request = self._client.stream(method, url, content=content, headers=headers, timeout=timeout)
        try:
            # The client's own time-outs are for each wait; a server that drips would never meet one.
            async with asyncio.timeout(timeout), request as response:
                data = await self._read(response, endpoint)
        except (TimeoutError, self._httpx.TimeoutException):
            raise TransientPortError(f"{endpoint}: no answer within {timeout:g} s", code="api.timeout") from None
        except self._httpx.DecodingError as error:
            raise PermanentPortError(f"{endpoint}: answer cannot be decoded: {error}", code="api.not_json") from None
        except self._httpx.TransportError as error:
            raise TransientPortError(f"{endpoint}: cannot be reached: {error}", code="api.unreachable") from None
        return ApiResponse(response.status_code, _parse(endpoint, response.status_code, data))

    async def close(self) -> None:
        """See the port."""
        await self._client.aclose()

    def _resolve(self, endpoint: str) -> str:
        try:
            url = self._httpx.URL(endpoint)
        except self._httpx.InvalidURL as error:
            raise PermanentPortError(f"{endpoint}: not an address: {error}", code="api.not_allowed") from None
        origin = f"{url.scheme}://{url.netloc.decode('ascii')}"
        base = self._endpoints.get(origin)
        if base is None:
            known = ", ".join(self._endpoints) or "none"
            raise PermanentPortError(
                f"{endpoint}: {origin} is not among the endpoints of this installation ({known}); add it to "
                "`endpoints` in settings.json",
                code="api.not_allowed",
            )
        return base.rstrip("/") + url.raw_path.decode("ascii")

    async def _read(self, response: Any, endpoint: str) -> bytes:
        data = bytearray()
        async for piece in response.aiter_bytes():
            data += piece
            if len(data) > _MAX_BYTES:
                raise PermanentPortError(f"{endpoint}: answer is larger than {_MAX_BYTES} bytes", code="api.too_large")
        return bytes(data)


def _parse(endpoint: str, status: int, data: bytes) -> Any:
    if status in _TRANSIENT or status >= 500:
        raise TransientPortError(f"{endpoint}: answered HTTP {status}{_excerpt(data)}", code=f"api.http_{status}")
    if not 200 <= status < 300:
        raise PermanentPortError(f"{endpoint}: answered HTTP {status}{_excerpt(data)}", code=f"api.http_{status}")
    if not data:
        return None
    try:
        return loads(data)
    except CanonicalError as error:
        raise PermanentPortError(f"{endpoint}: answer is not strict JSON: {error}", code="api.not_json") from None


def _excerpt(data: bytes) -> str:
    text = data[:200].decode("utf-8", "replace")
    return ": " + "".join(c if c.isprintable() else " " for c in text) if text else ""
