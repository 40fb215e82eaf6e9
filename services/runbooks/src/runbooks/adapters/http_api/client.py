"""Calls an external API: only what the installation allows, bounded in time and size, without redirects."""

from __future__ import annotations

__all__ = ["MappedHttpApi"]

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any

import httpcore

from runbooks.adapters.http_api.answers import parse_answer, read_answer
from runbooks.adapters.http_api.endpoints import Endpoint, Target, parse_target
from runbooks.adapters.http_api.guard import EgressError, GuardedBackend, Resolve, resolve
from runbooks.canonical import dumps
from runbooks.errors import PermanentPortError, PortError, TransientPortError
from runbooks.ports import ApiResponse

_HEADERS: dict[bytes | str, bytes | str] = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "intelgraph-runbooks",
}
_CONNECTIONS = 100
_IDLE_SECONDS = 5.0
_MAX_TEXT = 200


class MappedHttpApi:
    """An HttpApi over an allow-list: origin → where it is reached. Knows no proxy and no cookie.

    `names` resolves, `network` connects and `tls` holds certificates against names; by default as the machine does.
    """

    def __init__(
        self,
        endpoints: Mapping[str, Endpoint],
        *,
        names: Resolve = resolve,
        network: httpcore.AsyncNetworkBackend | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._endpoints = endpoints
        context, below = tls or httpcore.default_ssl_context(), network or httpcore.AnyIOBackend()
        # Two, for a connection that a private endpoint may have is none for another.
        self._pools = {
            private: httpcore.AsyncConnectionPool(
                ssl_context=context,
                max_connections=_CONNECTIONS,
                keepalive_expiry=_IDLE_SECONDS,
                network_backend=GuardedBackend(private=private, resolve=names, network=below),
            )
            for private in (False, True)
        }

    async def call(
        self, method: str, endpoint: str, body: Any, *, idempotency_key: str, timeout: float, max_bytes: int
    ) -> ApiResponse:
        """See the port."""
        target, found = self._find(endpoint)
        try:
            # The client's own time-outs are for each wait; a server that drips would never meet one.
            async with asyncio.timeout(timeout):
                answer = await self._send(method, _url(target, found), body, found, idempotency_key, timeout, max_bytes)
        except TimeoutError:
            raise TransientPortError(f"{endpoint}: no answer within {timeout:g} s", code="api.timeout") from None
        except PortError as error:
            raise type(error)(f"{endpoint}: {error}", code=error.code) from None
        except EgressError as error:
            raise PermanentPortError(_refused(endpoint, error, found), code="api.address") from None
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise _failure(endpoint, error) from None
        return answer

    async def close(self) -> None:
        """See the port."""
        for pool in self._pools.values():
            await pool.aclose()

    def _find(self, endpoint: str) -> tuple[Target, Endpoint]:
        try:
            target = parse_target(endpoint)
        except ValueError as error:
            raise PermanentPortError(f"{endpoint!r}: {error}", code="api.not_allowed") from None
        found = self._endpoints.get(target.origin)
        if found is None:
            known = ", ".join(self._endpoints) or "none"
            raise PermanentPortError(
                f"{endpoint}: {target.origin} is not among the endpoints of this installation ({known}); add it to "
                "`endpoints` in settings.json",
                code="api.not_allowed",
            )
        return target, found

    async def _send(
        self, method: str, url: str, body: Any, found: Endpoint, key: str, timeout: float, max_bytes: int
    ) -> ApiResponse:
        headers, content = {**_HEADERS, "Idempotency-Key": key}, None if method == "GET" else b""
        if body is not None:
            headers["Content-Type"], content = "application/json", dumps(body)
        request = self._pools[found.is_private].stream(
            method, url, headers=headers, content=content, extensions={"timeout": {"connect": timeout}}
        )
        async with request as response:
            data = await read_answer(response, max_bytes)
        return parse_answer(response, data)


def _url(target: Target, found: Endpoint) -> str:
    return found.base.origin + found.base.path.rstrip("/") + target.rest


def _refused(endpoint: str, error: EgressError, found: Endpoint) -> str:
    where = "the public Internet or a private network" if found.is_private else "the public Internet"
    hint = "" if found.is_private else '; if it is meant, mark it `"private": true` in settings.json'
    return f"{endpoint}: not called, for {error}, which is no address of {where}{hint}"


def _failure(endpoint: str, error: Exception) -> PortError:
    cause = error.args[0] if error.args else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        # Another attempt meets the same certificate.
        return PermanentPortError(f"{endpoint}: its certificate is refused: {cause.verify_message}", code="api.tls")
    if isinstance(error, httpcore.ConnectError | httpcore.ConnectTimeout):
        return TransientPortError(f"{endpoint}: cannot be reached: {error}", code="api.unreachable")
    # What the client says of a line quotes the line.
    what = f"its answer broke off, or is not HTTP/1.1: {str(error)[:_MAX_TEXT] or type(error).__name__}"
    return TransientPortError(f"{endpoint}: {what}", code="api.broken")
