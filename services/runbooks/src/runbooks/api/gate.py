"""Who may do what: asked of the installation's policies for every request, and denied unless they say yes."""

from __future__ import annotations

__all__ = ["Gate"]

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runbooks.api.limits import Limits, RateLimit
from runbooks.api.rights import POLICY, Right
from runbooks.audit import AuditTrail
from runbooks.errors import RequestError
from runbooks.ports import PolicyEngine

_ADVICE_SECONDS = 5.0
_MOST_ADVICE = 20_000


@dataclass(frozen=True)
class Gate:
    """One for the life of the service. `subjects` gives whose token it is; `policy` is open over the current bundle.

    `roles` names, by action, the roles that have it: to tell people whom to ask, never to decide.
    """

    subjects: Callable[[str], str | None]
    policy: PolicyEngine
    audit: AuditTrail
    now: Callable[[], str]
    limits: Limits
    rate: RateLimit
    roles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    _advised: dict[tuple[str, Right, Any], tuple[float, bool]] = field(default_factory=dict)

    def subject(self, authorization: str) -> str | None:
        """Who sends that header; None for a stranger."""
        scheme, _, token = authorization.partition(" ")
        return self.subjects(token.strip()) if scheme.lower() == "bearer" and token.strip() else None

    async def allows(self, subject: str, right: Right, named: Mapping[str, str] | None = None) -> bool:
        """True when the policies say so; what fails, is undefined or takes too long does not.

        `named` are the identifiers in the address, which a policy finds as the resource's properties.
        """
        document: dict[str, Any] = {
            "subject": {"type": "user", "id": subject},
            "action": {"name": right.action},
            "resource": {"type": right.resource, "properties": dict(named or {})},
            "context": {"now": self.now()},
        }
        return await self.policy.decide(POLICY, document) == "allow"

    async def refusals(
        self, subject: str, rights: Mapping[str, Right], named: Mapping[str, str] | None = None
    ) -> dict[str, tuple[str, str]]:
        """(code, reason) of those `rights` that the subject does not have, under the names that they have there.

        To be shown: what it says may be some seconds old, and no route decides by it.
        """
        may = {right: await self._advise(subject, right, named or {}) for right in set(rights.values())}
        return {
            name: ("request.forbidden", self._needed(right.action)) for name, right in rights.items() if not may[right]
        }

    async def _advise(self, subject: str, right: Right, named: Mapping[str, str]) -> bool:
        # Whoever watches an execution looks again and again, and each look asks about all that can be done with it.
        key, now = (subject, right, tuple(sorted(named.items()))), self.rate.clock()
        at, may = self._advised.get(key, (-math.inf, False))
        if now - at > _ADVICE_SECONDS:
            if len(self._advised) >= _MOST_ADVICE:
                self._advised.clear()
            may = await self.allows(subject, right, named)
            self._advised[key] = (now, may)
        return may

    def _needed(self, action: str) -> str:
        roles = self.roles.get(action)
        return f"needs role {' or '.join(roles)}" if roles else f"the policy {POLICY} does not allow {action}"

    async def require(self, subject: str, right: Right | None, named: Mapping[str, str]) -> None:
        """Raises RequestError (`request.forbidden`) unless it is allowed; a route without a right is for nobody."""
        if right is None or not await self.allows(subject, right, named):
            action = right.action if right else "this"
            raise RequestError(f"{subject} may not do {action}; the policy {POLICY} decides", code="request.forbidden")

    def require_rate(self, name: str) -> None:
        """Raises RequestError (`request.too_many`) for a name that asks too much."""
        wait = self.rate.wait(name)
        if wait:
            message = f"more than {self.limits.rate:g} requests a second; try again in {wait} s"
            raise RequestError(message, code="request.too_many", retry_after=wait)
