"""Every error of the service as `application/problem+json` (RFC 9457), with the same stable code."""

from __future__ import annotations

__all__ = ["ProblemResponse", "answer_to", "problem", "status_of"]

import logging
from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from runbooks.canonical import pointer_to
from runbooks.errors import (
    CanonicalError,
    DefinitionError,
    ExecutionStateError,
    ExpressionError,
    KeyFileError,
    LedgerError,
    ModelError,
    ParameterError,
    ProverFailedError,
    RequestError,
    ReviewConflictError,
    ReviewError,
    RunbooksError,
    ScheduleError,
    SettingsError,
    TamperedRecordError,
    UnknownExecutionError,
    UnknownReviewError,
    UnknownScheduleError,
    VerificationError,
)

_log = logging.getLogger(__name__)

# The first class that fits says the status.
_STATUS: tuple[tuple[type[RunbooksError], int], ...] = (
    (UnknownExecutionError, 404),
    (UnknownReviewError, 404),
    (UnknownScheduleError, 404),
    (ExecutionStateError, 409),
    (ScheduleError, 422),
    (ExpressionError, 422),
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
    "runbook.unknown_version": 404,
    "schedule.state": 409,
    "key.unusable": 500,
    "review.if_match": 428,
    "request.not_signed_in": 401,
    "request.sign_in": 401,
    "request.token": 401,
    "request.issuer": 503,
    "request.forbidden": 403,
    "request.cross_origin": 403,
    "request.host": 421,
    "request.idempotency": 422,
    "request.idempotency_key": 422,
    "request.idempotency_unknown": 409,
    "request.slow": 408,
    "request.too_large": 413,
    "request.media_type": 415,
    "request.query": 422,
    "request.too_many": 429,
    "request.too_many_executions": 429,
    "request.timeout": 504,
}


# Of one execution, and not of the ledger as a whole.
_OF_ONE_EXECUTION = ("manifest.unfinished", "ledger.conflict", TamperedRecordError.code)


def status_of(error: RunbooksError) -> int:
    """The HTTP status of an error; 500 for what is nobody's fault but ours."""
    if isinstance(error, LedgerError) and error.code not in _OF_ONE_EXECUTION:
        return 500
    if isinstance(error, SettingsError) and error.code not in _STATUS_OF_CODE:
        return 500
    found = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    return _STATUS_OF_CODE.get(error.code, found)


class ProblemResponse(JSONResponse):
    """A problem; `code` is that of its body."""

    media_type = "application/problem+json"

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str], **members: Any) -> None:
        self.code = code
        named = {"type": f"urn:runbooks:{code}", "title": code, "status": status, "code": code, "detail": detail}
        super().__init__({**named, **members}, status, headers)


def problem(
    status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
) -> ProblemResponse:
    """One problem; `members` are its extensions."""
    told = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return ProblemResponse(status, code, detail, {**told, **(headers or {})}, **members)


def answer_to(error: Exception) -> ProblemResponse:
    """The problem that tells an error; of one that nobody raised on purpose, nothing but that it happened."""
    match error:
        case RunbooksError():
            return problem(status_of(error), error.code, str(error), headers=_retry(error), **_members(error))
        case RequestValidationError():
            places = [{"pointer": pointer_to(item["loc"]), "message": item["msg"]} for item in error.errors()]
            return problem(422, "request.invalid", "the request does not have the expected shape", errors=places)
        case HTTPException():
            code = {404: "request.unknown", 405: "request.method"}.get(error.status_code, "request.refused")
            return problem(error.status_code, code, str(error.detail), headers=error.headers)
        case _:
            _log.error("a request failed: %s", type(error).__name__, exc_info=error)
            return problem(500, "runbooks.internal", "the service failed; its log says why")


def _members(error: RunbooksError) -> dict[str, Any]:
    match error:
        case ReviewConflictError():
            return {"state": error.state, "version": error.version, "reason": error.reason}
        case ParameterError() if error.problems:
            places = [("/body/parameters" + item.pointer, item.message) for item in error.problems]
            return {"errors": [{"pointer": pointer, "message": message} for pointer, message in places]}
        case _:
            return {}


def _retry(error: RunbooksError) -> dict[str, str]:
    wait = error.retry_after if isinstance(error, RequestError) else None
    return {} if wait is None else {"Retry-After": str(wait)}
