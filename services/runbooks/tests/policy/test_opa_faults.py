"""A policy server that is down, slow, wrong or lying: always a denial (spec/provers.md, 2)."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from runbooks.adapters.policy.bundle import write_opa_bundle
from runbooks.adapters.policy.opa_server import OpaPolicies
from runbooks.canonical import digest_of

from services.runbooks.tests.policy.engines import Engine
from services.runbooks.tests.policy.test_contract import DOCUMENT, RULES, bundle, reason

BUNDLE = bundle(RULES, flag=True, zero=0)
ANSWER: dict[str, Any] = {
    "result": True,
    "provenance": {"version": "1.22.2", "bundles": {"b": {"revision": digest_of(BUNDLE)}}},
}


def changed(**members: Any) -> bytes:
    return json.dumps({**ANSWER, **members}).encode()


def without(name: str) -> bytes:
    return json.dumps({key: value for key, value in ANSWER.items() if key != name}).encode()


LIES: dict[str, tuple[int, bytes, dict[str, str], str]] = {
    "HTTP 500": (500, changed(), {}, "error"),
    "HTTP 404": (404, changed(), {}, "error"),
    "a redirect": (307, b"", {"Location": "http://127.0.0.1:9/"}, "error"),
    "200 without a result": (200, without("result"), {}, "undefined"),
    "a result that is no boolean": (200, changed(result="true"), {}, "non-boolean"),
    "a result of null": (200, changed(result=None), {}, "non-boolean"),
    "no provenance": (200, without("provenance"), {}, "error"),
    "another revision": (200, changed(provenance={"bundles": {"b": {"revision": "sha256:other"}}}), {}, "error"),
    "a second bundle": (
        200,
        changed(provenance={"bundles": {"b": ANSWER["provenance"]["bundles"]["b"], "c": {"revision": "x"}}}),
        {},
        "error",
    ),
    "no JSON": (200, b"<html>", {}, "error"),
    "JSON that is no object": (200, b"true", {}, "error"),
    "a result said twice": (200, changed()[:-1] + b', "result": true}', {}, "error"),
    "nothing": (200, b"", {}, "error"),
    "more than a megabyte": (200, changed(more="x" * 2_000_000), {}, "error"),
    "a hundred thousand levels": (200, b'{"result": ' + b"[" * 100_000, {}, "error"),
}


@contextmanager
def server(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A server on loopback that answers every POST so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            answer(self)

        def log_message(self, *arguments: object) -> None:
            pass

    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.daemon_threads = True
    threading.Thread(target=found.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{found.server_port}"
    finally:
        found.shutdown()
        found.server_close()


def says(status: int, body: bytes, headers: dict[str, str]) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        with suppress(OSError):  # whoever asked may have heard enough
            handler.wfile.write(body)

    return answer


async def decided(address: str, *, seconds: float = 5.0) -> str:
    engine = OpaPolicies(address, seconds=seconds)(BUNDLE)
    try:
        return await engine.decide("data.p.yes", DOCUMENT)
    finally:
        await engine.close()


@pytest.mark.parametrize("case", LIES)
async def test_an_answer_that_is_not_plainly_true_from_this_bundle_denies(case: str) -> None:
    status, body, headers, expected = LIES[case]
    with server(says(status, body, headers)) as address:
        decision = await decided(address)
    assert decision == expected
    assert reason(decision) != "policy.allowed"


async def test_the_same_server_with_the_plain_answer_allows() -> None:
    with server(says(200, changed(), {})) as address:
        assert await decided(address) == "allow"


async def test_an_answer_that_drips_is_given_up() -> None:
    stop = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not stop.wait(0.02):
            try:
                handler.wfile.write(b" ")
            except OSError:
                return

    with server(drip) as address:
        async with asyncio.timeout(20):
            assert await decided(address, seconds=0.5) == "error"
        stop.set()


@pytest.mark.real
async def test_a_real_server_that_is_stopped_hangs_or_serves_another_bundle_denies_until_it_is_well_again(
    tmp_path: Path,
) -> None:
    async with Engine("opa", tmp_path, BUNDLE, seconds=2.0) as engine:
        assert engine.opa is not None
        assert await engine.decide("data.p.yes", DOCUMENT) == "allow"
        engine.opa.pause()
        assert await engine.decide("data.p.yes", DOCUMENT) == "error"
        engine.opa.go_on()
        assert await engine.decide("data.p.yes", DOCUMENT) == "allow"
        engine.opa.kill()
        assert await engine.decide("data.p.yes", DOCUMENT) == "error"
        write_opa_bundle(tmp_path / "bundle", bundle(RULES, flag=True, zero=1))
        engine.opa.start()
        assert await engine.decide("data.p.yes", DOCUMENT) == "error"
        engine.opa.kill()
        write_opa_bundle(tmp_path / "bundle", BUNDLE)
        engine.opa.start()
        assert await engine.decide("data.p.yes", DOCUMENT) == "allow"
        assert engine.port.engine == "opa 1.22.2"
