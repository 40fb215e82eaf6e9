"""Check `approvals`: every statement is bound, signed and allowed, and every review is ended (spec/reviews.md, 3 to 5).

What the policy says about a decision (5.4) is `permissions`' business, and what follows from one is `outcomes`'.
"""

from __future__ import annotations

__all__ = ["check_approvals"]

import unicodedata
from collections.abc import Iterator

from pcq_verify.approvals import BY_INSTALLATION, BY_PERSON, Approval
from pcq_verify.ed25519 import is_strict_signature
from pcq_verify.manifest import Manifest
from pcq_verify.needs import Needs, person
from pcq_verify.report import Fault, Finding
from pcq_verify.reviews import Review, Reviews
from pcq_verify.shapes import got
from pcq_verify.trust import Trust

_SAME = ("stepId", "requirementId", "subject")
_SECOND = 1_000_000


def check_approvals(manifest: Manifest, reviews: Reviews, trust: Trust | None) -> Iterator[Finding]:
    """Findings against single statements, and then against the reviews that they make."""
    for approval in manifest.approvals:
        yield from _binding(approval, manifest)
        yield from _signature(approval, manifest, trust)
        if not any(unicodedata.category(character)[0] in "LN" for character in approval.statement["reason"]):
            yield _invalid(approval, "expected a reason with at least one letter or digit")
    for review in reviews.all:
        yield from _review_problems(review)
        for approval in review.statements:
            yield from _form(approval, review, manifest)
        if review.needs is not None:
            yield from _times(review, review.needs)
            yield from _people(review, review.needs, manifest)


def _binding(approval: Approval, manifest: Manifest) -> Iterator[Finding]:
    for member in ("manifestId", "contextHash"):
        expected, found = manifest.header[member], approval.statement[member]
        if found != expected:
            yield _invalid(approval, f"{member}: expected {expected} as in this manifest, got {found}")


def _signature(approval: Approval, manifest: Manifest, trust: Trust | None) -> Iterator[Finding]:
    by_installation = approval.decision in BY_INSTALLATION
    if by_installation and approval.keyid != manifest.header["keyid"]:
        expected = manifest.header["keyid"]
        yield _invalid(approval, f"keyid: expected {expected}, the manifest's key, got {approval.keyid}")
    if trust is None:
        yield Finding(Fault.INCOMPLETE, approval.name, "its signature cannot be checked: there is no trust file")
        return
    refusal = trust.refusal(approval.keyid, "manifest" if by_installation else "approver", approval.issued)
    if refusal:
        yield Finding(Fault.UNTRUSTED, approval.name, refusal)
    subject = trust.subject(approval.keyid)
    if not by_installation and subject not in (None, approval.approver):
        yield _invalid(approval, f"expected {got(subject)}, whose key it is, got {got(approval.approver)}")
    public = trust.public(approval.keyid)
    if public is not None and not is_strict_signature(approval.signature, approval.message, public):
        yield _invalid(approval, f"expected an Ed25519 signature by key {approval.keyid} over it, got another")


def _review_problems(review: Review) -> Iterator[Finding]:
    where = f"review {review.review_id}"
    if review.problem is not None:
        yield Finding(review.problem[0], where, review.problem[1])
    first = review.statements[0].statement
    for number, approval in enumerate(review.statements, 1):
        for member in _SAME:
            if approval.statement[member] != first[member]:
                message = f"{member}: expected {got(first[member])} as before, got {got(approval.statement[member])}"
                yield _invalid(approval, message)
        if approval.statement["sequence"] != number:
            yield _invalid(approval, f"sequence: expected {number}, got {approval.statement['sequence']}")
    if review.refused is not None:
        yield _invalid(review.refused, "may not be said where the review stands")
    if review.is_waiting:
        yield Finding(Fault.INVALID, where, f"is left {review.state}: nobody ended it")


def _form(approval: Approval, review: Review, manifest: Manifest) -> Iterator[Finding]:
    """Role, speaker and `expiresAt` by the decision (spec/reviews.md, 3)."""
    decision, statement = approval.decision, approval.statement
    if decision == "info-given":
        role = "participant"
    elif decision in BY_INSTALLATION:
        role = "installation"
        if approval.approver != manifest.header["logOrigin"]:
            yield _invalid(approval, f"approver: expected {manifest.header['logOrigin']}, got {got(approval.approver)}")
    else:
        role = "ombuds" if review.kind == "denial" else "approver"
    if statement["role"] != role:
        yield _invalid(approval, f"role: expected {role!r}, got {statement['role']!r}")
    if (approval.expires is not None) != (decision in ("opened", "approved")):
        yield _invalid(approval, f"expiresAt: {got(statement['expiresAt'])} does not go with this decision")


def _times(review: Review, needs: Needs) -> Iterator[Finding]:
    opened = review.statements[0]
    if opened.decision != "opened":
        return
    due = opened.issued + needs.due_seconds * _SECOND
    if opened.expires not in (None, due):
        message = f"expiresAt: expected issuedAt and {needs.due_seconds} s, got {opened.statement['expiresAt']}"
        yield _invalid(opened, message)
    for approval in review.said("approved"):
        if approval.issued >= due:
            yield _invalid(approval, "issuedAt is not before the review is due")
        if approval.expires is not None and not approval.issued < approval.expires <= due:
            yield _invalid(approval, "expiresAt is not after issuedAt and at most when the review is due")
    for approval in review.said("expired"):
        if approval.issued < due:
            yield _invalid(approval, "issuedAt is before the review is due")


def _people(review: Review, needs: Needs, manifest: Manifest) -> Iterator[Finding]:
    """Who may decide (spec/reviews.md, 5.1 to 5.3)."""
    requester = person(manifest.header["executedBy"])
    excluded, assigned = {person(name) for name in needs.exclude}, {person(name) for name in needs.assigned_to}
    approved: set[str] = set()
    for approval in review.said(*BY_PERSON):
        who, told = person(approval.approver), got(approval.approver)
        if who == requester:
            yield _invalid(approval, f"{told} is who asked for it, and never decides")
        if who in excluded:
            yield _invalid(approval, f"{told} is excluded from deciding")
        if assigned and who not in assigned and approval.decision != "break-glass":
            yield _invalid(approval, f"{told} is none of those it is assigned to")
        if approval.decision == "approved":
            if who in approved:
                yield _invalid(approval, f"{told} approves a second time")
            approved.add(who)


def _invalid(approval: Approval, message: str) -> Finding:
    return Finding(Fault.INVALID, approval.name, message)
