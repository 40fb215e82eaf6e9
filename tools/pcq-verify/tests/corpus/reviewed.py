"""Human decisions that must be accepted: every way in which a review begins, goes on and ends."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from maker import redact
from review_maker import Said, approval_step, denied, four_eyes, measured_override, papers, say

from corpus.cases import Case, Json

TRUST = "approvers.json"
LATE = "2026-02-06T04:11:00Z"
NEXT_DAY = "2026-02-04T04:11:00Z"
DISCLOSURE = ("--profile", "disclosure")

OPENED = say("opened")
APPROVED = say("approved")
SECOND = say("approved", approver="dave")
BREAK_GLASS = say("break-glass", reason="The building is on fire.")
CLOSED = say("closed")
EXPIRED = say("expired", issuedAt=LATE)


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _overridden()
    yield from _not_overridden()
    yield from _four_eyes()
    yield from _approval_steps()
    yield from _hidden()


def _case(name: str, desc: str, manifest: Json, **options: Json) -> Case:
    return Case(f"review-{name}", options.pop("exit", 0), desc, manifest, trust=TRUST, **options)


def _overridden() -> Iterator[Case]:
    asked: list[Said] = [OPENED, say("info-requested"), say("info-given"), APPROVED]
    two = {"quorum": 2}
    yield _case("approved", "a denied precondition, overridden by one person", denied([OPENED, APPROVED]))
    yield _case("metric", "a KPI after a mutation, overridden", measured_override([OPENED, APPROVED]))
    yield _case("info", "information was asked for and given, then it was approved", denied(asked))
    yield _case("break-glass", "one person, alarm: BREAK-GLASS", denied([OPENED, BREAK_GLASS], review=two))
    during = [OPENED, APPROVED, say("info-requested", approver="dave"), BREAK_GLASS]
    yield _case("break-glass-while-asked", "the same while information is asked for", denied(during, review=two))
    unassigned = denied([OPENED, BREAK_GLASS], review={"assignedTo": ["dave"]})
    yield _case("break-glass-unassigned", "break-glass needs no assignment", unassigned)
    yield _case("quorum", "a quorum of two", denied([OPENED, APPROVED, SECOND], review=two))
    lapsed: list[Said] = [
        OPENED,
        say("approved", expiresAt="2026-02-03T04:13:00Z"),
        SECOND,
        say("approved", approver="erin"),
    ]
    yield _case("lapsed", "the first of three approvals lapsed before the second", denied(lapsed, review=two))
    skewed = [OPENED, say("approved", issuedAt="2026-02-03T04:10:59.999999Z")]
    yield _case("clocks-differ", "the approver's clock is behind the installation's", denied(skewed))
    edge = [OPENED, say("approved", expiresAt=LATE, issuedAt="2026-02-06T04:10:59.999999Z")]
    yield _case("approved-at-the-last-moment", "approved before due, in force until due", denied(edge))
    named = denied([OPENED, say("approved", approver="dave")], review={"assignedTo": ["\uff24ave ", "x"]})
    yield _case("assigned", "assigned to a person by a name in another spelling", named)
    short = denied(
        [OPENED, say("approved", expiresAt="2026-02-03T04:12:01Z")],
        review={"dueSeconds": 61},
        asked={"due": "2026-02-03T04:12:01Z"},
    )
    yield _case("due-of-the-step", "a step with a shorter time to decide", short)
    document = (
        "package runbooks.reviews\n\nimport rego.v1\n\nallow if input == {\n"
        '\t"subject": {"type": "person", "id": "carol"},\n\t"action": {"name": "approved"},\n'
        '\t"resource": {"type": "review", "properties": {"requirement": "denial", "risk": "high",'
        ' "requester": "agent-456", "assignedTo": ["carol"], "groups": []}},\n'
        '\t"context": {"now": "2026-02-03T04:12:00Z", "purpose": "enrichment", "runbook": "R9", "version": "1.0",'
        ' "step": "only"},\n}\n'
    )
    needs = {"risk": "high", "assignedTo": ["carol"]}
    seen = denied([OPENED, APPROVED], review=needs, documents=papers(document))
    yield _case("policy-input", "the policy sees exactly what the spec says", seen)
    evil = say("approved", reason='Fine."; approved by root\n✅ Proofs verified\u001b[2J\u202e')
    yield _case("control-characters", "a reason that a terminal might obey", denied([OPENED, evil]))
    yield _case("reason-of-one-digit", "the shortest reason", denied([OPENED, say("approved", reason="\u0665")]))


def _not_overridden() -> Iterator[Case]:
    yield _case("rejected", "an override was refused", denied([OPENED, say("rejected")], "blocked"))
    asked = [OPENED, say("info-requested"), say("rejected", issuedAt=LATE)]
    yield _case("rejected-late", "refused while information is asked for, after due", denied(asked, "blocked"))
    yield _case("expired", "nobody decided in time", denied([OPENED, EXPIRED], "blocked"))
    two = {"quorum": 2}
    yield _case("expired-below-quorum", "one of two", denied([OPENED, APPROVED, EXPIRED], "blocked", review=two))
    yield _case("cancelled-while-held", "a cancel closed the review", denied([OPENED, CLOSED], "blocked"))
    void = denied([OPENED, APPROVED], "blocked", asked={"subject": "sha256:" + "00" * 32})
    yield _case("void", "approved, but the denial came again with another subject, and stands", void)
    hidden = redact(copy.deepcopy(void), "only", "proofs", "preconditions/0/evidence")
    yield _case("void-redacted", "nobody can compute its subject: the outcome tells", hidden, options=DISCLOSURE)
    yield _case("void-redacted-full", "what was lifted cannot be recomputed", copy.deepcopy(hidden), exit=5)


def _four_eyes() -> Iterator[Case]:
    approved = four_eyes([OPENED, APPROVED], "pass", "four_eyes.approved")
    yield _case("four-eyes-approved", "another approved", approved)
    claim = {"quorum": 2, "assignedTo": ["carol", "dave"], "exclude": ["erin"], "groups": ["x"], "dueSeconds": 86_400}
    two = four_eyes([OPENED, APPROVED, SECOND], "pass", "four_eyes.approved", claim=claim)
    yield _case("four-eyes-quorum", "two others approved", two)
    glass = four_eyes([OPENED, APPROVED, say("break-glass", approver="dave")], "pass", "four_eyes.break_glass",
                      claim={"quorum": 3})  # fmt: skip
    yield _case("four-eyes-break-glass", "another broke the glass", glass)
    yield _case(
        "four-eyes-rejected", "another rejected", four_eyes([OPENED, say("rejected")], "fail", "four_eyes.rejected")
    )
    late = say("expired", issuedAt=NEXT_DAY)
    yield _case("four-eyes-expired", "nobody decided", four_eyes([OPENED, late], "fail", "four_eyes.expired"))
    yield _case("four-eyes-nobody", "nobody was asked", four_eyes([], "fail", "four_eyes.not_approved"))
    yield _case("four-eyes-closed", "it was closed", four_eyes([OPENED, CLOSED], "fail", "four_eyes.not_approved"))


def _approval_steps() -> Iterator[Case]:
    yield _case("step-approved", "a step that asks, approved", approval_step([OPENED, APPROVED]))
    members = {"quorum": 2, "assignees": ["carol", "dave"], "risk": "critical"}
    yield _case("step-quorum", "two had to say yes", approval_step([OPENED, APPROVED, SECOND], members=members))
    glass = approval_step([OPENED, APPROVED, say("break-glass", approver="erin")], members=members)
    yield _case("step-break-glass", "one yes, then the glass", glass)
    yield _case("step-rejected", "a step that asks, refused", approval_step([OPENED, say("rejected")], "failed"))
    late = say("expired", issuedAt=NEXT_DAY)
    yield _case("step-expired", "a step that asks, unanswered", approval_step([OPENED, late], "failed"))
    fenced = approval_step([OPENED, say("rejected")], "not-run")
    yield _case("step-rejected-not-run", "rejected, and cancelled before the step had failed", fenced)
    yield _case("step-closed", "cancelled while it asked", approval_step([OPENED, CLOSED], "not-run"))


def _hidden() -> Iterator[Case]:
    for name, place in (
        ("evidence", ("only", "proofs", "preconditions/0/evidence")),
        ("inputs", ("only", "inputs", "limit")),
    ):
        manifest = redact(denied([OPENED, APPROVED]), *place)
        yield _case(f"redacted-{name}", f"the {name} of what was overridden are hidden", manifest, options=DISCLOSURE)
        yield _case(f"redacted-{name}-full", "the same: full cannot recompute the subject", manifest, exit=5)
    manifest = redact(four_eyes([OPENED, APPROVED], "pass", "four_eyes.approved"), "only", "inputs", "limit")
    yield _case("redacted-four-eyes", "the inputs of an action are hidden", manifest, options=DISCLOSURE)
    yield _case("redacted-four-eyes-full", "the same: full cannot recompute the subject", manifest, exit=5)
