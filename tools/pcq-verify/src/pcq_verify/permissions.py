"""Every decision's permission, asked of the policy again (spec/reviews.md, 5.4)."""

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
    """Findings where a person decided what the execution's policy does not let this person decide."""
    for review in reviews.all:
        for approval in review.said(*BY_PERSON):
            if review.needs is None:
                yield Finding(Fault.INCOMPLETE, approval.name, "the policy was not asked: the needs are not known")
                continue
            try:
                decision = sandbox.decide(_QUERY, _document(approval, review, review.needs, manifest))
            except BudgetError as error:
                yield Finding(Fault.INCOMPLETE, approval.name, f"the policy was not asked: {error}")
                continue
            if decision != "allow":
                message = f"expected the policy to allow it to {approval.approver!r}, got {decision}"
                yield Finding(Fault.NOT_REPRODUCED, approval.name, message)


def _document(approval: Approval, review: Review, needs: Needs, manifest: Manifest) -> dict[str, Any]:
    context = manifest.context
    return {
        "subject": {"type": "person", "id": approval.approver},
        "action": {"name": approval.decision},
        "resource": {
            "type": "review",
            "properties": {
                "requirement": review.kind,
                "risk": needs.risk,
                "requester": manifest.header["executedBy"],
                "assignedTo": list(needs.assigned_to),
                "groups": list(needs.groups),
            },
        },
        "context": {
            "now": approval.statement["issuedAt"],
            "purpose": context["purpose"],
            "runbook": context["runbookId"],
            "version": context["version"],
            "step": review.step_id,
        },
    }
