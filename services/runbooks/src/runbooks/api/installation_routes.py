"""What an installation says of itself to whoever has a role: keys, policies, licences, and what the caller may do."""

from __future__ import annotations

__all__ = ["installation_router"]

from typing import Any

from fastapi import APIRouter

from runbooks.api.backend import Backend, Calling, Subject
from runbooks.api.documents import answer
from runbooks.api.guard import guarded_router
from runbooks.api.profile import profile


def installation_router(backend: Backend) -> APIRouter:
    """`/me`, `/trust`, `/keys`, `/policies`, `/licences`."""
    router, found = guarded_router(), backend.installation

    @router.get(
        "/me",
        summary="Who calls, and what the policies let them do",
        responses=answer("The caller", "Profile"),
    )
    async def me(caller: Calling) -> dict[str, Any]:
        """The actions that are allowed now, without a look at what they are done to."""
        return await profile(backend.gate, caller)

    @router.get(
        "/trust",
        summary="The public keys, as the trust file that a verifier takes",
        responses=answer("The trust file", "Trust"),
    )
    async def trust(subject: Subject) -> dict[str, Any]:
        """Take a trust file from a second place too: who serves false proofs serves the keys for them."""
        del subject
        return found.trust()

    @router.get("/keys", summary="The public keys", responses=answer("The keys", "Keys"))
    async def keys(subject: Subject) -> dict[str, Any]:
        """Who signs what, since when: the `keys` of the trust file, with the `version` of that file."""
        del subject
        return {name: found.trust()[name] for name in ("version", "keys")}

    @router.get("/policies", summary="Which policies decide", responses=answer("The bundle", "Policies"))
    async def policies(subject: Subject) -> dict[str, Any]:
        """Digest and names of modules; no text and no data."""
        del subject
        return found.policies()

    @router.get("/licences", summary="The licence registry", responses=answer("The registry", "Licences"))
    async def licences(subject: Subject) -> dict[str, Any]:
        """As new executions pin it."""
        del subject
        return found.licences()

    return router
