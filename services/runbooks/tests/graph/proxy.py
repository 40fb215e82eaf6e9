"""A TCP proxy that lets a commit through to the server and loses its acknowledgement."""

from __future__ import annotations

__all__ = ["AcknowledgementLoser"]

import asyncio
from types import TracebackType

# Bolt: a message of two bytes, structure 0xB0 with the tag of COMMIT, and the end marker.
_COMMIT = b"\x00\x02\xb0\x12\x00\x00"


class AcknowledgementLoser:
    """Forwards to `port`; after the first COMMIT it waits for the server's answer, drops it and cuts the connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server: asyncio.Server | None = None
        self.lost = 0

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"bolt://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> AcknowledgementLoser:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._port)
        committing = asyncio.Event()
        answers = asyncio.create_task(self._forward_answers(server_reader, writer, committing))
        while data := await reader.read(65536):
            if data.endswith(_COMMIT) and not self.lost:
                committing.set()
            server_writer.write(data)
        server_writer.close()
        await answers

    async def _forward_answers(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, committing: asyncio.Event
    ) -> None:
        while data := await reader.read(65536):
            if committing.is_set():
                self.lost += 1
                break
            writer.write(data)
        writer.close()
