"""What must hold before a step acts: authority and licence."""

from __future__ import annotations

__all__ = ["PreconditionProver"]

from collections.abc import Sequence
from typing import Any

from runbooks.evidence import Scope
from runbooks.provers.prover import Claim
from runbooks.provers.registry import prove


class PreconditionProver:
    """Judges preconditions on the facts of one step."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def judge(self, name: str, claim: Claim | None, answer: Any) -> dict[str, Any]:
        """The proof of any precondition; `answer` is what the world said, if it was asked."""
        return prove(name, "preconditions", claim, self._scope, answer)

    def check_authority(self, name: str, claim: Claim, *, decision: str, engine: str) -> dict[str, Any]:
        """The proof that the policy allows the step's action."""
        return self.judge(name, {**claim, "type": "opa"}, {"decision": decision, "engine": engine})

    def check_license(self, name: str, claim: Claim, *, revoked: Sequence[str] | None) -> dict[str, Any]:
        """The proof that a licence in force permits the use; `revoked` is None when the registry did not answer."""
        answer = {"revoked": None if revoked is None else list(revoked)}
        return self.judge(name, {**claim, "type": "license_registry"}, answer)
