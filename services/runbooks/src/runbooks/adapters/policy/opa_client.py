"""One question to an OPA server's Data API, bounded in time and size; every failure is no answer.

Asked with strict builtin errors, for without them a failing builtin is undefined and `not` of it true, and with
provenance, for only that says which bundle answered.
"""

from __future__ import annotations

__all__ = ["OpaAnswer", "OpaClient"]

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runbooks.canonical import dumps
from runbooks.errors import CanonicalError

_MAX_BYTES = 1024 * 1024
_VERSION = re.compile(r"[0-9A-Za-z.+-]{1,64}")
_PARAMETERS = {"strict-builtin-errors": "true", "provenance": "true"}
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class OpaAnswer:
    """`decision` is one of spec/provers.md, 2; `revisions` are those of the bundles that the server serves."""

    decision: str
    version: str | None
    revisions: list[str]


class OpaClient:
    """The server at `address`, e.g. `http://127.0.0.1:8181`."""

    def __init__(self, address: str, *, seconds: float) -> None:
        import httpx

        self._httpx = httpx
        self._address = address.rstrip("/")
        self._seconds = seconds
        # Proxies of the environment would see the questions and could answer them.
        self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=seconds)

    async def ask(self, query: str, document: Mapping[str, Any]) -> OpaAnswer | None:
        """The answer to `data.pkg.rule`, or None: no HTTP 200 with an object in time, of at most 1 MiB."""
        path = query.replace(".", "/")
        try:
            content = dumps({"input": document})
            async with asyncio.timeout(self._seconds):
                data = await self._post(f"{self._address}/v1/{path}", content)
            answer = json.loads(data, object_pairs_hook=_members)
        except (self._httpx.HTTPError, self._httpx.InvalidURL, OSError, CanonicalError, ValueError, RecursionError):
            return None
        return _parse(answer) if isinstance(answer, dict) else None

    async def close(self) -> None:
        """Release connections."""
        await self._client.aclose()

    async def _post(self, url: str, content: bytes) -> bytes:
        request = self._client.stream("POST", url, params=_PARAMETERS, headers=_HEADERS, content=content)
        async with request as response:
            if response.status_code != 200:
                raise ValueError(f"HTTP {response.status_code}")
            data = bytearray()
            async for piece in response.aiter_raw():
                data += piece
                if len(data) > _MAX_BYTES:
                    raise ValueError(f"answer is larger than {_MAX_BYTES} bytes")
        return bytes(data)


def _parse(answer: Mapping[str, Any]) -> OpaAnswer:
    provenance = answer.get("provenance")
    provenance = provenance if isinstance(provenance, dict) else {}
    bundles, version = provenance.get("bundles"), provenance.get("version")
    served = bundles.values() if isinstance(bundles, dict) else ()
    return OpaAnswer(
        _decision(answer),
        version if isinstance(version, str) and _VERSION.fullmatch(version) else None,
        [str(bundle.get("revision")) if isinstance(bundle, dict) else "" for bundle in served],
    )


def _decision(answer: Mapping[str, Any]) -> str:
    if "result" not in answer:
        return "undefined"
    if answer["result"] is True or answer["result"] is False:
        return "allow" if answer["result"] else "deny"
    return "non-boolean"


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member name occurs twice")
    return found
