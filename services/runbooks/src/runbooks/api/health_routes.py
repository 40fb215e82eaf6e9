"""Routes that ask nobody who they are: does the process live, and can it work."""

from __future__ import annotations

__all__ = ["health_router"]

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from runbooks.api.backend import Backend
from runbooks.api.documents import answer


def health_router(backend: Backend) -> APIRouter:
    """`/health` and `/ready`."""
    router = APIRouter()

    @router.get("/health", summary="Does the process live", responses=answer("It does", "Health"))
    async def health() -> dict[str, str]:
        """Always 200; nothing is asked."""
        return {"status": "alive"}

    @router.get(
        "/ready",
        summary="Can it work",
        responses=answer("It can", "Readiness") | answer("What it cannot do now", "Readiness", status=503),
    )
    async def ready() -> Response:
        """The ledger can be read, the policies answer, the data folder can be written; 503 with what is not so."""
        faults = list(await backend.installation.faults())
        return JSONResponse({"ready": not faults, "faults": faults}, 503 if faults else 200)

    return router
