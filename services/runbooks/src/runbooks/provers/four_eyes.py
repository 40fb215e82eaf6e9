"""`four_eyes`: nobody does this alone (spec/provers.md, 15)."""

from __future__ import annotations

__all__ = ["FourEyes"]

from collections.abc import Mapping, Sequence
from typing import Any

from runbooks.canonical import digest_of
from runbooks.evidence import Scope
from runbooks.needs import NAMES, PEOPLE, Needs, read_needs
from runbooks.provers.prover import Claim, Prover, Verdict

_VERDICTS = {
    "approved": ("pass", "four_eyes.approved"),
    "rejected": ("fail", "four_eyes.rejected"),
    "expired": ("fail", "four_eyes.expired"),
}
_FINAL = ("approved", "rejected", "expired", "closed", "break-glass")


class FourEyes(Prover):
    """Waits until enough other people have approved this step with these inputs, or one has not."""

    kind = "four_eyes"
    phase = "preconditions"
    members = {**PEOPLE, "assignedTo": NAMES, "exclude": NAMES, "groups": NAMES}

    def needs(self, claim: Claim) -> Needs | None:
        """Whom to ask, and how many."""
        return read_needs(claim)

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """`answer` is the review's: {"subject", "state", "approvals": [{statement, keyid, signature}]}, or None."""
        subject, state, approvals = _read(answer)
        said = [item for item in approvals if item["statement"]["decision"] in _FINAL]
        evidence = {
            "subject": subject,
            "quorum": read_needs(claim).quorum,
            "approvals": [
                {
                    "approver": item["statement"]["approver"],
                    "decision": item["statement"]["decision"],
                    "approval": digest_of(item),
                }
                for item in said
            ],
        }
        result, reason = _VERDICTS.get(state, ("fail", "four_eyes.not_approved"))
        if result == "pass" and said[-1]["statement"]["decision"] == "break-glass":
            reason = "four_eyes.break_glass"
        return Verdict(result, reason, evidence)  # type: ignore[arg-type]


def _read(answer: Any) -> tuple[str | None, str, Sequence[Mapping[str, Any]]]:
    """Subject, state and approvals; whoever did not answer so has approved nothing."""
    if not isinstance(answer, Mapping) or not answer.keys() >= {"subject", "state", "approvals"}:
        return None, "none", ()
    return answer["subject"], answer["state"], answer["approvals"]
