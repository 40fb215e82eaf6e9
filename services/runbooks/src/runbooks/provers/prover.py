"""What a prover is: claim + recorded evidence → verdict. Pure; every failure is a verdict, never a pass."""

from __future__ import annotations

__all__ = ["Prover", "Verdict", "denies"]

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from runbooks.effects import PolicyQuestion, Reservation
from runbooks.evidence import Scope
from runbooks.needs import Needs

Claim = Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """`reason` is a stable code (spec/provers.md); `evidence` lets a second judge decide again."""

    result: Literal["pass", "fail", "error", "skipped"]
    reason: str
    evidence: dict[str, Any]


class Prover:
    """Base of the provers; one subclass a file, one line in the registry.

    What must be fetched is asked for by `question`, `reservation`, `needs`, `licences` (of preconditions) or `metric`
    (of postconditions) and handed to `judge` as `answer`; a prover that needs nothing from outside gets None. `members`
    is the JSON Schema of the claim's members, of which all of `required` and at least one of `one_of_required` must be
    there. `expressions` maps members that hold expressions to what parses them and raises ExpressionError. The `value`
    in the evidence of an `is_measure` is an output of an assertion step.
    """

    kind: ClassVar[str]
    phase: ClassVar[Literal["preconditions", "postconditions"]]
    version: ClassVar[int] = 1
    members: ClassVar[dict[str, Any]] = {}
    required: ClassVar[tuple[str, ...]] = ()
    one_of_required: ClassVar[tuple[str, ...]] = ()
    expressions: ClassVar[Mapping[str, Callable[[str], Any]]] = {}
    is_measure: ClassVar[bool] = False

    def claim_problems(self, claim: Claim) -> Iterable[tuple[str, str]]:
        """(member, what is wrong) where a claim of the right shape could only ever be judged an error."""
        del claim
        return ()

    def question(self, claim: Claim, scope: Scope) -> PolicyQuestion | None:
        """What to ask the policy engine, if anything."""
        del claim, scope
        return None

    def licences(self, claim: Claim, scope: Scope) -> Sequence[str]:
        """Names of the licences of which the licence registry must say whether they are revoked, if any."""
        del claim, scope
        return ()

    def reservation(self, claim: Claim, scope: Scope) -> Reservation | None:
        """What to reserve of a budget, if anything."""
        del claim, scope
        return None

    def needs(self, claim: Claim) -> Needs | None:
        """Which people must decide before the step is prepared, if any."""
        del claim
        return None

    def metric(self, claim: Claim) -> str | None:
        """The graph query whose rows are the evidence, if any."""
        del claim
        return None

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """The verdict; never raises for what a claim or an answer may hold."""
        raise NotImplementedError


def denies(proof: Mapping[str, Any]) -> bool:
    """True when this proof keeps its step from acting or its effect from lasting (spec/pcq-v1.md, 6)."""
    return proof["severity"] == "block" and proof["result"] in ("fail", "error")
