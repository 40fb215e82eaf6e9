"""The application: all routes, also below `/api`, and every error as a problem."""

from __future__ import annotations

__all__ = ["create_app"]

from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from runbooks import __version__
from runbooks.api.audit_routes import audit_router
from runbooks.api.backend import Backend
from runbooks.api.console_files import console_routes
from runbooks.api.documents import described
from runbooks.api.executions import executions_router
from runbooks.api.headers import SecureHeaders
from runbooks.api.health_routes import health_router
from runbooks.api.installation_routes import installation_router
from runbooks.api.listing_routes import listing_router
from runbooks.api.log_routes import log_router
from runbooks.api.metrics_routes import metrics_router
from runbooks.api.observing import Observing
from runbooks.api.origins import HostCheck
from runbooks.api.problems import answer_to
from runbooks.api.proof_routes import proofs_router
from runbooks.api.review_routes import reviews_router
from runbooks.api.schedule_routes import schedules_router
from runbooks.api.session_routes import session_router
from runbooks.api.starting import starting_router
from runbooks.api.step_routes import steps_router
from runbooks.api.template_routes import templates_router

_ROUTERS = (
    health_router,
    session_router,
    installation_router,
    metrics_router,
    audit_router,
    listing_router,
    templates_router,
    starting_router,
    executions_router,
    log_router,
    proofs_router,
    steps_router,
    reviews_router,
    schedules_router,
)


class _Service(FastAPI):
    """FastAPI, with the schemas of answers in its document."""

    def openapi(self) -> dict[str, Any]:
        """See the base class."""
        if self.openapi_schema is None:
            self.openapi_schema = described(super().openapi())
        return self.openapi_schema


def create_app(backend: Backend, console: Path | None = None) -> FastAPI:
    """The API over one runner, and the console whose built files are in that folder; without one only the API."""
    app = _Service(title="IntelGraph Runbooks", version=__version__, docs_url=None, redoc_url=None)
    app.state.backend, app.state.gate = backend, backend.gate
    for make in _ROUTERS:
        router = make(backend)
        app.include_router(router)
        app.include_router(router, prefix="/api", include_in_schema=False)
    if console is not None:
        app.router.routes.extend(console_routes(console))
    app.add_exception_handler(HTTPException, _on_unrouted)
    app.add_middleware(HostCheck, origins=backend.gate.origins)
    app.add_middleware(Observing, telemetry=backend.telemetry)
    app.add_middleware(SecureHeaders)
    return app


async def _on_unrouted(request: Request, error: Exception) -> Response:
    del request
    return answer_to(error)
