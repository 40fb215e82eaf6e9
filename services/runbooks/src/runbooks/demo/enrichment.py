"""The demo's external API as a local HTTP service: deterministic answers over loopback, and faults on request.

Routes (POST, a JSON list of objects with `id`): `/enrich` makes an e-mail address from a name; `/attack/software` and
`/attack/countries` answer what ATT&CK knows. A request with an `Idempotency-Key` is answered once: the same key with
the same body gets the stored answer again, with another body 409. Bodies have at most 32 MiB, and the last 1,000 keys
are remembered.
"""

from __future__ import annotations

__all__ = ["EnrichmentService", "Fault"]

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from runbooks.canonical import digest_of, dumps, loads
from runbooks.demo.answers import ROUTES, Answer
from runbooks.errors import CanonicalError, SettingsError

_MAX_BYTES = 32 * 1024 * 1024
_MAX_KEYS = 1_000
_IDLE_SECONDS = 30


@dataclass(frozen=True)
class Fault:
    """The first `times` requests to `path` (None: any) wait `delay` seconds and fail with `status`, if any."""

    status: int | None = None
    times: int = 1
    delay: float = 0.0
    path: str | None = None


class EnrichmentService:
    """Serves at `service.url`, a free port of 127.0.0.1, inside `with EnrichmentService() as service:`."""

    def __init__(self, faults: Sequence[Fault] = ()) -> None:
        self._desk = _Desk(faults)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The origin, without a slash at its end; only while the service runs."""
        if self._server is None:
            raise RuntimeError("the enrichment service has an address only inside its `with` block")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def answered(self) -> int:
        """Number of answers worked out so far; answers repeated for a known key do not count."""
        return self._desk.answered

    def __enter__(self) -> Self:
        self._server = _Server(self._desk)
        # The poll interval is how long the end of the block may wait.
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is not None and thread is not None:
            server.shutdown()
            server.server_close()
            thread.join()


class _RefusedError(Exception):
    """A request that gets an error as its answer."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code


class _Desk:
    """Answers parsed requests, one at a time; knows nothing of HTTP but the numbers of its errors."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._lock = threading.Lock()
        self._faults = [fault for fault in faults for _ in range(fault.times)]
        self._stored: OrderedDict[str, tuple[str, Answer]] = OrderedDict()
        self.answered = 0

    def answer(self, path: str, key: str | None, rows: Answer) -> Answer:
        route = ROUTES.get(path)
        if route is None:
            raise _RefusedError(404, "unknown_route", f"no route {path}; known: {', '.join(ROUTES)}")
        request = digest_of([path, rows])
        with self._lock:
            stored = self._stored.get(key) if key is not None else None
            if stored is not None and stored[0] != request:
                raise _RefusedError(409, "key_reused", "this Idempotency-Key belongs to another request")
            if stored is not None:
                return stored[1]
            answer = _asked(route, rows)
            self.answered += 1
            if key is not None:
                self._store(key, request, answer)
            return answer

    def next_fault(self, path: str) -> Fault | None:
        with self._lock:
            for number, fault in enumerate(self._faults):
                if fault.path in {None, path}:
                    return self._faults.pop(number)
        return None

    def _store(self, key: str, request: str, answer: Answer) -> None:
        self._stored[key] = (request, answer)
        if len(self._stored) > _MAX_KEYS:
            self._stored.popitem(last=False)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, desk: _Desk) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.desk = desk


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_SECONDS
    server: _Server

    def do_POST(self) -> None:
        """Answer one request, or fail as the next fault says."""
        try:
            body = self._body()
            self._suffer(self.server.desk.next_fault(self.path))
            answer = self.server.desk.answer(self.path, self.headers.get("Idempotency-Key"), _rows(body))
        except _RefusedError as refused:
            self._send(refused.status, {"code": refused.code, "detail": str(refused)})
        else:
            self._send(200, answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name in http.server)
        """Requests are recorded by those who make them, not printed here."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What http.server refuses itself (another method, a broken request line) is answered in JSON too."""
        self.close_connection = True
        self._send(code, {"code": "refused", "detail": message or self.responses[code][0]})

    def _body(self) -> bytes:
        # Until the body is read, the connection cannot be used again.
        self.close_connection = True
        if self.headers.get_content_type() != "application/json":
            raise _RefusedError(415, "not_json", "the Content-Type must be application/json")
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise _RefusedError(400, "no_length", "a Content-Length is required")
        if len(length) > 10 or int(length) > _MAX_BYTES:
            raise _RefusedError(413, "too_large", f"the body must have at most {_MAX_BYTES} bytes")
        body = self.rfile.read(int(length))
        self.close_connection = self.headers.get("Connection", "").lower() == "close"
        return body

    def _suffer(self, fault: Fault | None) -> None:
        if fault is None:
            return
        time.sleep(fault.delay)
        if fault.status is not None:
            raise _RefusedError(fault.status, "fault", "this service was told to fail")

    def _send(self, status: int, value: Any) -> None:
        data = dumps(value)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)


def _asked(route: Callable[[Answer], Answer], rows: Answer) -> Answer:
    try:
        return route(rows)
    except SettingsError as error:
        # Not a 5xx: asking again would not install the data.
        raise _RefusedError(404, "no_data", str(error)) from None


def _rows(body: bytes) -> Answer:
    try:
        rows = loads(body)
    except CanonicalError as error:
        raise _RefusedError(400, "not_json", f"the body is not strict JSON: {error}") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and isinstance(row.get("id"), str) for row in rows):
        raise _RefusedError(400, "not_rows", "the body must be a list of objects that have a text `id`")
    return rows
