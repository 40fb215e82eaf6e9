"""What every request passes before its route: who, how often, whether, with what body, how long; then the audit.

Nothing of a request is looked at before its sender may send it, and no body is read before.
"""

from __future__ import annotations

__all__ = ["GuardedRoute", "OpenRoute", "guarded_router"]

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, ClassVar

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

from runbooks.api.bodies import read_body, with_body
from runbooks.api.documents import PROBLEMS
from runbooks.api.gate import Gate
from runbooks.api.once import HEADER
from runbooks.api.origins import READING
from runbooks.api.problems import answer_to
from runbooks.api.rights import RIGHTS, SESSION
from runbooks.api.trail import Call
from runbooks.errors import RequestError, RunbooksError
from runbooks.log_context import add

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_log = logging.getLogger(__name__)


class GuardedRoute(APIRoute):
    """A route behind the gate; `request.state.subject` is who calls."""

    # Writes that took longer than their answer could wait: they go on, and must not be collected.
    unfinished: ClassVar[set[asyncio.Task[Response]]] = set()
    # Whether what changes something is done once for each Idempotency-Key (api/once.py).
    takes_key: ClassVar[bool] = True

    def __init__(self, path: str, endpoint: Callable[..., Any], **named: Any) -> None:
        if self.takes_key and set(named.get("methods") or ()) - READING:
            named["openapi_extra"] = {"parameters": [HEADER], **(named.get("openapi_extra") or {})}
        super().__init__(path, endpoint, **named)

    def get_route_handler(self) -> Handler:
        """See the base class."""
        perform = super().get_route_handler()

        async def handle(request: Request) -> Response:
            where = (request.method, self.path)
            call = Call(RIGHTS.get(where) or SESSION.get(where), request)
            try:
                response = await self._answer(request, call, perform)
            except Exception as error:
                response = answer_to(error)
            call.subject = getattr(request.state, "subject", None)
            if request.method in READING or (call.subject is None and response.status_code == 429):
                return response
            return self._audited(request, call, response)

        return handle

    async def _answer(self, request: Request, call: Call, perform: Handler) -> Response:
        gate: Gate = request.app.state.gate
        await self._admit(gate, request, call)
        self._require_known_query(request)
        if self.body_field is not None:
            data, call.body = await read_body(request, gate.limits)
            request = with_body(request, data)
        if request.method not in READING and call.subject is not None:
            work = gate.once.answer(request, call.subject, call.body, partial(perform, request))
        else:
            work = perform(request)
        return await self._in_time(request, work, gate.limits.seconds)

    async def _admit(self, gate: Gate, request: Request, call: Call) -> None:
        try:
            caller = await gate.caller(request)
        except RequestError:
            gate.require_rate("")
            raise
        gate.require_rate(caller.subject if caller else "")
        if caller is None:
            message = "send a bearer token (`runbooks tokens --add` makes one) or sign in (`runbooks sign-in`)"
            raise RequestError(message, code="request.not_signed_in")
        request.state.caller = caller
        call.subject = request.state.subject = caller.subject
        named = {"executionId": call.named["execution_id"]} if "execution_id" in call.named else {}
        add(subject=caller.subject, **named)
        await gate.require(caller.subject, call.right, call.named)

    async def _in_time(self, request: Request, work: Coroutine[Any, Any, Response], seconds: float) -> Response:
        task = asyncio.create_task(work)
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if done:
            return task.result()
        message = f"no answer within {seconds:g} s"
        if request.method in READING:
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


class OpenRoute(GuardedRoute):
    """A route that asks nobody who they are, with all else that a request passes; strangers share one rate.

    Keys of idempotency belong to a subject, so it takes none.
    """

    takes_key: ClassVar[bool] = False

    async def _admit(self, gate: Gate, request: Request, call: Call) -> None:
        del call
        gate.require_rate("")
        gate.origins.require_same(request.method, request.headers, stated=gate.session(request) is not None)


def guarded_router(prefix: str = "", route_class: type[GuardedRoute] = GuardedRoute) -> APIRouter:
    """A router all of whose routes are behind the gate."""
    return APIRouter(prefix=prefix, route_class=route_class, responses=PROBLEMS)


def _forget(task: asyncio.Task[Response]) -> None:
    GuardedRoute.unfinished.discard(task)
    if not task.cancelled() and task.exception() is not None:
        _log.warning("a request that took too long failed: %s", task.exception())
