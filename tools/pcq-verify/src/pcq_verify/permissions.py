"""Was every decider allowed to decide? The execution's own policies are asked again (spec/reviews.md, 5.4)."""

from __future__ import annotations

__all__ = ["check_permissions"]

from collections.abc import Iterator
from typing import Any

from pcq_verify.approvals import BY_PERSON, Approval
from pcq_verify.manifest import Manifest
from pcq_verify.needs import Needs
from pcq_verify.report import Fault, Finding
from pcq_verify.reviews import Review, Reviews
from pcq_verify.sandbox import BudgetError, Sandbox

_QUERY = "data.runbooks.reviews.allow"


def check_permissions(manifest: Manifest, reviews: Reviews, sandbox: Sandbox) -> Iterator[Finding]:
    """Findings where the policies do not let a person say what they said."""
    for review in reviews.all:
        needs = review.needs
        for approval in review.said(*BY_PERSON):
            if needs is None:  # the check `approvals` says why
                break
            try:
                decision = sandbox.decide(_QUERY, _question(manifest, review, needs, approval))
            except BudgetError as error:
                yield Finding(Fault.INCOMPLETE, approval.name, f"the policy was not asked again: {error}")
                continue
            if decision != "allow":
                message = f"the policy does not let {approval.approver} say it: its decision is {decision}"
                yield Finding(Fault.NOT_REPRODUCED, approval.name, message)


def _question(manifest: Manifest, review: Review, needs: Needs, approval: Approval) -> dict[str, Any]:
    context = manifest.context
    properties = {
        "requirement": review.kind,
        "risk": needs.risk,
        "requester": manifest.header["executedBy"],
        "assignedTo": list(needs.assigned_to),
        "groups": list(needs.groups),
    }
    return {
        "subject": {"type": "person", "id": approval.approver},
        "action": {"name": approval.decision},
        "resource": {"type": "review", "properties": properties},
        "context": {
            "now": approval.statement["issuedAt"],
            "purpose": context["purpose"],
            "runbook": context["runbookId"],
            "version": context["version"],
            "step": review.step_id,
        },
    }
