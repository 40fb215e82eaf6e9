"""Every error of the service as `application/problem+json` (RFC 9457), with the same stable code."""

from __future__ import annotations

__all__ = ["problem", "status_of"]

from typing import Any

from fastapi.responses import JSONResponse

from runbooks.errors import (
    CanonicalError,
    DefinitionError,
    KeyFileError,
    LedgerError,
    ModelError,
    ParameterError,
    ProverFailedError,
    ReviewConflictError,
    ReviewError,
    RunbooksError,
    SettingsError,
    UnknownExecutionError,
    UnknownReviewError,
    VerificationError,
)

# The first class that fits says the status.
_STATUS: tuple[tuple[type[RunbooksError], int], ...] = (
    (UnknownExecutionError, 404),
    (UnknownReviewError, 404),
    (ProverFailedError, 409),
    (ReviewConflictError, 409),
    (ReviewError, 403),
    (KeyFileError, 403),
    (ParameterError, 422),
    (DefinitionError, 422),
    (CanonicalError, 422),
    (VerificationError, 409),
    (LedgerError, 409),
    (ModelError, 409),
)
# What a caller said with If-Match does not hold; a wrong reason or time is a wrong body; a name that is not there.
_STATUS_OF_CODE = {
    "review.conflict": 412,
    "review.reason_missing": 422,
    "review.expiry": 422,
    "review.approver": 422,
    "runbook.unknown": 404,
}


def status_of(error: RunbooksError) -> int:
    """The HTTP status of an error; 500 for what is nobody's fault but ours."""
    if isinstance(error, LedgerError) and error.code not in ("manifest.unfinished", "ledger.conflict"):
        return 500
    if isinstance(error, SettingsError) and error.code not in _STATUS_OF_CODE:
        return 500
    found = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    return _STATUS_OF_CODE.get(error.code, found)


def problem(status: int, code: str, detail: str, **members: Any) -> JSONResponse:
    """One problem; `members` are its extensions."""
    body = {"type": f"urn:runbooks:{code}", "title": code, "status": status, "code": code, "detail": detail, **members}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status, headers, media_type="application/problem+json")
