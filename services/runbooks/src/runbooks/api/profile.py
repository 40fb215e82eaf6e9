"""Who calls, as they are told: by what they are known, until when, and what the policies let them do."""

from __future__ import annotations

__all__ = ["profile"]

from typing import Any

from runbooks.api.gate import Gate
from runbooks.api.rights import ACTIONS, Right
from runbooks.callers import Caller, rfc3339


async def profile(gate: Gate, caller: Caller) -> dict[str, Any]:
    """The caller as JSON; the rights are those without a look at what they are used on."""
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
