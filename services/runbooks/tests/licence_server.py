"""A licence registry that speaks HTTP, with its licences in memory: what an external one has to do, and no more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Misbehaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


class LicenceServer:
    """`statuses` by licence name; with `instead` set, every request gets these bytes or this behaviour."""

    def __init__(self, statuses: dict[str, str]) -> None:
        self.statuses = statuses
        self.instead: bytes | Misbehaviour | None = None
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.url = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.requests.append((head[0], headers))
            if callable(self.instead):
                await self.instead(writer)
            else:
                writer.write(self.instead or self._answer(head[0], body))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    def _answer(self, line: str, body: bytes) -> bytes:
        if line != "POST /v1/licences/status HTTP/1.1":
            return answer(404, b"{}")
        names = json.loads(body)["licences"]
        return answer(
            200, json.dumps({"status": {name: self.statuses.get(name, "unknown") for name in names}}).encode()
        )


def answer(status: int, body: bytes, *headers: str) -> bytes:
    """The bytes of an answer after which the connection is closed."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def serving_licences(statuses: dict[str, str]) -> AsyncIterator[LicenceServer]:
    """The registry on a port of its own; its address is `url`."""
    server = LicenceServer(statuses)
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1"
    try:
        yield server
    finally:
        listener.close()
