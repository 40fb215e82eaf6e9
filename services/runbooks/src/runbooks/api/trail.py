"""One request as the audit trail keeps it: identifiers and a reason, and no value."""

from __future__ import annotations

__all__ = ["Call"]

from typing import Any

from fastapi import Request, Response

from runbooks.api.gate import Gate
from runbooks.api.problems import ProblemResponse
from runbooks.api.rights import Right
from runbooks.audit import AuditRecord
from runbooks.canonical import is_identifier

_OBJECTS = ("execution_id", "review_id", "schedule_id", "runbook_id")


class Call:
    """What becomes known of a request on its way; `named` are the identifiers in its address."""

    def __init__(self, right: Right | None, request: Request) -> None:
        self.right = right
        self.subject: str | None = None
        self.body: Any = None
        self._request_id: str = request.state.request_id
        found = {name: str(value) for name, value in request.path_params.items()}
        self.named = {name: value for name, value in found.items() if is_identifier(value)}

    def record(self, response: Response, gate: Gate) -> AuditRecord:
        """What to append for this answer."""
        body = self.body if isinstance(self.body, dict) else {}
        made = response.headers.get("location", "").rpartition("/")[2]
        return AuditRecord(
            at=gate.now(),
            who=self.subject,
            action=self.right.action if self.right else "unknown",
            resource=self.right.resource if self.right else "unknown",
            object=self._object(body),
            status=response.status_code,
            code=response.code if isinstance(response, ProblemResponse) else None,
            reason=body["reason"] if isinstance(body.get("reason"), str) else None,
            made=made or None,
            requestId=self._request_id,
            turnedAway=gate.rate.take_refused(self.subject or ""),
        )

    def _object(self, body: dict[str, Any]) -> str | None:
        found = next((self.named[name] for name in _OBJECTS if name in self.named), body.get("runbookId"))
        return found if isinstance(found, str) and is_identifier(found) else None
