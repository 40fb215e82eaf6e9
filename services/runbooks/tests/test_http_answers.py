"""Every way in which an API answers badly has its error, in bounded time and memory; nothing of it is kept."""

from __future__ import annotations

import asyncio
import gzip
import subprocess
import sys
import time

import pytest
from runbooks.errors import PermanentPortError, TransientPortError

from services.runbooks.tests.api_server import ORIGIN, Answer, call, failure, http, serving


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"{",
        b'{"a": NaN}',
        b"[Infinity]",
        b'{"a": 1, "a": 2}',
        b'{"a": 1, "\\u0061": 2}',
        b"[1e999]",
        b"[9007199254740993]",
        b'["\\ud800"]',
        b"\xef\xbb\xbf{}",
        b"[" * 100 + b"]" * 100,
        b'"\xff"',
        b'"\xc0\xaf"',
        b"\xff\xfe1\x00",
    ],
)
async def test_a_body_that_is_no_strict_json_is_permanent(body: bytes) -> None:
    error = await failure(http(200, body))
    assert isinstance(error, PermanentPortError)
    assert error.code == "api.not_json"


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/octet-stream", "image/png", "text/json+x"])
async def test_another_content_type_is_permanent_and_named(kind: str) -> None:
    error = await failure(http(200, b"{}", f"Content-Type: {kind}"))
    assert isinstance(error, PermanentPortError)
    assert error.code == "api.content_type"
    assert kind in str(error)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, identity", "x-unknown"])
async def test_an_encoded_body_is_refused_and_not_looked_into(encoding: str) -> None:
    bomb = gzip.compress(b"[" + b"0," * 5_000_000 + b"0]")
    error = await failure(http(200, bomb, f"Content-Encoding: {encoding}"))
    assert isinstance(error, PermanentPortError)
    assert error.code == "api.encoded"


async def test_a_body_of_just_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    async with serving(http(200, b'"abcdefgh"')) as server:
        assert (await call(server.url, max_bytes=10)).body == "abcdefgh"
    error = await failure(http(200, b'"abcdefghi"'), max_bytes=10)
    assert isinstance(error, PermanentPortError)
    assert error.code == "api.too_large"


async def test_a_redirect_is_not_followed_and_names_its_targets_origin_alone() -> None:
    async with serving(http(200, b'{"secret": 1}')) as target:
        secret = f"{target.url}/latest/token?sig=s3cret"
        for status in (301, 302, 303, 307, 308):
            error = await failure(http(status, b"", f"Location: {secret}"))
            assert isinstance(error, PermanentPortError)
            assert error.code == "api.redirect"
            assert target.url in str(error)
            assert "s3cret" not in str(error)
    assert target.connections == 0


@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("/elsewhere", "its own origin"),
        ("//169.254.169.254/latest", "cannot be read"),
        ("http://169.254.169.254/latest/meta-data", "http://169.254.169.254;"),
        ("http://[::1]:22/", "http://[::1]:22;"),
        ("gopher://127.0.0.1:6379/_FLUSHALL", "cannot be read"),
        ("https://user:pass@api.example.com/", "cannot be read"),
    ],
)
async def test_wherever_a_redirect_leads_it_is_an_error(location: str, named: str) -> None:
    error = await failure(http(302, b"", f"Location: {location}"))
    assert error.code == "api.redirect"
    assert named in str(error)


async def never(writer: asyncio.StreamWriter) -> None:
    del writer
    await asyncio.Event().wait()


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def drip_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-A: b\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def drip_an_error(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("answer", [never, drip, drip_headers, drip_an_error])
async def test_an_answer_that_does_not_come_in_time_is_transient(answer: Answer) -> None:
    before = time.monotonic()
    error = await failure(answer, timeout=0.3)
    assert isinstance(error, TransientPortError)
    assert error.code == "api.timeout"
    assert time.monotonic() - before < 3


async def truncated(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}")
    await writer.drain()


async def truncated_chunk(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")
    await writer.drain()


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}")
    await writer.drain()
    writer.transport.abort()


async def flood_of_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-A: " + b"b" * 65_536 + b"\r\n")
        await writer.drain()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"no HTTP at all\r\n\r\n",
        b"{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"HTTP/1.1 999999 OK\r\n\r\n{}",
        b"s3cret " * 8_000 + b"\r\n\r\n",
        truncated,
        truncated_chunk,
        reset,
        flood_of_headers,
    ],
    ids=[
        "closed",
        "other",
        "0.9",
        "two lengths",
        "no chunk",
        "no status",
        "long",
        "cut",
        "cut chunk",
        "reset",
        "headers",
    ],
)
async def test_an_answer_that_breaks_off_or_is_no_http_is_transient(answer: bytes | Answer) -> None:
    error = await failure(answer)
    assert isinstance(error, TransientPortError)
    assert error.code == "api.broken"
    assert len(str(error)) < 350


async def test_a_refused_connection_is_transient() -> None:
    async with serving(b"") as server:
        pass
    with pytest.raises(TransientPortError) as caught:
        await call(server.url)
    assert caught.value.code == "api.unreachable"


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        writer.write(b"a" * 65_536)
        await writer.drain()


async def endless_chunks(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n280000000\r\n")
    while True:
        writer.write(b"a" * 65_536)
        await writer.drain()


async def ten_gigabytes(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
    for _ in range(10_000_000_000 // 65_536):
        writer.write(b"a" * 65_536)
        await writer.drain()


async def ten_gigabytes_of_error(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 10000000000\r\n\r\n")
    for _ in range(10_000_000_000 // 65_536):
        writer.write(b"a" * 65_536)
        await writer.drain()


_CALLER = f"""
import asyncio, resource, sys
from runbooks.adapters.http_api import MappedHttpApi, read_endpoints
from runbooks.errors import PortError

async def main():
    api = MappedHttpApi(read_endpoints({{"{ORIGIN}": {{"base": sys.argv[1], "private": True}}}}))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        await api.call("GET", "{ORIGIN}/x", None, idempotency_key="k", timeout=60, max_bytes=32 << 20)
    except PortError as error:
        print(error.code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    await api.close()

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("answer", "code", "most"),
    [
        (ten_gigabytes, "api.too_large", 8),
        (endless, "api.too_large", 96),
        (endless_chunks, "api.too_large", 96),
        (ten_gigabytes_of_error, "api.http_404", 8),
    ],
)
async def test_ten_gigabytes_cost_neither_time_nor_memory(answer: Answer, code: str, most: int) -> None:
    """`most` MiB by which the caller, a process of its own, may grow."""
    async with serving(answer) as server:
        command = [sys.executable, "-c", _CALLER, server.url]
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        out, _ = await asyncio.wait_for(process.communicate(), 60)
    said, grown = out.decode().split()
    assert said == code
    assert int(grown) < most * 1024
