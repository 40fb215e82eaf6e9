"""The API adapter against real servers on loopback: every way to answer badly has its error (ports.HttpApi)."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from runbooks.adapters import http_api
from runbooks.adapters.http_api import MappedHttpApi
from runbooks.errors import PermanentPortError, PortError, TransientPortError
from runbooks.ports import ApiResponse

ORIGIN = "https://api.example.com"
Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """A server that answers every request with the same bytes or behaviour, and keeps what it was sent."""

    def __init__(self, answer: bytes | Answer) -> None:
        self._answer = answer
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.url = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
async def serving(answer: bytes | Answer) -> AsyncIterator[Server]:
    server = Server(answer)
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()


def http(status: int, body: bytes = b"{}", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def call(
    server: Server, *, method: str = "POST", path: str = "/x", origin: str = ORIGIN, timeout: float = 5.0
) -> ApiResponse:
    api = MappedHttpApi({ORIGIN: server.url})
    try:
        return await api.call(method, origin + path, {"id": 1}, idempotency_key="sha256:key", timeout=timeout)
    finally:
        await api.close()


async def failure(answer: bytes | Answer, *, timeout: float = 5.0) -> PortError:
    async with serving(answer) as server:
        with pytest.raises(PortError) as caught:
            await call(server, timeout=timeout)
    assert f"{ORIGIN}/x" in str(caught.value)
    return caught.value


async def test_a_call_sends_canonical_json_and_its_idempotency_key_and_gives_status_and_body() -> None:
    async with serving(http(201, b' {"b": [1, 2.50]} ')) as server:
        answer = await call(server, path="/v1/x?y=1&z=%20")
    assert answer == ApiResponse(201, {"b": [1, 2.5]})
    [(line, headers, body)] = server.requests
    assert line == "POST /v1/x?y=1&z=%20 HTTP/1.1"
    assert body == b'{"id":1}'
    assert headers["idempotency-key"] == "sha256:key"
    assert headers["content-type"] == "application/json"


async def test_a_call_without_a_body_sends_none_and_an_empty_answer_is_null() -> None:
    async with serving(http(204, b"")) as server:
        api = MappedHttpApi({ORIGIN: server.url})
        answer = await api.call("GET", f"{ORIGIN}/x", None, idempotency_key="k", timeout=5)
        await api.close()
    assert answer == ApiResponse(204, None)
    [(_, headers, body)] = server.requests
    assert "content-type" not in headers
    assert body == b""


async def test_a_base_path_of_the_installation_stands_before_the_endpoints_path() -> None:
    async with serving(http(200)) as server:
        api = MappedHttpApi({ORIGIN: server.url + "/stand-in/"})
        await api.call("GET", f"{ORIGIN}/x", None, idempotency_key="k", timeout=5)
        await api.close()
    assert server.requests[0][0] == "GET /stand-in/x HTTP/1.1"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 507, 599])
async def test_a_status_that_another_attempt_may_cure_is_transient(status: int) -> None:
    error = await failure(http(status, b"try later"))
    assert isinstance(error, TransientPortError)
    assert error.code == f"api.http_{status}"
    assert "try later" in str(error)


@pytest.mark.parametrize("status", [300, 301, 302, 304, 307, 308, 400, 401, 403, 404, 409, 410, 422, 451])
async def test_any_other_status_is_permanent(status: int) -> None:
    error = await failure(http(status, b"no"))
    assert isinstance(error, PermanentPortError)
    assert error.code == f"api.http_{status}"


async def test_a_redirect_is_not_followed() -> None:
    async with serving(http(200, b'{"secret": 1}')) as target:
        error = await failure(http(302, b"", f"Location: {target.url}/secret"))
    assert error.code == "api.http_302"
    assert target.requests == []


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"{",
        b'{"a": NaN}',
        b"[Infinity]",
        b'{"a": 1, "a": 2}',
        b"[1e999]",
        b"[9007199254740993]",
        b'["\\ud800"]',
        b"\xef\xbb\xbf{}",
        b"[" * 100 + b"]" * 100,
        b'"\xff"',
    ],
)
async def test_a_body_that_is_no_strict_json_is_permanent(body: bytes) -> None:
    error = await failure(http(200, body))
    assert isinstance(error, PermanentPortError)
    assert error.code == "api.not_json"


async def test_a_body_that_cannot_be_decoded_is_permanent() -> None:
    error = await failure(http(200, b"no gzip", "Content-Encoding: gzip"))
    assert isinstance(error, PermanentPortError)
    assert error.code == "api.not_json"


@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "compressed"])
async def test_a_body_beyond_the_limit_is_permanent_however_it_is_sent(
    encoded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_api, "_MAX_BYTES", 100_000)
    body = b'"' + b"a" * 200_000 + b'"'
    answer = http(200, gzip.compress(body), "Content-Encoding: gzip") if encoded else http(200, body)
    error = await failure(answer)
    assert isinstance(error, PermanentPortError)
    assert error.code == "api.too_large"


async def test_a_body_without_an_end_is_left_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_api, "_MAX_BYTES", 100_000)

    async def flood(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            writer.write(b"a" * 65_536)
            await writer.drain()

    assert (await failure(flood)).code == "api.too_large"


async def never(writer: asyncio.StreamWriter) -> None:
    del writer
    await asyncio.Event().wait()


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("answer", [never, drip])
async def test_an_answer_that_does_not_come_in_time_is_transient(answer: Answer) -> None:
    before = time.monotonic()
    error = await failure(answer, timeout=0.3)
    assert isinstance(error, TransientPortError)
    assert error.code == "api.timeout"
    assert time.monotonic() - before < 3


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{")
    await writer.drain()


@pytest.mark.parametrize("answer", [b"", b"no HTTP at all\r\n\r\n", hang_up], ids=["closed", "other", "cut"])
async def test_a_connection_that_breaks_is_transient(answer: bytes | Answer) -> None:
    error = await failure(answer)
    assert isinstance(error, TransientPortError)
    assert error.code == "api.unreachable"


async def test_a_refused_connection_is_transient() -> None:
    async with serving(b"") as server:
        pass
    with pytest.raises(TransientPortError) as caught:
        await call(server)
    assert caught.value.code == "api.unreachable"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://api.example.com",
        "https://api.example.com:8443",
        "https://api.example.com.evil.example",
        "https://api.example.com@evil.example",
        "https://api.example.com%2eevil.example",
        "https://api.example.com%00.evil.example",
        "https://evil.example#api.example.com",
        "https://[::1",
        "https://[::1]",
        "https://api.example.com:99999",
        "https://",
        "file://api.example.com",
    ],
)
async def test_an_origin_that_the_installation_does_not_allow_is_permanent_and_not_called(origin: str) -> None:
    async with serving(http(200)) as server:
        with pytest.raises(PermanentPortError) as caught:
            await call(server, origin=origin)
    assert caught.value.code == "api.not_allowed"
    assert server.requests == []


@pytest.mark.parametrize("origin", ["https://API.example.com", "https://api.example.com:443"])
async def test_another_spelling_of_an_allowed_origin_is_that_origin(origin: str) -> None:
    async with serving(http(200, b"1")) as server:
        assert (await call(server, origin=origin)).body == 1


async def test_a_user_in_an_address_is_not_sent() -> None:
    async with serving(http(200, b"1")) as server:
        await call(server, origin="https://user:secret@api.example.com")
    [(_, headers, _)] = server.requests
    assert "authorization" not in headers
    assert "secret" not in headers["host"]


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(http(200, b"2")) as proxy, serving(http(200, b"1")) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert (await call(server)).body == 1
    assert proxy.requests == []
