"""The licence registry port: one contract, held by every adapter, and what is no answer of each."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from runbooks.adapters.licences import open_licences
from runbooks.adapters.licences.embedded import FolderLicences
from runbooks.adapters.licences.http import HttpLicences
from runbooks.errors import PermanentPortError, PortError, SettingsError, TransientPortError
from runbooks.ports import LicenceRegistry

from services.runbooks.tests.licence_server import LicenceServer, answer, serving_licences
from services.runbooks.tests.simulator import LicenceRegistrySimulator

SetStatus = Callable[[str, str], None]
Opening = Callable[[Path], AbstractAsyncContextManager[tuple[LicenceRegistry, SetStatus]]]
KNOWN = ["a@1", "a@2", "ü/b@1", "c d@1?x=y"]


def registry_file(folder: Path, statuses: dict[str, str]) -> None:
    """A registry with a licence of each name."""
    licences = [
        {
            "licenceId": name.rpartition("@")[0],
            "version": name.rpartition("@")[2],
            "title": "",
            "resource": "data",
            "permit": ["use"],
            "prohibit": [],
            "effectiveFrom": "2026-01-01T00:00:00Z",
            "effectiveTo": None,
            "status": status,
            "terms": "",
        }
        for name, status in statuses.items()
    ]
    (folder / "licences.json").write_text(json.dumps({"licences": licences}))


@asynccontextmanager
async def folder_registry(folder: Path) -> AsyncIterator[tuple[LicenceRegistry, SetStatus]]:
    statuses = dict.fromkeys(KNOWN, "active")
    registry_file(folder, statuses)

    def set_status(name: str, status: str) -> None:
        statuses[name] = status
        registry_file(folder, statuses)

    yield open_licences("folder:", folder=folder), set_status


@asynccontextmanager
async def http_registry(folder: Path) -> AsyncIterator[tuple[LicenceRegistry, SetStatus]]:
    async with serving_licences(dict.fromkeys(KNOWN, "active")) as server:
        registry = open_licences(server.url + "/", folder=folder)
        yield registry, server.statuses.__setitem__
        await registry.close()


@asynccontextmanager
async def simulated_registry(folder: Path) -> AsyncIterator[tuple[LicenceRegistry, SetStatus]]:
    registry = LicenceRegistrySimulator()
    registry.known = set(KNOWN)

    def set_status(name: str, status: str) -> None:
        (registry.gone.discard if status == "active" else registry.gone.add)(name)

    yield registry, set_status


every_adapter = pytest.mark.parametrize(
    "opening", [folder_registry, http_registry, simulated_registry], ids=["folder", "http", "simulator"]
)


@every_adapter
async def test_what_is_active_is_not_revoked(opening: Opening, tmp_path: Path) -> None:
    async with opening(tmp_path) as (registry, _):
        assert list(await registry.revoked(KNOWN)) == []
        assert list(await registry.revoked([])) == []


@every_adapter
@pytest.mark.parametrize("status", ["revoked", "suspended", "expired", "draft"])
async def test_a_changed_status_acts_at_the_next_question_and_its_return_too(
    status: str, opening: Opening, tmp_path: Path
) -> None:
    async with opening(tmp_path) as (registry, set_status):
        for name in KNOWN:
            set_status(name, status)
            assert list(await registry.revoked(KNOWN)) == [name]
            set_status(name, "active")
        assert list(await registry.revoked(KNOWN)) == []


@every_adapter
async def test_only_what_was_asked_about_is_told(opening: Opening, tmp_path: Path) -> None:
    async with opening(tmp_path) as (registry, set_status):
        set_status("a@1", "revoked")
        assert list(await registry.revoked(["a@2"])) == []


@every_adapter
async def test_what_the_registry_does_not_know_is_revoked(opening: Opening, tmp_path: Path) -> None:
    async with opening(tmp_path) as (registry, _):
        assert list(await registry.revoked(["a@1", "a@3", "b@1"])) == ["a@3", "b@1"]


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        '{"licences": [',
        '{"licences": {}}',
        '{"licences": [{"licenceId": "a", "version": "1", "status": "active"}]}',
        "[]",
    ],
    ids=["no file", "empty", "half written", "no list", "no licence", "another shape"],
)
async def test_a_file_that_is_no_registry_is_no_answer(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "licences.json").write_text(content)
    with pytest.raises(PermanentPortError, match=r"licences\.json: .* denies every licence") as caught:
        await FolderLicences(tmp_path).revoked(["a@1"])
    assert caught.value.code == "licences.unusable"
    registry_file(tmp_path, {"a@1": "active"})
    assert await FolderLicences(tmp_path).revoked(["a@1"]) == []


async def ask(server: LicenceServer, instead: Any, *, seconds: float = 5) -> list[str]:
    server.instead = instead
    registry = HttpLicences(server.url, seconds=seconds)
    try:
        return list(await registry.revoked(["a@1", "b@1"]))
    finally:
        await registry.close()


def said(value: Any) -> bytes:
    return answer(200, json.dumps(value).encode())


FINE = json.dumps({"status": {"a@1": "active", "b@1": "active"}}).encode()


@pytest.mark.parametrize(
    "instead",
    [
        answer(500, FINE),
        answer(404, FINE),
        answer(201, FINE),
        answer(206, FINE),
        answer(302, FINE, "Location: /v1/licences/status"),
        answer(200, b"<html>"),
        answer(200, b""),
        answer(200, b'{"status": {"a@1": "active", "b@1": "revoked", "b@1": "active"}}'),
        answer(200, gzip.compress(FINE), "Content-Encoding: gzip"),
        answer(200, FINE + b" " * 5_000_000),
        said([]),
        said({"status": None}),
        said({"status": {"a@1": "active"}}),
        said({"status": {"a@1": "active", "b@1": "active", "c@1": "revoked"}}),
        said({"status": {"a@1": "active", "b@1": "fine"}}),
        said({"status": {"a@1": "active", "b@1": True}}),
        said({"status": {"a@1": "active", "b@1": ["active"]}}),
    ],
    ids=[
        "500",
        "404",
        "201",
        "206",
        "redirect",
        "no JSON",
        "nothing",
        "a member twice",
        "compressed",
        "too large",
        "a list",
        "no status",
        "a name less",
        "a name more",
        "an unknown word",
        "true",
        "a list for a word",
    ],
)
async def test_anything_but_a_plain_answer_about_all_names_is_none(instead: bytes) -> None:
    async with serving_licences({}) as server:
        with pytest.raises(PermanentPortError, match=r"/v1/licences/status: did not answer .* denied until") as caught:
            await ask(server, instead)
        assert caught.value.code == "licences.no_answer"
        assert await ask(server, answer(200, FINE)) == []


async def test_a_server_that_does_not_come_to_an_end_is_not_waited_for() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with serving_licences({}) as server:
        with pytest.raises(TransientPortError) as caught:
            await ask(server, drip, seconds=0.3)
    assert caught.value.code == "licences.timeout"


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://[::1/x"])
async def test_a_server_that_is_not_there_is_no_answer(address: str) -> None:
    registry = HttpLicences(address, seconds=5)
    with pytest.raises(PortError) as caught:
        await registry.revoked(["a@1"])
    await registry.close()
    assert caught.value.code == "licences.unreachable"


async def test_the_environments_proxy_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving_licences({"a@1": "active", "b@1": "active"}) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        assert await ask(server, None) == []
        [(line, headers)] = server.requests
    assert (line, headers["accept-encoding"]) == ("POST /v1/licences/status HTTP/1.1", "identity")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "folder",
        "ftp://x/",
        "licences.json",
        "http://",
        "https:///v1",
        "http://[::1/x",
        "http://x:port",
        "http://x:0",
        "http://x\\v1",
        "https://x/v1?tenant=1",
        "https://x/v1#top",
    ],
)
def test_an_address_of_no_registry_is_refused_with_what_to_write(address: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="expected folder: ") as caught:
        open_licences(address, folder=tmp_path)
    assert f"licence_registry {address}: " in str(caught.value)


@pytest.mark.parametrize("address", ["https://ann:pass-word@x/v1", "https://pass-word@x/v1", "ftp://a:pass-word@x"])
def test_an_address_with_a_password_is_refused_without_saying_it(address: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"licence_registry \w+://…@x") as caught:
        open_licences(address, folder=tmp_path)
    assert "pass-word" not in str(caught.value)
