"""The console's built files at `/console/`, under a content security policy that lets nothing else run.

They are read once, at the start: what is served cannot change, no path of a request meets the disk, and a file that
was also kept as `.br` or `.gz` beside it goes out so to who accepts that.
"""

from __future__ import annotations

__all__ = ["ConsoleFiles", "console_routes"]

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from runbooks.api.problems import answer_to

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    # The one policy of the page makes the address of its worker.
    "trusted-types": "runbooks-worker",
}
_UNUSED = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "midi", "payment")
_HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in (*_UNUSED, "usb")),
}
# The verifier in one file is to be kept, not opened here: its own policy is inside, and this one lets it do nothing.
_DOWNLOADS = {
    "verify.html": {
        "Content-Disposition": 'attachment; filename="verify.html"',
        "Content-Security-Policy": (
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
        ),
    }
}
# By preference: suffix of the kept file, and its name in HTTP.
_ENCODINGS = {".br": "br", ".gz": "gzip"}
_INDEX = "index.html"
_NOT_BUILT = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Runbooks</title></head><body>
<h1>The console is not built here</h1>
<p>In a checkout, run <code>make web</code> and start <code>runbooks serve</code> again. The API works without it.</p>
</body></html>
"""


@dataclass(frozen=True)
class _File:
    body: bytes
    media_type: str
    cache: str
    # By their names in HTTP.
    encoded: Mapping[str, bytes]


class ConsoleFiles:
    """An ASGI application over one folder; a folder without `index.html` gets a page that says so, and 503."""

    def __init__(self, folder: Path) -> None:
        self._files = {name: _read(folder / name, name) for name in _names(folder)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        response = self._answer(Request(scope))
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        await response(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return answer_to(HTTPException(405, headers={"Allow": "GET, HEAD"}))
        if _INDEX not in self._files:
            return Response(_NOT_BUILT, 503, media_type="text/html")
        path = request.scope["path"].removeprefix(request.scope["root_path"]).removeprefix("/")
        file = self._files.get(path) or (None if _is_asset(path) else self._files[_INDEX])
        if file is None:
            return answer_to(HTTPException(404, f"the console has no file {path}; load the page again"))
        response = _sent(file, request.headers)
        response.headers.update(_DOWNLOADS.get(path, {}))
        return response


def console_routes(folder: Path) -> list[BaseRoute]:
    """`/console/…`, and the way there from `/`."""

    async def to_console(request: Request) -> Response:
        del request
        return RedirectResponse("/console/")

    return [Route("/", to_console), Mount("/console", ConsoleFiles(folder))]


def _names(folder: Path) -> set[str]:
    paths = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
    return {path.as_posix() for path in paths if path.suffix not in _ENCODINGS and not path.as_posix().startswith(".")}


def _read(path: Path, name: str) -> _File:
    # Names in assets/ have a hash of the content; the page that names them must always be the newest.
    cache = "public, max-age=31536000, immutable" if name.startswith("assets/") else "no-cache"
    kept = {http: path.with_name(path.name + suffix) for suffix, http in _ENCODINGS.items()}
    return _File(
        path.read_bytes(),
        _media_type(name),
        "no-store" if name == _INDEX else cache,
        {http: kept[http].read_bytes() for http in kept if kept[http].exists()},
    )


def _media_type(name: str) -> str:
    # Not from the machine's own table, which may say otherwise; no sniffing is allowed.
    known = {".js": "text/javascript", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2"}
    suffix = Path(name).suffix
    return known.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")


def _is_asset(path: str) -> bool:
    """Whether only a file can be meant; else it is an address of the page, which may have any identifier in it."""
    return path.startswith("assets/") or ("/" not in path and "." in path)


def _sent(file: _File, headers: Mapping[str, str]) -> Response:
    accepted = _accepted(headers.get("accept-encoding", ""))
    encoding = next((name for name in file.encoded if name in accepted), None)
    body = file.encoded[encoding] if encoding else file.body
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    told = {"Cache-Control": file.cache, "ETag": tag, "Vary": "Accept-Encoding"}
    if tag in headers.get("if-none-match", ""):
        return Response(status_code=304, headers=told)
    if encoding:
        told["Content-Encoding"] = encoding
    return Response(body, headers=told, media_type=file.media_type)


def _accepted(header: str) -> set[str]:
    """The encodings that a client names and does not refuse by `q=0`."""
    found = set()
    for item in header.split(","):
        name, _, quality = item.replace(" ", "").lower().partition(";q=")
        if quality.strip("0.") or not quality:
            found.add(name)
    return found
