"""What every request passes before its route: who, how often, whether, with what body, how long; then the audit.

Nothing of a request is looked at before its sender may send it, and no body is read before.
"""

from __future__ import annotations

__all__ = ["GuardedRoute", "guarded_router"]

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

from runbooks.api.bodies import read_body, with_body
from runbooks.api.documents import PROBLEMS
from runbooks.api.gate import Gate
from runbooks.api.problems import answer_to
from runbooks.api.rights import RIGHTS
from runbooks.api.trail import Call
from runbooks.errors import RequestError, RunbooksError
from runbooks.log_context import add

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_log = logging.getLogger(__name__)
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class GuardedRoute(APIRoute):
    """A route behind the gate; `request.state.subject` is who calls."""

    # Writes that took longer than their answer could wait: they go on, and must not be collected.
    unfinished: ClassVar[set[asyncio.Task[Response]]] = set()

    def get_route_handler(self) -> Handler:
        """See the base class."""
        perform = super().get_route_handler()

        async def handle(request: Request) -> Response:
            call = Call(RIGHTS.get((request.method, self.path)), request)
            try:
                response = await self._answer(request, call, perform)
            except Exception as error:
                response = answer_to(error)
            if request.method in _READING or (call.subject is None and response.status_code == 429):
                return response
            return self._audited(request, call, response)

        return handle

    async def _answer(self, request: Request, call: Call, perform: Handler) -> Response:
        gate: Gate = request.app.state.gate
        subject = gate.subject(request.headers.get("authorization", ""))
        gate.require_rate(subject or "")
        if subject is None:
            raise RequestError("send a bearer token; `runbooks tokens --add` makes one", code="request.not_signed_in")
        call.subject = request.state.subject = subject
        named = {"executionId": call.named["execution_id"]} if "execution_id" in call.named else {}
        add(subject=subject, **named)
        await gate.require(subject, call.right, call.named)
        self._require_known_query(request)
        if self.body_field is not None:
            data, call.body = await read_body(request, gate.limits)
            request = with_body(request, data)
        return await self._in_time(request, perform, gate.limits.seconds)

    async def _in_time(self, request: Request, perform: Handler, seconds: float) -> Response:
        task = asyncio.create_task(perform(request))
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if done:
            return task.result()
        message = f"no answer within {seconds:g} s"
        if request.method in _READING:
            task.cancel()
        else:
            # What is recorded already must go on as after any other request: a client looks at the execution.
            message += "; what was begun goes on"
            self.unfinished.add(task)
            task.add_done_callback(_forget)
        raise RequestError(message, code="request.timeout")

    def _require_known_query(self, request: Request) -> None:
        fields = self.dependant.query_params
        if any(
            isinstance(kind := field.field_info.annotation, type) and issubclass(kind, BaseModel) for field in fields
        ):
            return  # the model refuses what it does not know, and says where
        known = {field.alias for field in fields}
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            expected = ", ".join(sorted(known)) or "none"
            raise RequestError(f"unknown query parameter {unknown[0]!r}; known: {expected}", code="request.query")

    def _audited(self, request: Request, call: Call, response: Response) -> Response:
        gate: Gate = request.app.state.gate
        try:
            gate.audit.record(call.record(response, gate))
        except RunbooksError as error:
            _log.error("the audit trail cannot be written: %s [%s]", error, error.code)
            return answer_to(error)
        return response


def guarded_router(prefix: str = "") -> APIRouter:
    """A router all of whose routes are behind the gate."""
    return APIRouter(prefix=prefix, route_class=GuardedRoute, responses=PROBLEMS)


def _forget(task: asyncio.Task[Response]) -> None:
    GuardedRoute.unfinished.discard(task)
    if not task.cancelled() and task.exception() is not None:
        _log.warning("a request that took too long failed: %s", task.exception())
