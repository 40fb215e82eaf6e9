"""Who calls, as they are told: by what they are known, until when, and what the policies let them do."""

from __future__ import annotations

__all__ = ["PROFILE", "profile"]

from collections.abc import Mapping
from typing import Any

from runbooks.api.gate import Gate
from runbooks.api.rights import ACTIONS, Right
from runbooks.callers import Caller, rfc3339

_TEXTS = {"type": "array", "items": {"type": "string"}}
PROFILE: Mapping[str, Any] = {
    "type": "object",
    "required": ["subject", "roles", "authentication", "expiresAt", "actions", "rights"],
    "properties": {
        "subject": {"type": "string"},
        "roles": {**_TEXTS, "description": "those that the policies see"},
        "authentication": {"enum": ["session", "token", "oidc"]},
        "expiresAt": {"type": ["string", "null"], "description": "when session or token end; null for never"},
        "actions": _TEXTS,
        "rights": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["action", "resource"],
                "properties": {"action": {"type": "string"}, "resource": {"type": "string"}},
            },
        },
    },
    "examples": [
        {
            "subject": "analyst",
            "roles": ["operator"],
            "authentication": "session",
            "expiresAt": "2026-03-02T12:00:00Z",
            "actions": ["execution.start"],
            "rights": [{"action": "execution.start", "resource": "runbook"}],
        }
    ],
}


async def profile(gate: Gate, caller: Caller) -> dict[str, Any]:
    """What PROFILE describes; the rights are those without a look at what they are used on."""
    rights = [Right(*named) for named in ACTIONS]
    allowed = [right for right in rights if await gate.allows(caller.subject, right)]
    return {
        "subject": caller.subject,
        "roles": await gate.roles(caller.subject),
        "authentication": caller.authentication,
        "expiresAt": rfc3339(caller.expires_at),
        "actions": [right.action for right in allowed],
        "rights": [{"action": right.action, "resource": right.resource} for right in allowed],
    }
