"""What must hold after a step acted: citations and KPIs."""

from __future__ import annotations

__all__ = ["PostconditionProver"]

from typing import Any

from runbooks.evidence import Scope
from runbooks.provers.prover import Claim
from runbooks.provers.registry import prove


class PostconditionProver:
    """Judges postconditions on the facts of one step, its outputs among them."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def judge(self, name: str, claim: Claim | None, rows: list[Any] | None) -> dict[str, Any]:
        """The proof of any postcondition; `rows` is what its query gave, if it has one."""
        return prove(name, "postconditions", claim, self._scope, rows)

    def assert_citations(self, name: str, claim: Claim) -> dict[str, Any]:
        """The proof that every claim in the outputs has enough distinct sources."""
        return self.judge(name, {**claim, "type": "citations"}, None)

    def assert_kpi(self, name: str, claim: Claim, rows: list[Any]) -> dict[str, Any]:
        """The proof that the measured value satisfies the comparison."""
        return self.judge(name, {**claim, "type": "metric"}, rows)
