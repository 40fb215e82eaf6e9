"""Answers as the OpenAPI document shows them, by the names of their schemas; tests hold each against both."""

from __future__ import annotations

__all__ = ["EXAMPLES"]

from typing import Any

_DIGEST = "sha256:3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea"
_OTHER = "sha256:c775e7b757ede630cd0aa1113bd102661ab38829ca52a6422ab782862f268646"
_SIGNATURE = "base64:" + "A" * 86 + "=="
_NAME, _REVIEW_ID = "R1-0001-a1b2c3", "R1-0001-a1b2c3.r1"
_BEGUN, _DONE = "2026-03-01T12:00:02.000000Z", "2026-03-01T12:00:02.400000Z"

_MAY: dict[str, Any] = {"name": "execute", "enabled": True, "code": None, "reason": None}
_MAY_NOT = {"name": "cancel", "enabled": False, "code": "request.forbidden", "reason": "needs role admin or operator"}
_DENIAL = {"prover": "kpi:filled>=0.9", "result": "fail", "reason": "metric.not_met"}
_EVIDENCE = {"value": 0.8, "op": ">=", "threshold": 0.9}
_STEP: dict[str, Any] = {
    "stepId": "check",
    "type": "assertion",
    "description": "enough of them are filled",
    "dependsOn": ["write"],
    "state": "held",
    "outcome": None,
    "startedAt": _BEGUN,
    "endedAt": _DONE,
    "attempts": 1,
    "error": None,
    "blockedBy": _DENIAL,
    "reviews": [_REVIEW_ID],
    "items": None,
    "children": [],
}
_OPENING: dict[str, Any] = {
    "executionId": _NAME,
    "runbookId": "R1",
    "version": "1.0.0",
    "definitionDigest": _DIGEST,
    "number": 1,
    "executedBy": "analyst",
    "purpose": "enrichment",
    "startedAt": "2026-03-01T12:00:00.000000Z",
    "endedAt": None,
    "outcome": "held",
    "origin": {"executionId": "R1-0000-d4e5f6", "as": "rerun"},
    "merkleRoot": None,
}
_EXECUTION: dict[str, Any] = {
    **_OPENING,
    "name": "Fill what is missing",
    "planDigest": _DIGEST,
    "parametersDigest": _DIGEST,
    "parent": None,
    "schedule": None,
    "queue": None,
    "cancelled": None,
    "paused": None,
    "blockedBy": {"stepId": "check", **_DENIAL},
    "actions": [_MAY_NOT],
    "openReviews": [_REVIEW_ID],
    "steps": [_STEP],
    "position": "5e1f0a2b-17",
}
_SUMMARY: dict[str, Any] = {
    **_OPENING,
    "steps": {"total": 3, "settled": 2},
    "failedStep": None,
    "failedProver": _DENIAL["prover"],
    "openReviews": 1,
    "parent": None,
}
_ATTEMPT = {"attempt": 1, "startedAt": _BEGUN, "endedAt": _DONE, "error": None}
_DETAIL: dict[str, Any] = {
    "stepId": "find",
    "type": "query",
    "description": "",
    "dependsOn": [],
    "state": "sealed",
    "outcome": "done",
    "inputs": {},
    "outputs": {"rows": [{"id": "c1"}]},
    "preconditions": [],
    "postconditions": [
        {
            "prover": "some",
            "kind": "row_count",
            "version": 1,
            "result": "pass",
            "severity": "block",
            "reason": "row_count.enough",
            "evidence": {"rows": 1},
        }
    ],
    "attempts": [_ATTEMPT],
    "reviews": [],
    "definition": {"stepId": "find", "type": "query", "dependsOn": [], "cypher": "MATCH (c) RETURN c.id AS id"},
    "attestation": {
        "core": {
            "pcq": "step/v1",
            "context": _DIGEST,
            "stepId": "find",
            "index": 0,
            "count": 3,
            "outcome": "done",
            "dependsOn": [],
            "inputs": _DIGEST,
            "outputs": _DIGEST,
            "proofs": _DIGEST,
            "timestamp": "2026-03-01T12:00:00.000000Z",
            "previousAttestationHash": None,
        },
        "attestationHash": _DIGEST,
        "keyid": _DIGEST,
        "signature": _SIGNATURE,
        "observed": {
            "startedAt": _BEGUN,
            "endedAt": _DONE,
            "attempts": [_ATTEMPT],
            "worker": None,
            "engine": "runbooks 0.1.0",
        },
    },
}
_REPLAY: dict[str, Any] = {
    "executionId": _NAME,
    "identical": False,
    "merkleRoot": _OTHER,
    "recordedRoot": _DIGEST,
    "steps": [
        {
            "stepId": "count",
            "grade": "differs",
            "recordedHash": _DIGEST,
            "hash": _OTHER,
            "mark": "different",
            "role": "cause",
            "members": ["outputs"],
            "sections": {
                "outputs": {"recordedHash": _DIGEST, "hash": _OTHER, "isKnown": True, "recorded": 41, "again": 42}
            },
        }
    ],
}
_REHEARSAL: dict[str, Any] = {
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
_BASE: dict[str, Any] = {
    "runbookId": "R1",
    "name": "Fill what is missing",
    "version": "1.0.0",
    "digest": _DIGEST,
    "purpose": "enrichment",
    "parameters": {
        "type": "object",
        "properties": {"limit": {"type": "integer", "minimum": 1}},
        "additionalProperties": False,
    },
    "steps": [{"stepId": "find", "type": "query", "dependsOn": [], "description": ""}],
}
_DEFINITION = {"runbookId": "R1", "name": "Fill what is missing", "version": "1.0.0", "steps": [_DETAIL["definition"]]}
_RUN = {"executionId": _NAME, "outcome": "completed", "startedAt": "2026-03-01T12:00:00.000000Z", "seconds": 4.2}
_TEMPLATE: dict[str, Any] = {
    **_BASE,
    "runs": {"last": [_RUN], "measured": 1, "p50": 4.2, "p95": 4.2},
    "actions": [_MAY],
}
_VERSION = {
    "digest": _DIGEST,
    "version": "1.0.0",
    "executions": 1,
    "firstAt": "2026-03-01T12:00:00.000000Z",
    "lastAt": "2026-03-01T12:00:00.000000Z",
    "current": True,
}
_REVIEW: dict[str, Any] = {
    "reviewId": _REVIEW_ID,
    "executionId": _NAME,
    "runbookId": "R1",
    "requester": "analyst",
    "requirement": "denial/postconditions",
    "failedStep": "check",
    "failedProver": _DENIAL["prover"],
    "reason": "kpi:filled>=0.9 says fail (metric.not_met)",
    "evidence": [{**_DENIAL, "evidence": _EVIDENCE}],
    "shown": None,
    "quorum": 1,
    "assignedTo": [],
    "risk": "medium",
    "openedAt": _DONE,
    "dueAt": "2026-03-02T12:00:02.400000Z",
    "state": "open",
    "version": 1,
    "statements": [
        {
            "decision": "opened",
            "approver": "runbooks",
            "reason": "kpi:filled>=0.9 says fail (metric.not_met)",
            "issuedAt": _DONE,
            "expiresAt": "2026-03-02T12:00:02.400000Z",
        }
    ],
    "actions": [{**_MAY, "name": "approved"}],
}
_SCHEDULE: dict[str, Any] = {
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
    "actions": [{**_MAY, "name": "pause"}],
}
_KEY: dict[str, Any] = {
    "keyid": _DIGEST,
    "publicKey": "base64:" + "A" * 43 + "=",
    "roles": ["approver"],
    "validFrom": "2026-03-01T00:00:00Z",
    "validTo": None,
    "revoked": None,
    "subject": "olga",
}
_LICENCE: dict[str, Any] = {
    "licenceId": "api",
    "version": "1",
    "title": "Use of the API",
    "resource": "api.example.com",
    "effectiveFrom": "2026-01-01T00:00:00Z",
    "effectiveTo": None,
    "status": "active",
    "terms": "https://api.example.com/terms",
    "permit": ["read"],
    "prohibit": [],
}
_RECORD: dict[str, Any] = {
    "seq": 12,
    "at": "2026-03-01T12:00:00.000000Z",
    "who": "analyst",
    "action": "execution.start",
    "resource": "runbook",
    "object": "R1",
    "status": 202,
    "code": None,
    "reason": None,
    "made": _NAME,
    "requestId": "01JNABCDEF",
    "turnedAway": 0,
    "entryHash": _DIGEST,
}
_PLACE = {"pointer": "/body/parameters/limit", "message": "'many' is not of type 'integer'"}

EXAMPLES: dict[str, Any] = {
    "Execution": _EXECUTION,
    "ExecutionPage": {
        "items": [_SUMMARY],
        "next": "MTc",
        "previous": None,
        "total": {"value": 120, "exact": True},
        "position": "5e1f0a2b-17",
    },
    "LogPage": {
        "items": [
            {
                "seq": 17,
                "at": "2026-03-01T12:00:02.400000Z",
                "kind": "AttemptSucceeded",
                "level": "error",
                "stepId": "check",
                "words": "attempt 1 gave its outputs; kpi:filled>=0.9 fail (metric.not_met)",
            }
        ],
        "next": 17,
    },
    "Histogram": {
        "from": "2026-03-01T00:00:00Z",
        "to": "2026-03-02T00:00:00Z",
        "seconds": 43200.0,
        "buckets": [{"total": 0, "outcomes": {}}, {"total": 3, "outcomes": {"completed": 2, "held": 1}}],
    },
    "Parameters": {"limit": 10},
    "Value": {"rows": [{"id": "c1"}]},
    "StepDetail": _DETAIL,
    "Replay": _REPLAY,
    "Rehearsal": _REHEARSAL,
    "TemplateList": {
        "items": [_TEMPLATE],
        "problems": [{"source": "R9.json", "code": "json.invalid", "pointer": "", "message": "not JSON"}],
    },
    "TemplateDetail": {**_TEMPLATE, "versions": [_VERSION], "definition": _DEFINITION},
    "TemplateVersion": {**_BASE, "definition": _DEFINITION},
    "Review": _REVIEW,
    "ReviewList": [_REVIEW],
    "Decided": {"review": _REVIEW, "execution": _EXECUTION},
    "Schedule": _SCHEDULE,
    "ScheduleList": {"items": [_SCHEDULE]},
    "Profile": {
        "subject": "analyst",
        "roles": ["operator"],
        "authentication": "session",
        "expiresAt": "2026-03-02T12:00:00Z",
        "actions": ["execution.start"],
        "rights": [{"action": "execution.start", "resource": "runbook"}],
    },
    "Trust": {"pcq": "trust/v1", "version": 1, "keys": [_KEY]},
    "Keys": {"version": 1, "keys": [_KEY]},
    "Policies": {"digest": _DIGEST, "engine": "regopy 1.5.2", "modules": ["reviews.rego", "service.rego"]},
    "Licences": {"digest": _DIGEST, "registry": {"licences": [_LICENCE]}},
    "AuditPage": {"items": [_RECORD], "next": "MTE"},
    "Health": {"status": "alive"},
    "Readiness": {"ready": False, "faults": ["the data folder cannot be written"]},
    "Problem": {
        "type": "urn:runbooks:parameter.invalid",
        "title": "parameter.invalid",
        "status": 422,
        "code": "parameter.invalid",
        "detail": "parameters: /limit: 'many' is not of type 'integer'",
        "errors": [_PLACE],
    },
}
