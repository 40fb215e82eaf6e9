"""Reads an API's answer: no more than was allowed, plain JSON, and an error for everything else."""

from __future__ import annotations

__all__ = ["parse_answer", "read_answer"]

from typing import Any

from runbooks.adapters.http_api.endpoints import parse_target
from runbooks.canonical import loads
from runbooks.errors import CanonicalError, PermanentPortError, TransientPortError
from runbooks.ports import ApiResponse

_TRANSIENT = {408, 425, 429, 500, 502, 503, 504}
_EXCERPT_BYTES = 200


async def read_answer(response: Any, max_bytes: int) -> bytes:
    """The body as it came, of an error its beginning; raises PermanentPortError before more than `max_bytes` is kept.

    What is compressed was not asked for and may be of any size, so it is not looked into.
    """
    is_error = not 200 <= response.status < 300
    if not is_error:
        _require_plain(response)
        length = _header(response, b"content-length")
        if length.isdigit() and (len(length) > 15 or int(length) > max_bytes):
            raise _too_large(max_bytes)
    data = bytearray()
    async for piece in response.aiter_stream():
        data += piece
        if is_error and len(data) >= _EXCERPT_BYTES:
            break
        if len(data) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(data)


def parse_answer(response: Any, data: bytes) -> ApiResponse:
    """The answer of a 2xx status with strict JSON or nothing; raises TransientPortError, PermanentPortError."""
    status = response.status
    if status in _TRANSIENT or status >= 500:
        raise TransientPortError(f"answered HTTP {status}{_excerpt(data)}", code=f"api.http_{status}")
    location = _header(response, b"location")
    if 300 <= status < 400 and location:
        raise PermanentPortError(
            f"answered HTTP {status} with a redirect to {_origin(location)}; none is followed: name the right address "
            "in the step, and allow its origin",
            code="api.redirect",
        )
    if not 200 <= status < 300:
        raise PermanentPortError(f"answered HTTP {status}{_excerpt(data)}", code=f"api.http_{status}")
    if not data:
        return ApiResponse(status, None)
    try:
        return ApiResponse(status, loads(data))
    except CanonicalError as error:
        raise PermanentPortError(f"answer is not strict JSON: {error}", code="api.not_json") from None


def _require_plain(response: Any) -> None:
    encoding = _header(response, b"content-encoding")
    if encoding.lower() not in ("", "identity"):
        raise PermanentPortError(f"answer is encoded ({_shown(encoding)}), which was not asked for", code="api.encoded")
    kind = _header(response, b"content-type").partition(";")[0].strip().lower()
    if kind not in ("", "application/json") and not (kind.startswith("application/") and kind.endswith("+json")):
        raise PermanentPortError(
            f"answer is {_shown(kind)}, expected application/json or application/…+json", code="api.content_type"
        )


def _header(response: Any, name: bytes) -> str:
    """All values of that name, as one."""
    return ", ".join(value.decode("latin-1") for key, value in response.headers if key.lower() == name)


def _origin(location: str) -> str:
    if location.startswith("/") and not location.startswith("//"):
        return "its own origin"
    try:
        return parse_target(location.partition("#")[0]).origin
    except ValueError:
        return "an address that cannot be read"


def _too_large(max_bytes: int) -> PermanentPortError:
    return PermanentPortError(f"answer is larger than {max_bytes} bytes", code="api.too_large")


def _excerpt(data: bytes) -> str:
    text = _shown(data[:_EXCERPT_BYTES].decode("utf-8", "replace"))
    return f": {text}" if text else ""


def _shown(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text[:_EXCERPT_BYTES])
