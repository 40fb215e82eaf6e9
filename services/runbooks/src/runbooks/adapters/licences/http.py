"""A licence registry over HTTP: one POST for all names, bounded in time and size; no plain answer denies.

`POST {address}/licences/status` with `{"licences": [name]}` is answered with 200 and `{"status": {name: word}}`, about
exactly the names asked about. A word is a licence's status, or `unknown` (docs/operations.md).
"""

from __future__ import annotations

__all__ = ["HttpLicences"]

import asyncio
from collections.abc import Sequence
from typing import Any

from runbooks.canonical import dumps, loads
from runbooks.errors import CanonicalError, PermanentPortError, PortError, TransientPortError

_SECONDS = 5.0
_MAX_BYTES = 4 * 1024 * 1024
_WORDS = frozenset({"active", "draft", "suspended", "revoked", "expired", "unknown"})
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}


class HttpLicences:
    """A LicenceRegistry at `address`, e.g. `https://licences.example.com/v1`."""

    def __init__(self, address: str, *, seconds: float = _SECONDS) -> None:
        import httpx

        self._httpx = httpx
        self._url = f"{address.rstrip('/')}/licences/status"
        self._seconds = seconds
        # Proxies of the environment would see the questions and could answer them.
        self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=seconds)

    async def revoked(self, names: Sequence[str]) -> Sequence[str]:
        """See the port; `licences.timeout`, `licences.unreachable` are transient, `licences.no_answer` is permanent."""
        content = dumps({"licences": list(names)})
        try:
            async with asyncio.timeout(self._seconds):
                data = await self._post(content)
        except (TimeoutError, self._httpx.TimeoutException):
            raise TransientPortError(self._says(f"within {self._seconds:g} s"), code="licences.timeout") from None
        except (self._httpx.HTTPError, self._httpx.InvalidURL, OSError) as error:
            raise TransientPortError(self._says(f"at all: {error}"), code="licences.unreachable") from None
        status = self._status(data, names)
        return [name for name in names if status[name] != "active"]

    async def close(self) -> None:
        """See the port."""
        await self._client.aclose()

    async def _post(self, content: bytes) -> bytes:
        request = self._client.stream("POST", self._url, headers=_HEADERS, content=content)
        async with request as response:
            if response.status_code != 200:
                raise self._no_answer(f"with 200, but with {response.status_code}")
            data = bytearray()
            # As they come: what is compressed was not asked for, and may be of any size.
            async for piece in response.aiter_raw():
                data += piece
                if len(data) > _MAX_BYTES:
                    raise self._no_answer(f"within {_MAX_BYTES} bytes")
        return bytes(data)

    def _status(self, data: bytes, names: Sequence[str]) -> dict[str, str]:
        try:
            answer: Any = loads(data)
        except CanonicalError as error:
            raise self._no_answer(f"in strict JSON: {error}") from None
        status = answer.get("status") if isinstance(answer, dict) else None
        if not isinstance(status, dict) or status.keys() != set(names):
            raise self._no_answer("about exactly the licences asked about")
        if not all(isinstance(word, str) and word in _WORDS for word in status.values()):
            raise self._no_answer(f"in the known words ({', '.join(sorted(_WORDS))})")
        return status

    def _no_answer(self, how: str) -> PortError:
        return PermanentPortError(self._says(how), code="licences.no_answer")

    def _says(self, how: str) -> str:
        return f"licence registry {self._url}: did not answer {how}; its licences are denied until it does"
