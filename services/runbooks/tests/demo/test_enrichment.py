"""The local enrichment service over real HTTP: answers, keys, limits, faults."""

from __future__ import annotations

import importlib.util
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from runbooks.demo import attack
from runbooks.demo.enrichment import EnrichmentService, Fault

PEOPLE = [{"id": "e2", "name": "Bob"}, {"id": "e1", "name": "Alice"}]


@pytest.fixture(scope="module")
def service() -> Iterator[EnrichmentService]:
    with EnrichmentService() as running:
        yield running


@pytest.fixture(scope="module")
def client(service: EnrichmentService) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, trust_env=False) as connected:
        yield connected


def test_names_become_addresses_in_the_order_of_ids(client: httpx.Client) -> None:
    answer = client.post("/enrich", json=PEOPLE)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == [{"id": "e1", "email": "alice@example.com"}, {"id": "e2", "email": "bob@example.com"}]
    assert client.post("/enrich", json=PEOPLE[::-1]).content == answer.content


def test_every_name_gives_an_address(client: httpx.Client) -> None:
    names = ["Zoë de la Cruz", " O'Neil ", "фантом", "", None, 7]
    rows = [{"id": f"id{number}", "name": name} for number, name in enumerate(names)]
    addresses = [row["email"] for row in client.post("/enrich", json=[*rows, {"id": "…"}, {"id": "x9"}]).json()]
    assert addresses[:2] == ["zoe.de.la.cruz@example.com", "o.neil@example.com"]
    assert addresses[2:6] == ["id2@example.com", "id3@example.com", "id4@example.com", "id5@example.com"]
    assert addresses[6] == "x9@example.com"
    assert addresses[7].startswith("entity-")


def test_attack_answers_about_software_and_countries(client: httpx.Client) -> None:
    [software] = client.post("/attack/software", json=[{"id": "x", "attackId": "S0588", "name": "GoldMax"}]).json()
    assert software["platforms"] == ["Windows", "Linux"]
    assert software["documents"]
    apt38 = "00f67a77-86a4-4adf-be26-1a54fc713340"
    assert client.post("/attack/countries", json=[{"id": apt38}]).json() == [{"id": apt38, "country": "KP"}]
    assert client.post("/attack/countries", json=[]).json() == []


def test_a_key_is_answered_once_and_the_answer_repeated() -> None:
    with EnrichmentService() as service:
        answers = [httpx.post(f"{service.url}/enrich", json=PEOPLE, headers={"Idempotency-Key": "k"}) for _ in range(3)]
        assert {answer.content for answer in answers} == {answers[0].content}
        assert service.answered == 1
        httpx.post(f"{service.url}/enrich", json=PEOPLE, headers={"Idempotency-Key": "other"})
        httpx.post(f"{service.url}/enrich", json=PEOPLE)
        assert service.answered == 3


