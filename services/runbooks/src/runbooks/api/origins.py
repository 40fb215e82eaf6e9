"""Where browsers reach the service, and what they may send from elsewhere: nothing.

A page of another site can make a browser send requests here (cross-site request forgery), or have a name of its own
lead here (DNS rebinding). Both show in headers that a page cannot set: `Host`, `Origin`, `Sec-Fetch-Site`.
"""

from __future__ import annotations

__all__ = ["HostCheck", "Origins", "cookie_name"]

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from runbooks.api.problems import answer_to
from runbooks.errors import RequestError, SettingsError

READING = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
# What asks by number from inside a network, and answers with nothing that is not everybody's.
_PROBES = frozenset({"/health", "/ready", "/api/health", "/api/ready"})


@dataclass(frozen=True)
class Origins:
    """`allowed` are origins as browsers write them, e.g. `https://runbooks.example.com`; nothing else is answered."""

    allowed: frozenset[str] = frozenset()

    @classmethod
    def of(cls, stated: Iterable[str], port: int | None) -> Origins:
        """Those of the settings, and loopback where the service listens itself; raises SettingsError."""
        for origin in stated:
            scheme, separator, host = origin.partition("://")
            if scheme not in ("http", "https") or not separator or not host or set(host) & set("/?#@*, "):
                message = f"origins: expected e.g. https://runbooks.example.com, without a path, got {origin!r}"
                raise SettingsError(message)
        own = () if port is None else (f"http://{name}:{port}" for name in _LOOPBACK)
        return cls(frozenset({*(origin.lower() for origin in stated), *own}))

    def origin(self, host: str) -> str | None:
        """The origin that a request to that `Host` belongs to; None for a host that is not ours."""
        return next((name for name in (f"https://{host}", f"http://{host}") if name.lower() in self.allowed), None)

    def require_host(self, host: str) -> None:
        """Raises RequestError (`request.host`) for a host that is not ours."""
        if self.origin(host) is None:
            message = "this service does not answer under that name; add its address to `origins` in settings.json"
            raise RequestError(message, code="request.host")

    def require_same(self, method: str, headers: Mapping[str, str], *, stated: bool = True) -> None:
        """Raises RequestError (`request.cross_origin`) for what a page of another origin had a browser send.

        What changes something must say that it comes from here, or, not `stated`, at least not say otherwise.
        """
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        own = origin is None or origin.lower() == (self.origin(headers.get("host", "")) or "").lower()
        same = own and site in (None, "same-origin", "none")
        if method not in READING:
            same = same and site != "none" and (not stated or origin is not None or site is not None)
        if not same:
            message = "a request with a session cookie must come from this service's own pages (Origin); use a token"
            raise RequestError(message, code="request.cross_origin")


class HostCheck:
    """ASGI middleware: requests to a host that is not ours are not looked at."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "http" and scope["path"] not in _PROBES:
            try:
                self._origins.require_host(Headers(scope=scope).get("host", ""))
            except RequestError as error:
                await answer_to(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def cookie_name(origin: str) -> str:
    """The session cookie's name there: browsers do not keep ports apart, and `__Host-` goes over https only."""
    scheme, _, host = origin.partition("://")
    _, colon, port = host.rpartition(":")
    name = f"runbooks-{port}" if colon and port.isdigit() else "runbooks"
    return f"__Host-{name}" if scheme == "https" else name
