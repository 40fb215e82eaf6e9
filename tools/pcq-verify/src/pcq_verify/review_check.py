"""Reviews held against the rules: who may say what, with which key, when, and that every one has ended.

Check `approvals` (spec/reviews.md, 3 to 5 without 5.4). What a wrong approval would allow is not asked here.
"""

from __future__ import annotations

__all__ = ["check_approvals"]

import unicodedata
from collections.abc import Iterator

from pcq_verify.approvals import BY_PERSON, Approval
from pcq_verify.ed25519 import is_strict_signature
from pcq_verify.manifest import Manifest
from pcq_verify.needs import Needs, person
from pcq_verify.report import Fault, Finding
from pcq_verify.reviews import Review, Reviews
from pcq_verify.trust import Trust

_MICROSECONDS = 1_000_000
_SAME = ("manifestId", "contextHash", "stepId", "requirementId", "subject")


def check_approvals(manifest: Manifest, reviews: Reviews, trust: Trust | None) -> Iterator[Finding]:
    """Findings where a statement is not one that could be made, or a review not one that could end so."""
    for approval in manifest.approvals:
        yield from _binding(manifest, approval)
        yield from _words(approval)
        yield from _key(manifest, approval, trust)
    for review in reviews.all:
        yield from _course(review)
        if review.problem is not None:
            yield Finding(review.problem[0], f"review {review.review_id}", review.problem[1])
        if review.needs is not None:
            yield from _times(review, review.needs)
            yield from _people(manifest, review, review.needs)


def _binding(manifest: Manifest, approval: Approval) -> Iterator[Finding]:
    for member in ("manifestId", "contextHash"):
        expected, stated = manifest.header[member], approval.statement[member]
        if stated != expected:
            yield _wrong(approval, f"{member}: expected this manifest's {expected}, got {stated}")


def _words(approval: Approval) -> Iterator[Finding]:
    statement, decision = approval.statement, approval.decision
    if not any(unicodedata.category(letter)[0] in "LN" for letter in statement["reason"]):
        yield _wrong(approval, "the reason has no letter and no digit")
    expected = _role(decision, statement["requirementId"])
    if statement["role"] != expected:
        yield _wrong(approval, f"expected the role {expected}, got {statement['role']}")
    if (decision in ("opened", "approved")) != (statement["expiresAt"] is not None):
        yield _wrong(approval, "expiresAt is there exactly in `opened` and `approved`")


def _role(decision: str, requirement: str) -> str:
    if decision in ("opened", "expired", "closed"):
        return "installation"
    if decision == "info-given":
        return "participant"
    return "ombuds" if requirement.startswith("denial/") else "approver"


def _key(manifest: Manifest, approval: Approval, trust: Trust | None) -> Iterator[Finding]:
    if trust is None:
        return
    role = "approver" if approval.decision in BY_PERSON else "manifest"
    refusal = trust.refusal(approval.keyid, role, approval.issued)
    if refusal:
        yield Finding(Fault.UNTRUSTED, approval.name, refusal)
    elif role == "approver" and trust.subject(approval.keyid) != approval.approver:
        owner = trust.subject(approval.keyid)
        yield _wrong(approval, f"{approval.approver} speaks, but the key is that of {owner}")
    elif role == "manifest" and approval.keyid != manifest.header["keyid"]:
        yield _wrong(approval, "expected the key that signs the manifest")
    if approval.decision in ("opened", "expired", "closed") and approval.approver != manifest.header["logOrigin"]:
        yield _wrong(approval, f"expected {manifest.header['logOrigin']} to say it, got {approval.approver}")
    public = trust.public(approval.keyid)
    if public is not None and not is_strict_signature(approval.signature, approval.message, public):
        yield _wrong(approval, f"expected an Ed25519 signature by key {approval.keyid} over these bytes, got another")


def _course(review: Review) -> Iterator[Finding]:
    first = review.statements[0]
    for number, approval in enumerate(review.statements, 1):
        if approval.statement["sequence"] != number:
            yield _wrong(approval, f"expected number {number} of its review, got {approval.statement['sequence']}")
        for member in _SAME:
            if approval.statement[member] != first.statement[member]:
                yield _wrong(approval, f"{member} is not that of the review's first statement")
    if review.refused is not None:
        yield _wrong(review.refused, "may not come where it stands")
    elif review.is_waiting:
        message = f"the manifest is sealed, and the review is {review.state}"
        yield Finding(Fault.INVALID, f"review {review.review_id}", message)


def _times(review: Review, needs: Needs) -> Iterator[Finding]:
    opening = review.statements[0]
    due = opening.issued + needs.due_seconds * _MICROSECONDS
    if opening.decision == "opened" and opening.expires != due:
        yield _wrong(opening, f"expected it to be due {needs.due_seconds} s after it was opened")
    for approval in review.said("approved"):
        if approval.issued >= due:
            yield _wrong(approval, "was said when the review was due")
        if approval.expires is not None and not approval.issued < approval.expires <= due:
            yield _wrong(approval, "expires before it is said, or after the review is due")
    for approval in review.said("expired"):
        if approval.issued < due:
            yield _wrong(approval, "was said before the review was due")


def _people(manifest: Manifest, review: Review, needs: Needs) -> Iterator[Finding]:
    requester = person(manifest.header["executedBy"])
    excluded = {person(name) for name in needs.exclude}
    assigned = {person(name) for name in needs.assigned_to}
    approved: set[str] = set()
    for approval in review.said(*BY_PERSON):
        who = person(approval.approver)
        if who == requester:
            yield _wrong(approval, f"{approval.approver} asked for the execution, and who asks does not decide")
        if who in excluded:
            yield _wrong(approval, f"{approval.approver} is excluded from it")
        if assigned and who not in assigned and approval.decision != "break-glass":
            yield _wrong(approval, f"{approval.approver} is not one of those it is assigned to")
        if approval.decision == "approved":
            if who in approved:
                yield _wrong(approval, f"{approval.approver} approved it before")
            approved.add(who)


def _wrong(approval: Approval, message: str) -> Finding:
    return Finding(Fault.INVALID, approval.name, message)
