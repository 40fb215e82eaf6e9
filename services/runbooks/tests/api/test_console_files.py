"""The console's files: what is served, to whom how encoded, how long it may be kept, and what a page may do."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from runbooks.api.console_files import console_routes
from runbooks.api.headers import SecureHeaders

PAGE = b"<!doctype html><title>Runbooks</title>"
VERIFIER = b"<!doctype html><title>Verify a proof</title>"
SCRIPT = b"console.log('a script long enough')" * 40


def application(folder: Path) -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.router.routes.extend(console_routes(folder))
    app.add_middleware(SecureHeaders)
    return app


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / ".vite").mkdir()
    (tmp_path / "secret.txt").write_text("not to be served")
    for name, body in {
        "index.html": PAGE,
        "mark.svg": b"<svg/>",
        "verify.html": VERIFIER,
        "assets/main-B4x.js": SCRIPT,
        "assets/main-B4x.js.gz": gzip.compress(SCRIPT),
        "assets/main-B4x.js.br": b"brotli",
        "assets/sans-C.woff2": b"wOF2",
        ".vite/manifest.json": b"{}",
    }.items():
        (built / name).write_bytes(body)
    return built


@pytest_asyncio.fixture
async def http(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with client(folder) as found:
        yield found


def client(folder: Path) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=application(folder))
    return httpx.AsyncClient(transport=transport, base_url="http://runbooks", headers={"Accept-Encoding": "identity"})


async def test_the_root_leads_to_the_console(http: httpx.AsyncClient) -> None:
    for path in ("/", "/console"):
        answer = await http.get(path)
        assert answer.status_code == 307
        assert httpx.URL(answer.headers["location"]).path == "/console/"


@pytest.mark.parametrize(
    "path", ["", "index.html", "sign-in", "executions/R-1", "runbooks/none.r1", "executions/R-1/assets/x.js"]
)
async def test_every_address_of_the_page_is_the_page_and_is_not_kept(path: str, http: httpx.AsyncClient) -> None:
    answer = await http.get(f"/console/{path}")
    assert (answer.status_code, answer.content) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "media_type", "cache"),
    [
        ("assets/main-B4x.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("assets/sans-C.woff2", "font/woff2", "public, max-age=31536000, immutable"),
        ("mark.svg", "image/svg+xml", "no-cache"),
    ],
)
async def test_a_file_has_its_type_and_how_long_it_may_be_kept(
    path: str, media_type: str, cache: str, http: httpx.AsyncClient
) -> None:
    answer = await http.get(f"/console/{path}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"] == cache
    again = await http.get(f"/console/{path}", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])


@pytest.mark.parametrize(
    "path",
    [
        "assets/gone-A1.js",
        "favicon.ico",
        "assets/",
        "assets/%2e%2e/%2e%2e/secret.txt",
        "assets/main-B4x.js.gz",
    ],
)
async def test_what_is_no_file_of_the_console_is_not_found(path: str, http: httpx.AsyncClient) -> None:
    answer = await http.get(f"/console/{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert b"not to be served" not in answer.content


async def test_nothing_that_only_the_build_needs_is_served(http: httpx.AsyncClient) -> None:
    assert (await http.get("/console/.vite/manifest.json")).content == PAGE


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br;q=0.0,gzip; q=0", None),
        ("deflate", None),
        ("", None),
    ],
)
async def test_a_kept_encoding_goes_to_who_accepts_it(
    accepted: str, encoding: str | None, folder: Path, http: httpx.AsyncClient
) -> None:
    async with http.stream("GET", "/console/assets/main-B4x.js", headers={"Accept-Encoding": accepted}) as answer:
        body = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    suffix = {"br": ".br", "gzip": ".gz", None: ""}[encoding]
    assert body == (folder / f"assets/main-B4x.js{suffix}").read_bytes()


async def test_encodings_are_told_apart_by_their_tags(http: httpx.AsyncClient) -> None:
    tags = set()
    for accepted in ("br", "gzip", "identity"):
        answer = await http.head("/console/assets/main-B4x.js", headers={"Accept-Encoding": accepted})
        tags.add(answer.headers["etag"])
    assert len(tags) == 3


@pytest.mark.parametrize("path", ["", "assets/main-B4x.js", "assets/gone.js"])
async def test_a_page_may_load_its_own_files_and_nothing_else(path: str, http: httpx.AsyncClient) -> None:
    headers = (await http.get(f"/console/{path}")).headers
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules.pop("img-src") == "'self' data:"
    assert rules.pop("trusted-types") == "runbooks-worker"
    assert rules.pop("require-trusted-types-for") == "'script'"
    assert {name: value for name, value in rules.items() if value == "'self'"}.keys() == {
        *("script-src", "style-src", "font-src", "connect-src", "worker-src", "manifest-src")
    }
    assert {name for name, value in rules.items() if value == "'none'"} == {
        *("default-src", "base-uri", "form-action", "frame-ancestors")
    }
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "camera=()" in headers["permissions-policy"]


async def test_the_verifier_in_one_file_is_a_download_that_can_do_nothing_here(http: httpx.AsyncClient) -> None:
    answer = await http.get("/console/verify.html")
    assert (answer.status_code, answer.content) == (200, VERIFIER)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="verify.html"'
    rules = answer.headers["content-security-policy"].split("; ")
    assert rules.pop() == "sandbox"
    assert {rule.split(" ", 1)[1] for rule in rules} == {"'none'"}
    assert "default-src 'none'" in rules
    again = await http.get("/console/verify.html", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.headers["content-disposition"]) == (304, answer.headers["content-disposition"])
    # The page of that name is the console's.
    assert "content-disposition" not in (await http.get("/console/verify")).headers


async def test_it_is_only_read(http: httpx.AsyncClient) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = await http.request(method, "/console/")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_a_console_that_is_not_built_says_what_to_do(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        async with client(folder) as http:
            answer = await http.get("/console/executions")
        assert answer.status_code == 503
        assert "make web" in answer.text
        assert "script-src 'self'" in answer.headers["content-security-policy"]
