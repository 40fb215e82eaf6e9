"""What is told of every request: a log line, figures, a span.

Route templates stand for addresses, and no query is told.
"""

from __future__ import annotations

__all__ = ["Observing"]

import logging
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runbooks.log_context import about, names
from runbooks.telemetry import Telemetry

_log = logging.getLogger("runbooks.access")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_UNROUTED = "(none)"


class Observing:
    """ASGI middleware, within that which numbers requests."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, told = time.perf_counter(), _Told()

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                told.status, told.made = message["status"], _header(message["headers"], b"location")
            await send(message)

        headers = {"traceparent": _header(scope["headers"], b"traceparent") or ""}
        with about(requestId=scope["state"]["request_id"]), self._telemetry.request(headers) as ended:
            try:
                await self._app(scope, receive, send_on)
            finally:
                method = scope["method"] if scope["method"] in _METHODS else "OTHER"
                route = getattr(scope.get("route"), "path", None) or _UNROUTED
                seconds = time.perf_counter() - began
                found = scope.get("path_params", {}).get("execution_id") or (told.made or "").rpartition("/")[2]
                self._telemetry.metrics.request(method, route, told.status, seconds)
                if ended is not None:
                    ended(method, route, told.status, found or None)
                members = {"method": method, "route": route, "status": told.status, "ms": round(seconds * 1000, 1)}
                # The console's files come by the dozen, and say nothing.
                level = logging.DEBUG if route == _UNROUTED and told.status < 400 else logging.INFO
                _log.log(level, "%s %s %s", method, route, told.status, extra={"members": {**names(), **members}})


class _Told:
    status = 500
    made: str | None = None


def _header(headers: Any, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in headers if key.lower() == name), None)
