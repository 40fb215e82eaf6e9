"""A request with an `Idempotency-Key` is performed once, however often it is sent (draft-ietf-httpapi-idempotency-key).

The key is noted before the request is performed, so that a process which dies in between leaves a question and not a
second effect.
"""

from __future__ import annotations

__all__ = ["HEADER", "Once"]

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from runbooks.callers import AnswerStore, Kept
from runbooks.canonical import digest_of
from runbooks.errors import RequestError, RunbooksError

HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again within a day, with the same body and by the same subject, it is answered as the first "
    "time (`Idempotency-Replayed: true`) and nothing is done; with another body it is refused. Take a new UUID for "
    "each thing to be done.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
    "example": "7d3f5f0c-6a5e-4a3c-9a55-2f1f4f3b7c11",
}
_KEY = re.compile(r'"?([!#-~]{1,128})"?')
_KEPT_HEADERS = ("content-type", "etag", "location")
# What was raised on purpose was raised before anything was done, or is safe to ask again: the key stays free.
_NOTHING_DONE = (RunbooksError, RequestValidationError, HTTPException)


class Once:
    """One for the life of the service."""

    def __init__(self, answers: AnswerStore) -> None:
        self._answers = answers
        self._running: dict[tuple[str, str], asyncio.Future[None]] = {}

    async def answer(
        self, request: Request, subject: str, body: Any, perform: Callable[[], Awaitable[Response]]
    ) -> Response:
        """The first answer to this key, which `perform` gives if it is the first.

        Raises RequestError: `request.idempotency_key` for what is no key, `request.idempotency` for a key that was
        sent with something else, `request.idempotency_unknown` when nobody knows what became of the first request.
        """
        sent = request.headers.get("idempotency-key")
        if sent is None:
            return await perform()
        name = (subject, _key(sent))
        asked = [request.method, request.url.path.removeprefix("/api"), str(request.query_params), body]
        print_ = digest_of([*asked, request.headers.get("if-match")])
        while (running := self._running.get(name)) is not None:
            await asyncio.wait({running})
        kept = self._answers.begin(*name, print_)
        if kept is None:
            return await self._first(name, print_, perform)
        return _again(kept, print_)

    async def _first(self, name: tuple[str, str], print_: str, perform: Callable[[], Awaitable[Response]]) -> Response:
        done = self._running[name] = asyncio.get_running_loop().create_future()
        try:
            response = await perform()
            headers = {key: value for key, value in response.headers.items() if key in _KEPT_HEADERS}
            self._answers.finish(*name, Kept(print_, response.status_code, headers, bytes(response.body)))
        except _NOTHING_DONE:
            self._answers.forget(*name)
            raise
        finally:
            del self._running[name]
            done.set_result(None)
        return response


def _again(kept: Kept, print_: str) -> Response:
    if kept.request != print_:
        message = "this Idempotency-Key was sent with another request; take a new one for each thing to be done"
        raise RequestError(message, code="request.idempotency")
    if kept.status is None:
        message = (
            "a request with this Idempotency-Key was begun, and the service ended before its answer was known; look "
            "whether it was done, and take a new key if not"
        )
        raise RequestError(message, code="request.idempotency_unknown")
    return Response(kept.body, kept.status, {**kept.headers, "Idempotency-Replayed": "true"})


def _key(sent: str) -> str:
    found = _KEY.fullmatch(sent)
    if found is None:
        message = "Idempotency-Key must have 1 to 128 visible ASCII characters, e.g. a UUID"
        raise RequestError(message, code="request.idempotency_key")
    return found[1]
