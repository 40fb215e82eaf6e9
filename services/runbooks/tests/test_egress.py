"""Egress: nothing is connected to but what the installation allows, at an address that was looked at.

`ssrf.jsonl` has addresses that an author or an operator might write, with what must become of each; `{port}` is a
listener of this machine that must never see a connection.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpcore
import pytest
from runbooks.errors import PermanentPortError, PortError, SettingsError

from services.runbooks.tests.api_server import ORIGIN, call, http, serving

CORPUS = [json.loads(line) for line in (Path(__file__).parent / "ssrf.jsonl").read_text("utf-8").splitlines()]
ENDPOINTS = [entry for entry in CORPUS if entry["as"] == "endpoint"]
BASES = [entry for entry in CORPUS if entry["as"] == "base"]

_watchers: list[list[tuple[str, Any]]] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _watchers and event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        what = arguments[0] if event.startswith("socket.get") else arguments[1]
        for watcher in _watchers:
            watcher.append((event, what))


sys.addaudithook(_watch)


@contextmanager
def watched() -> Iterator[list[tuple[str, Any]]]:
    """Every name looked up and every address connected or sent to by this process, inside the block."""
    seen: list[tuple[str, Any]] = []
    _watchers.append(seen)
    try:
        yield seen
    finally:
        _watchers.remove(seen)


class Wire(httpcore.AsyncNetworkBackend):
    """A network whose addresses take no connection; `asked` are those that were to be connected to."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        del port, timeout, local_address, socket_options
        self.asked.append(host)
        raise httpcore.ConnectError("this wire ends here")


class Names:
    """A resolver that gives one answer after the other, the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: Counter[str] = Counter()

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        del port
        self.asked[host] += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def test_the_corpus_is_large_and_says_each_thing_once() -> None:
    assert len(CORPUS) >= 60
    assert len({json.dumps({**entry, "why": None}) for entry in CORPUS}) == len(CORPUS)
    assert {entry["verdict"] for entry in CORPUS} == {"allowed", "not_allowed", "setting", "refused", "unreachable"}


@pytest.mark.parametrize("entry", ENDPOINTS, ids=lambda entry: entry["why"])
async def test_an_author_reaches_the_allowed_origin_and_nothing_else(entry: dict[str, Any]) -> None:
    async with serving(http(200, b"1")) as server, serving(http(200, b'"secret"')) as canary:
        endpoint = entry["url"].replace("{port}", str(canary.port))
        with watched() as seen:
            if entry["verdict"] == "allowed":
                assert (await call(server.url, endpoint=endpoint)).body == 1
            else:
                with pytest.raises(PermanentPortError) as caught:
                    await call(server.url, endpoint=endpoint)
                assert caught.value.code == "api.not_allowed"
        wanted = [("socket.connect", ("127.0.0.1", server.port))] if entry["verdict"] == "allowed" else []
        assert seen == wanted
    assert canary.connections == 0


@pytest.mark.parametrize("entry", BASES, ids=lambda entry: f"{entry['why']}, {entry['url'][:40]}")
async def test_an_operators_base_is_reached_where_it_is_meant_to_be(entry: dict[str, Any]) -> None:
    wire, names = Wire(), Names(entry.get("answers", ()))
    async with serving(http(200, b'"secret"')) as canary:
        base = entry["url"].replace("{port}", str(canary.port))
        codes = {"allowed": "api.unreachable", "unreachable": "api.unreachable", "refused": "api.address"}
        with watched() as seen, pytest.raises((PortError, SettingsError)) as caught:
            await call(base, private=entry["private"], network=wire, names=names)
        if entry["verdict"] == "setting":
            assert isinstance(caught.value, SettingsError)
        else:
            assert caught.value.code == codes[entry["verdict"]], caught.value
        if entry["verdict"] == "allowed":
            assert wire.asked == entry.get("answers", [base.split("//")[1].removesuffix(f":{canary.port}").strip("[]")])
        else:
            assert wire.asked == []
        # The same over the real network, but for what would leave this machine.
        if entry["verdict"] != "allowed":
            with pytest.raises((PortError, SettingsError)):
                await call(base, private=entry["private"], names=names)
        assert seen == []
    assert canary.connections == 0


async def test_localhost_of_this_machine_is_refused_and_reached_when_it_is_meant() -> None:
    async with serving(http(200, b"1")) as server:
        with pytest.raises(PermanentPortError) as caught:
            await call(f"http://localhost:{server.port}", private=False)
        assert caught.value.code == "api.address"
        assert '"private": true' in str(caught.value)
        assert server.connections == 0
        assert (await call(f"http://localhost:{server.port}")).body == 1


async def test_a_name_that_moves_to_a_private_address_never_gets_a_connection_there() -> None:
    async with serving(http(200, b'"secret"')) as target:
        wire, names = Wire(), Names(["93.184.216.34"], ["127.0.0.1"])
        base = f"http://name.example:{target.port}"
        with watched() as seen:
            with pytest.raises(PortError) as caught:
                await call(base, private=False, names=names, network=wire)
            assert caught.value.code == "api.unreachable"
            # One question for one connection, and the connection goes where that answer said.
            assert (names.asked["name.example"], wire.asked) == (1, ["93.184.216.34"])
            with pytest.raises(PermanentPortError) as caught:
                await call(base, private=False, names=names)
            assert caught.value.code == "api.address"
            assert names.asked["name.example"] == 2
        assert seen == []
    assert target.connections == 0


async def test_the_next_address_is_tried_when_one_takes_no_connection() -> None:
    async with serving(http(200, b"1")) as server:
        answer = await call(f"http://name.example:{server.port}", names=Names(["127.0.0.2", "127.0.0.1"]))
    assert answer.body == 1
    assert server.requests[0][1]["host"] == f"name.example:{server.port}"


async def test_a_connection_of_a_private_endpoint_serves_no_other() -> None:
    """Two origins that are reached by one name: what was looked at for the one was not looked at for the other."""
    from runbooks.adapters.http_api import MappedHttpApi, read_endpoints

    kept = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"

    async with serving(kept) as server:
        base = f"http://name.example:{server.port}"
        endpoints = read_endpoints({ORIGIN: {"base": base, "private": True}, "https://other.example.com": base})
        api = MappedHttpApi(endpoints, names=Names(["127.0.0.1"]))
        answer = await api.call("GET", ORIGIN, None, idempotency_key="k", timeout=5, max_bytes=9)
        assert answer.body == 1
        with pytest.raises(PermanentPortError) as caught:
            await api.call("GET", "https://other.example.com", None, idempotency_key="k", timeout=5, max_bytes=9)
        await api.close()
    assert caught.value.code == "api.address"
    assert server.connections == 1
