"""The route that a Prometheus server reads."""

from __future__ import annotations

__all__ = ["metrics_router"]

from fastapi import APIRouter, Response

from runbooks.api.backend import Backend, Subject
from runbooks.api.documents import text
from runbooks.api.guard import guarded_router


def metrics_router(backend: Backend) -> APIRouter:
    """`/metrics`."""
    router, metrics = guarded_router(), backend.telemetry.metrics

    @router.get(
        "/metrics",
        response_class=Response,
        summary="Figures for Prometheus",
        responses=text("The text format, version 0.0.4", "text/plain"),
    )
    async def figures(subject: Subject) -> Response:
        """Counts and durations by route, kind and outcome; no name of a person, an execution or a value."""
        del subject
        return Response(metrics.text(), media_type=metrics.content_type)

    return router
