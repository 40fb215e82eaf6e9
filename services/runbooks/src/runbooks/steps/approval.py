"""`approval`: ask people, and go on when enough of them agree (spec/execution.md, 3)."""

from __future__ import annotations

__all__ = ["ApprovalStep"]

from collections.abc import Mapping
from typing import Any

from runbooks.canonical import digest_of
from runbooks.definition import StepDefinition
from runbooks.errors import EvidenceError
from runbooks.needs import NAMES, PEOPLE, Needs, read_needs
from runbooks.steps.step_kind import StepKind

_CODES = {"rejected": "approval.rejected", "expired": "approval.expired"}


class ApprovalStep(StepKind):
    """Pure, given how its review ended; what is shown to people are its inputs."""

    kind = "approval"
    members = {"question": {"type": "string", "minLength": 1}, "assignees": NAMES, **PEOPLE}
    required = ("question",)

    def needs(self, step: StepDefinition) -> Needs | None:
        """The step's own members."""
        return read_needs(step.body)

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """Who approved and why; raises EvidenceError when nobody did. `answer` is {"state", "approvals"}."""
        del inputs, values
        if answer["state"] != "approved":
            message = f"step {step.step_id}: its review was {answer['state']}"
            raise EvidenceError(message, code=_CODES.get(answer["state"], "approval.none"))
        given = [item for item in answer["approvals"] if item["statement"]["decision"] in ("approved", "break-glass")]
        approvals = [
            {
                "approver": item["statement"]["approver"],
                "reason": item["statement"]["reason"],
                "approval": digest_of(item),
            }
            for item in given
        ]
        return {"decision": given[-1]["statement"]["decision"], "approvals": approvals}
