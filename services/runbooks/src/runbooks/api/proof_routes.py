"""Routes of what an execution leaves: replay it from its record, take its proof away."""

from __future__ import annotations

__all__ = ["proofs_router"]

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from runbooks.api.backend import Backend, Subject
from runbooks.api.documents import answer
from runbooks.api.guard import guarded_router
from runbooks.api.replay_answer import replay_answer
from runbooks.api.rights import VALUES
from runbooks.canonical import dumps
from runbooks.redaction import redact

_MANIFEST = "application/vnd.pcq.manifest.v1+json"


def proofs_router(backend: Backend) -> APIRouter:
    """`/runbooks/{executionId}/replay` and `…/manifest.pcq`."""
    router, runner = guarded_router("/runbooks"), backend.runner

    @router.get(
        "/{execution_id}/replay",
        summary="Replay an execution from its record",
        responses=answer("Grades of its steps, both roots, and where it differs", "Replay"),
    )
    async def replay(execution_id: str, subject: Subject) -> JSONResponse:
        """Without effects: each step and the root are compared with what was recorded.

        Of what differs the values are shown to who may read them, and the hashes to everybody.
        """
        report = await runner.replay(execution_id)
        may_read = await backend.gate.allows(subject, VALUES, {"execution_id": execution_id})
        return JSONResponse(replay_answer(report, with_values=may_read))

    @router.get(
        "/{execution_id}/manifest.pcq",
        response_class=Response,
        summary="The proof of an ended execution",
        responses=answer("A manifest (spec/pcq-v1.md)", "Manifest", _MANIFEST),
    )
    async def manifest(execution_id: str, subject: Subject, *, blocked: bool = False) -> Response:
        """Redacted for who may not read values: it verifies with the profiles integrity and disclosure then."""
        found = runner.manifest(execution_id).build(record_of_block=blocked)
        may_read = await backend.gate.allows(subject, VALUES, {"execution_id": execution_id})
        data = dumps(found if may_read else redact(found))
        headers = {"Content-Disposition": f'attachment; filename="{execution_id}.pcq"'}
        return Response(data, media_type=_MANIFEST, headers=headers)

    return router