def test_a_key_with_another_request_is_refused(client: httpx.Client) -> None:
    headers = {"Idempotency-Key": "mine"}
    assert client.post("/enrich", json=PEOPLE, headers=headers).status_code == 200
    for path, body in (("/enrich", PEOPLE[:1]), ("/attack/countries", PEOPLE)):
        refused = client.post(path, json=body, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (409, "key_reused")
    assert client.post("/enrich", json=PEOPLE, headers=headers).status_code == 200


def test_requests_of_one_key_at_the_same_time_are_worked_out_once() -> None:
    gate = threading.Barrier(8)

    def ask(url: str) -> bytes:
        gate.wait()
        return httpx.post(f"{url}/attack/software", json=PEOPLE, headers={"Idempotency-Key": "k"}).content

    with EnrichmentService() as service, ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, [service.url] * 8))) == 1
        assert service.answered == 1


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "code"),
    [
        ("POST", "/nowhere", {}, b"[]", 404, "unknown_route"),
        ("POST", "/enrich/", {}, b"[]", 404, "unknown_route"),
        ("GET", "/enrich", {}, b"", 501, "refused"),
        ("POST", "/enrich", {"Content-Type": "text/plain"}, b"[]", 415, "not_json"),
        ("POST", "/enrich", {}, b"[", 400, "not_json"),
        ("POST", "/enrich", {}, b'[{"id":"a","id":"b"}]', 400, "not_json"),
        ("POST", "/enrich", {}, b"\xff", 400, "not_json"),
        ("POST", "/enrich", {}, b"{}", 400, "not_rows"),
        ("POST", "/enrich", {}, b'["a"]', 400, "not_rows"),
        ("POST", "/enrich", {}, b'[{"id":1}]', 400, "not_rows"),
    ],
)
def test_a_request_that_cannot_be_answered_gets_a_json_error(
    client: httpx.Client, method: str, path: str, headers: dict[str, str], body: bytes, status: int, code: str
) -> None:
    answer = client.request(method, path, content=body, headers={"Content-Type": "application/json", **headers})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"]
    assert client.post("/enrich", json=PEOPLE).status_code == 200


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("", 400, "no_length"),
        ("Content-Length: -1\r\n", 400, "no_length"),
        ("Content-Length: \u0663\r\n", 400, "no_length"),
        ("Content-Length: 33554433\r\n", 413, "too_large"),
        (f"Content-Length: {'9' * 400}\r\n", 413, "too_large"),
    ],
)
def test_a_length_that_is_missing_wrong_or_too_large_is_answered_without_reading_the_body(
    service: EnrichmentService, header: str, status: int, code: str
) -> None:
    url = httpx.URL(service.url)
    head = f"POST /enrich HTTP/1.1\r\nHost: {url.host}\r\nContent-Type: application/json\r\n{header}\r\n"
    with socket.create_connection((url.host, url.port), timeout=10) as connection:
        connection.sendall(head.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"Connection: close" in answer
    assert f'"code":"{code}"'.encode() in answer


def test_a_body_of_exactly_the_limit_is_read(client: httpx.Client) -> None:
    body = b"[" + b" " * (32 * 1024 * 1024 - 2) + b"]"
    assert client.post("/enrich", content=body, headers={"Content-Type": "application/json"}).json() == []


def test_the_first_requests_fail_as_told_and_the_next_succeeds() -> None:
    faults = [Fault(status=500, times=2), Fault(status=429, path="/attack/countries")]
    with EnrichmentService(faults=faults) as service, httpx.Client(base_url=service.url) as client:
        statuses = [client.post("/enrich", json=PEOPLE).status_code for _ in range(4)]
        assert statuses == [500, 500, 200, 200]
        statuses = [client.post("/attack/countries", json=[]).status_code for _ in range(2)]
        assert statuses == [429, 200]


def test_a_delayed_answer_outlasts_an_impatient_caller_and_the_key_still_gets_it() -> None:
    headers = {"Idempotency-Key": "k"}
    with EnrichmentService(faults=[Fault(delay=0.5)]) as service:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{service.url}/enrich", json=PEOPLE, headers=headers, timeout=0.05)
        assert len(httpx.post(f"{service.url}/enrich", json=PEOPLE, headers=headers).json()) == 2


def test_without_the_data_attack_routes_say_what_to_install_and_people_are_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for kept in (attack._clusters, attack._by_attack_id, attack._groups):
        kept.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with EnrichmentService() as service:
        refused = httpx.post(f"{service.url}/attack/software", json=[{"id": "x"}])
        assert (refused.status_code, refused.json()["code"]) == (404, "no_data")
        assert "pymispgalaxies" in refused.json()["detail"]
        assert httpx.post(f"{service.url}/enrich", json=PEOPLE).status_code == 200


def test_the_service_listens_on_loopback_only_while_its_block_lasts() -> None:
    with EnrichmentService() as service:
        url = httpx.URL(service.url)
        assert url.host == "127.0.0.1"
        assert httpx.post(f"{url}/enrich", json=[]).json() == []
    with socket.socket() as probe:
        assert probe.connect_ex((url.host, url.port or 0)) != 0
    with pytest.raises(RuntimeError, match="inside its `with` block"):
        _ = service.url
