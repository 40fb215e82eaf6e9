"""Answers as the OpenAPI document shows them; a test holds each against a real one."""

from __future__ import annotations

__all__ = ["EXECUTION_EXAMPLE", "REHEARSAL_EXAMPLE", "SCHEDULE_EXAMPLE"]

from typing import Any

_DIGEST = "sha256:3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea"
_FORBIDDEN = {
    "name": "cancel",
    "enabled": False,
    "code": "request.forbidden",
    "reason": "needs role admin or operator",
}
_STEP: dict[str, Any] = {
    "stepId": "check",
    "type": "assertion",
    "description": "enough of them are filled",
    "dependsOn": ["write"],
    "state": "held",
    "outcome": None,
    "startedAt": "2026-03-01T12:00:02.000000Z",
    "endedAt": "2026-03-01T12:00:02.400000Z",
    "attempts": 1,
    "error": None,
    "blockedBy": {"prover": "kpi:filled>=0.9", "result": "fail", "reason": "metric.not_met"},
    "reviews": ["R1-0001-a1b2c3.r1"],
    "items": None,
    "children": [],
}

EXECUTION_EXAMPLE: dict[str, Any] = {
    "executionId": "R1-0001-a1b2c3",
    "runbookId": "R1",
    "version": "1.0.0",
    "name": "Fill what is missing",
    "number": 1,
    "definitionDigest": _DIGEST,
    "planDigest": _DIGEST,
    "parametersDigest": _DIGEST,
    "purpose": "enrichment",
    "executedBy": "analyst",
    "startedAt": "2026-03-01T12:00:00.000000Z",
    "origin": {"executionId": "R1-0000-d4e5f6", "as": "rerun"},
    "parent": None,
    "schedule": None,
    "outcome": "held",
    "queue": None,
    "endedAt": None,
    "cancelled": None,
    "paused": None,
    "merkleRoot": None,
    "blockedBy": {"stepId": "check", **_STEP["blockedBy"]},
    "actions": [_FORBIDDEN],
    "openReviews": _STEP["reviews"],
    "steps": [_STEP],
    "position": "5e1f0a2b-17",
}

REHEARSAL_EXAMPLE: dict[str, Any] = {
    "runbookId": "R1",
    "version": "1.0.0",
    "definitionDigest": _DIGEST,
    "planDigest": _DIGEST,
    "parametersDigest": _DIGEST,
    "purpose": "enrichment",
    "executedBy": "analyst",
    "problems": [
        {
            "in": "parameters",
            "code": "parameter.invalid",
            "pointer": "/limit",
            "message": "'many' is not of type 'integer'",
        }
    ],
    "denied": ["ask"],
    "steps": [
        {
            "stepId": "ask",
            "type": "external_api",
            "description": "",
            "dependsOn": ["find"],
            "when": None,
            "forEach": None,
            "touches": {"method": "POST", "endpoint": "https://api.example.com/enrich"},
            "preconditions": [{"prover": "license:api", "result": "fail", "reason": "licence.revoked"}],
            "postconditions": [],
            "approvals": [],
        }
    ],
    "hosts": ["api.example.com"],
}

SCHEDULE_EXAMPLE: dict[str, Any] = {
    "scheduleId": "S1",
    "runbookId": "R1",
    "cron": "0 6 * * 1",
    "timeZone": "Europe/Vienna",
    "missed": "latest",
    "executedBy": "analyst",
    "parameters": {},
    "compute": {"period": "scheduled.previousWeek"},
    "setAt": "2026-03-01T12:00:00.000000Z",
    "state": "active",
    "next": "2026-03-02T05:00:00Z",
    "actions": [{"name": "pause", "enabled": True, "code": None, "reason": None}],
}
