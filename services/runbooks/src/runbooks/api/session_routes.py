"""The browser's session: begun with the code of a sign-in link, kept in a cookie that no script reads, ended."""

from __future__ import annotations

__all__ = ["session_router"]

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from runbooks.api.backend import Backend
from runbooks.api.documents import answer
from runbooks.api.guard import OpenRoute, guarded_router
from runbooks.api.origins import cookie_name
from runbooks.api.profile import profile
from runbooks.api.rights import RIGHTS
from runbooks.errors import RequestError


class SessionRequest(BaseModel):
    """What a sign-in link has behind its `#code=`."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"code": "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}
    )
    code: str = Field(min_length=1, max_length=128)


def session_router(backend: Backend) -> APIRouter:
    """`POST /session` and `DELETE /session`, which ask nobody who they are."""
    router, gate = guarded_router(route_class=OpenRoute), backend.gate

    def with_cookie(request: Request, response: Response, secret: str | None) -> Response:
        origin = gate.origins.origin(request.headers.get("host", "")) or ""
        response.set_cookie(
            cookie_name(origin),
            secret or "",
            # Until the browser is closed; the service knows when it is over.
            max_age=None if secret else 0,
            path="/",
            secure=origin.startswith("https://"),
            httponly=True,
            samesite="strict",
        )
        return response

    @router.post(
        "/session",
        summary="Sign in with the code of a link",
        responses=answer("Who is signed in, as GET /me says it; the session is in a cookie", "Profile"),
    )
    async def sign_in(request: Request, body: SessionRequest) -> Response:
        """A code serves once and for ten minutes; `runbooks serve` prints one, `runbooks sign-in` makes another."""
        began = gate.sessions.redeem(body.code)
        if began is None:
            message = "this link was used or is older than ten minutes; `runbooks sign-in` makes another"
            raise RequestError(message, code="request.sign_in")
        secret, caller = began
        request.state.subject = caller.subject
        try:
            await gate.require(caller.subject, RIGHTS["GET", "/me"], {})
        except RequestError:
            gate.sessions.end(secret)
            raise
        return with_cookie(request, JSONResponse(await profile(gate, caller)), secret)

    @router.delete("/session", status_code=204, summary="Sign out", response_class=Response)
    async def sign_out(request: Request) -> Response:
        """End the session of the cookie; without one there is nothing to end."""
        secret = gate.session(request)
        if secret is not None:
            caller = gate.sessions.find(secret)
            request.state.subject = caller.subject if caller else None
            gate.sessions.end(secret)
        return with_cookie(request, Response(status_code=204), None)

    return router
