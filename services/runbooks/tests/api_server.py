"""A server on loopback that answers every request with the same bytes or behaviour, and calls to it."""

from __future__ import annotations

__all__ = ["ORIGIN", "Answer", "Server", "call", "failure", "http", "serving"]

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from runbooks.adapters.http_api import MappedHttpApi, read_endpoints
from runbooks.errors import PortError
from runbooks.ports import ApiResponse

ORIGIN = "https://api.example.com"
MOST = 32 * 1024 * 1024
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Keeps what it was sent; `connections` counts those that were opened, whatever came over them."""

    def __init__(self, answer: bytes | Answer) -> None:
        self._answer = answer
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.connections = 0
        self.port = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.requests.append((head[0], headers, body))
            if isinstance(self._answer, bytes):
                writer.write(self._answer)
                await writer.drain()
            else:
                await self._answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def serving(answer: bytes | Answer, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """A server that listens inside the block."""
    server = Server(answer)
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()


def http(status: int, body: bytes = b"{}", *headers: str) -> bytes:
    """An answer with a length."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def call(
    base: str,
    *,
    method: str = "POST",
    endpoint: str = f"{ORIGIN}/x",
    body: Any = None,
    timeout: float = 5.0,
    max_bytes: int = MOST,
    private: bool = True,
    **named: Any,
) -> ApiResponse:
    """One call of an installation that reaches ORIGIN at `base`; `named` are those of the adapter."""
    api = MappedHttpApi(read_endpoints({ORIGIN: {"base": base, "private": private}}), **named)
    try:
        return await api.call(
            method, endpoint, body, idempotency_key="sha256:key", timeout=timeout, max_bytes=max_bytes
        )
    finally:
        await api.close()


async def failure(answer: bytes | Answer, *, timeout: float = 5.0, max_bytes: int = MOST) -> PortError:
    """What a call to a server that answers so raises; it names the endpoint."""
    async with serving(answer) as server:
        with pytest.raises(PortError) as caught:
            await call(server.url, body={"id": 1}, timeout=timeout, max_bytes=max_bytes)
    assert f"{ORIGIN}/x: " in str(caught.value)
    return caught.value
