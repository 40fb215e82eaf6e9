"""The application: all routes, also below `/api`, and every error as a problem."""

from __future__ import annotations

__all__ = ["create_app"]

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError

from runbooks import __version__
from runbooks.api.backend import Backend, NotSignedInError
from runbooks.api.executions import executions_router
from runbooks.api.listing_routes import listing_router
from runbooks.api.problems import problem, status_of
from runbooks.api.review_routes import reviews_router
from runbooks.api.step_routes import steps_router
from runbooks.errors import ReviewConflictError, RunbooksError


def create_app(backend: Backend) -> FastAPI:
    """The API over one runner."""
    app = FastAPI(title="IntelGraph Runbooks", version=__version__, docs_url=None, redoc_url=None)
    app.state.backend = backend
    for make in (listing_router, executions_router, steps_router, reviews_router):
        router = make(backend)
        app.include_router(router)
        app.include_router(router, prefix="/api")
    app.add_exception_handler(RunbooksError, _on_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(NotSignedInError, _on_stranger)
    return app


async def _on_error(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, RunbooksError):
        raise error
    members: dict[str, Any] = {}
    if isinstance(error, ReviewConflictError):
        members = {"state": error.state, "version": error.version, "reason": error.reason}
    return problem(status_of(error), error.code, str(error), **members)


async def _on_invalid(request: Request, error: Exception) -> Response:
    del request
    found = error.errors() if isinstance(error, RequestValidationError) else []
    places = [{"pointer": "/" + "/".join(map(str, item["loc"])), "message": item["msg"]} for item in found]
    return problem(422, "request.invalid", "the request does not have the expected shape", errors=places)


async def _on_stranger(request: Request, error: Exception) -> Response:
    del request, error
    return problem(401, "request.not_signed_in", "send a bearer token; `runbooks tokens --add` makes one")
