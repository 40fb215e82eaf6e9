"""The API adapter against real servers on loopback: what it sends, where, and what of an answer it takes."""

from __future__ import annotations

import pytest
from runbooks.adapters.http_api import MappedHttpApi, read_endpoints
from runbooks.errors import PermanentPortError, SettingsError, TransientPortError
from runbooks.ports import ApiResponse

from services.runbooks.tests.api_server import ORIGIN, call, failure, http, serving


async def test_a_call_sends_canonical_json_and_its_idempotency_key_and_gives_status_and_body() -> None:
    async with serving(http(201, b' {"b": [1, 2.50]} ')) as server:
        answer = await call(server.url, endpoint=f"{ORIGIN}/v1/x?y=1&z=%20", body={"id": 1})
    assert answer == ApiResponse(201, {"b": [1, 2.5]})
    [(line, headers, body)] = server.requests
    assert line == "POST /v1/x?y=1&z=%20 HTTP/1.1"
    assert body == b'{"id":1}'
    assert headers["host"] == f"127.0.0.1:{server.port}"
    assert headers["idempotency-key"] == "sha256:key"
    assert headers["content-type"] == "application/json"
    assert headers["accept-encoding"] == "identity"


async def test_a_call_without_a_body_sends_none_and_an_empty_answer_is_null() -> None:
    async with serving(http(204, b"")) as server:
        assert await call(server.url, method="GET") == ApiResponse(204, None)
    [(_, headers, body)] = server.requests
    assert "content-type" not in headers
    assert body == b""


async def test_a_base_path_of_the_installation_stands_before_the_endpoints_path() -> None:
    async with serving(http(200)) as server:
        await call(server.url + "/stand-in/", method="GET")
    assert server.requests[0][0] == "GET /stand-in/x HTTP/1.1"


async def test_an_endpoint_without_a_path_is_the_root() -> None:
    async with serving(http(200)) as server:
        await call(server.url, method="GET", endpoint=ORIGIN)
    assert server.requests[0][0] == "GET / HTTP/1.1"


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


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8", "application/problem+json", "application/geo+json"]
)
async def test_json_under_each_of_its_names_is_taken(kind: str) -> None:
    async with serving(http(200, b"1", f"Content-Type: {kind}")) as server:
        assert (await call(server.url)).body == 1


@pytest.mark.parametrize("endpoint", ["https://API.example.com/x", f"{ORIGIN}:443/x", f"{ORIGIN}:0443/x"])
async def test_another_spelling_of_an_allowed_origin_is_that_origin(endpoint: str) -> None:
    async with serving(http(200, b"1")) as server:
        assert (await call(server.url, endpoint=endpoint)).body == 1


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(http(200, b"2")) as proxy, serving(http(200, b"1")) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert (await call(server.url)).body == 1
    assert proxy.connections == 0


async def test_a_server_that_hangs_up_after_its_answer_does_not_fail_the_next_call() -> None:
    kept = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"
    async with serving(kept) as server:
        api = MappedHttpApi(read_endpoints({ORIGIN: {"base": server.url, "private": True}}))
        for _ in range(2):
            await api.call("GET", ORIGIN, None, idempotency_key="k", timeout=5, max_bytes=9)
        await api.close()
    assert server.connections == 2


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({ORIGIN: 7}, ["base", "private"]),
        ({ORIGIN: {"base": ORIGIN, "verify": False}}, ["base", "private"]),
        ({ORIGIN: {"private": True}}, ["base"]),
        ({ORIGIN: {"base": ORIGIN, "private": "yes"}}, ["true or false"]),
        ({f"{ORIGIN}/v1": ORIGIN}, ["neither path nor query"]),
        ({ORIGIN: ORIGIN, f"{ORIGIN}:443": ORIGIN}, [ORIGIN, "twice"]),
        ({"api.example.com": ORIGIN}, ["api.example.com", "http(s)"]),
        ({ORIGIN: "http://127.0.0.1:8123"}, ["public Internet", '{"base": "http://127.0.0.1:8123", "private": true}']),
        ({ORIGIN: "http://169.254.169.254"}, ["public Internet"]),
        ({ORIGIN: {"base": "http://169.254.169.254", "private": True}}, ["public Internet"]),
        ({ORIGIN: f"{ORIGIN}/?a=b"}, ["query"]),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_with_what_to_write(setting: object, words: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        read_endpoints(setting)  # type: ignore[arg-type]
    assert all(word in str(caught.value) for word in ["endpoints", *words])
