"""Who may do what: asked of the installation's policies for every request, and denied unless they say yes."""

from __future__ import annotations

__all__ = ["Gate"]

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request

from runbooks.api.limits import Limits, RateLimit
from runbooks.api.once import Once
from runbooks.api.origins import Origins, cookie_name
from runbooks.api.rights import MEMBER, POLICY, ROLES, Right
from runbooks.audit import AuditTrail
from runbooks.callers import Caller, SessionStore
from runbooks.errors import RequestError
from runbooks.ports import PolicyEngine

_ADVICE_SECONDS = 5.0
_MOST_ADVICE = 20_000
# Who calls, for as long as their request is answered: the roles that their token claims go into every question.
_calling: ContextVar[Caller | None] = ContextVar("calling", default=None)


@dataclass(frozen=True)
class Gate:
    """One for the life of the service. `bearers` gives whose token it is; `policy` is open over the current bundle.

    `holders` names, by action, the roles that have it: to tell people whom to ask, never to decide.
    """

    bearers: Callable[[str], Awaitable[Caller | None]]
    policy: PolicyEngine
    audit: AuditTrail
    now: Callable[[], str]
    limits: Limits
    rate: RateLimit
    sessions: SessionStore
    origins: Origins
    once: Once
    holders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    _advised: dict[tuple[str, Any, Right, Any], tuple[float, bool]] = field(default_factory=dict)

    async def caller(self, request: Request) -> Caller | None:
        """Who sends that request, by token or by session; None for a stranger.

        Raises RequestError for a session that a page of another origin would use, and for a token that says why it is
        refused. A request with a token has no session: what a browser adds by itself decides nothing then.
        """
        authorization = request.headers.get("authorization")
        if authorization is not None:
            scheme, _, token = authorization.partition(" ")
            found = await self.bearers(token.strip()) if scheme.lower() == "bearer" and token.strip() else None
        else:
            secret = self.session(request)
            if secret is not None:
                self.origins.require_same(request.method, request.headers)
            found = self.sessions.find(secret) if secret is not None else None
        _calling.set(found)
        return found

    def session(self, request: Request) -> str | None:
        """The secret in the session cookie, if there is one."""
        origin = self.origins.origin(request.headers.get("host", ""))
        return request.cookies.get(cookie_name(origin)) if origin else None

    async def allows(self, subject: str, right: Right, named: Mapping[str, str] | None = None) -> bool:
        """True when the policies say so; what fails, is undefined or takes too long does not.

        `named` are the identifiers in the address, which a policy finds as the resource's properties.
        """
        return await self._says(POLICY, subject, right, named or {})

    async def still_may(self, request: Request, subject: str, right: Right) -> bool:
        """True while the sender of a request that was let in is that subject and has that right."""
        try:
            caller = await self.caller(request)
        except RequestError:
            return False
        return caller is not None and caller.subject == subject and await self.allows(subject, right)

    async def roles(self, subject: str) -> list[str]:
        """The roles that the policies see in that subject."""
        member = Right("role.have", "role")
        return [name for name in ROLES if await self._says(MEMBER, subject, member, {"role": name})]

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
        # Most policies look at who asks and for what: that is asked once for all executions, and of each single one
        # only where it does not suffice.
        return await self._recently(subject, right, {}) or (bool(named) and await self._recently(subject, right, named))

    async def _recently(self, subject: str, right: Right, named: Mapping[str, str]) -> bool:
        # Whoever watches an execution looks again and again, and each look asks about all that can be done with it.
        key = (subject, _claimed(subject), right, tuple(sorted(named.items())))
        now = self.rate.clock()
        at, may = self._advised.get(key, (-math.inf, False))
        if now - at > _ADVICE_SECONDS:
            if len(self._advised) >= _MOST_ADVICE:
                self._advised.clear()
            may = await self.allows(subject, right, named)
            self._advised[key] = (now, may)
        return may

    def _needed(self, action: str) -> str:
        roles = self.holders.get(action)
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

    async def _says(self, query: str, subject: str, right: Right, named: Mapping[str, str]) -> bool:
        claimed = _claimed(subject)
        document: dict[str, Any] = {
            "subject": {"type": "user", "id": subject, **({"properties": {"roles": list(claimed)}} if claimed else {})},
            "action": {"name": right.action},
            "resource": {"type": right.resource, "properties": dict(named)},
            "context": {"now": self.now()},
        }
        return await self.policy.decide(query, document) == "allow"


def _claimed(subject: str) -> tuple[str, ...]:
    """The roles that the token of who calls claims; none for anybody else."""
    caller = _calling.get()
    return tuple(caller.roles) if caller is not None and caller.subject == subject else ()
