"""The body of a request: counted while it is read, strict JSON, and no deeper than what can be recorded."""

from __future__ import annotations

__all__ = ["read_body", "with_body"]

import asyncio
from typing import Any

from fastapi import Request

from runbooks.api.limits import Limits
from runbooks.canonical import loads, require_recordable
from runbooks.errors import RequestError


async def read_body(request: Request, limits: Limits) -> tuple[bytes, Any]:
    """The bytes and their value; raises RequestError, and CanonicalError that says where the JSON is wrong."""
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    if media_type.strip() != "application/json" or parameters.replace(" ", "") not in ("", "charset=utf-8"):
        raise RequestError("send the body as application/json", code="request.media_type")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise RequestError("send the body as it is, without Content-Encoding", code="request.media_type")
    try:
        async with asyncio.timeout(limits.seconds):
            data = await _read(request, limits.body)
    except TimeoutError:
        raise RequestError(f"the body did not come within {limits.seconds:g} s", code="request.slow") from None
    value = loads(data)
    require_recordable(value)
    return data, value


def with_body(request: Request, data: bytes) -> Request:
    """The request, with a body that was read already."""
    told = False

    async def receive() -> Any:
        nonlocal told
        if told:
            return await request.receive()
        told = True
        return {"type": "http.request", "body": data, "more_body": False}

    return Request(request.scope, receive)


async def _read(request: Request, most: int) -> bytes:
    declared = request.headers.get("content-length", "")
    size = int(declared) if declared.isascii() and declared.isdigit() and len(declared) < 16 else 0
    data = bytearray()
    if size <= most:
        async for piece in request.stream():
            data += piece
            size = len(data)
            if size > most:
                break
    if size > most:
        raise RequestError(f"a body has at most {most} bytes", code="request.too_large")
    return bytes(data)
