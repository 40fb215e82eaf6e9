"""Reviews, schedules, and who calls."""

from __future__ import annotations

__all__ = ["COMPONENTS"]

from runbooks.api.answers.executions import RESULTS
from runbooks.api.answers.proofs import DECISIONS, RISKS
from runbooks.api.answers.shapes import (
    ANY,
    OPEN,
    TEXT,
    TEXTS,
    Members,
    Schema,
    closed,
    list_of,
    one_of,
    or_null,
    ref,
    said,
)
from runbooks.api.rights import ACTIONS
from runbooks.schedules import MISSED

_COUNTED: Schema = {"type": "integer", "minimum": 1}

_STATEMENT: Members = {
    "decision": one_of(DECISIONS),
    "approver": TEXT,
    "reason": TEXT,
    "issuedAt": ref("Time"),
    "expiresAt": said(or_null(ref("Time")), "when it counts no longer; of the opening: when the review expires"),
}

_EVIDENCE: Members = {
    "prover": TEXT,
    "result": one_of(RESULTS),
    "reason": said(TEXT, "a stable code"),
    "evidence": said(OPEN, "what the verdict rests on; left out for who may not read values"),
}

_REVIEW: Members = {
    "reviewId": ref("Identifier"),
    "executionId": ref("Identifier"),
    "runbookId": ref("Identifier"),
    "requester": said(TEXT, "in whose name the execution runs"),
    "requirement": said(TEXT, "`approval`, `denial/<phase>` or `four_eyes/<prover>` (spec/reviews.md, 2)"),
    "failedStep": said(ref("Identifier"), "the step that waits"),
    "failedProver": said(or_null(TEXT), "the first that denies"),
    "reason": said(TEXT, "why people are asked"),
    "evidence": said(list_of(ref("FailedProof")), "the proofs that deny"),
    "shown": said(ANY, "of an approval step, what is to be approved: any JSON; null for who may not read values"),
    "quorum": said(_COUNTED, "how many people must approve"),
    "assignedTo": said(TEXTS, "who may decide; empty for whoever the policies let"),
    "risk": RISKS,
    "openedAt": ref("Time"),
    "dueAt": said(ref("Time"), "when it expires, which denies"),
    "state": ref("ReviewState"),
    "version": said(_COUNTED, "how many statements it has; the ETag, sent back with If-Match"),
    "statements": said(list_of(closed("What somebody said", _STATEMENT)), "in their order"),
    "actions": said(list_of(ref("Action")), "what the caller can say in it now, and why not"),
}

_SCHEDULE: Members = {
    "scheduleId": ref("Identifier"),
    "runbookId": ref("Identifier"),
    "cron": said(TEXT, "minute, hour, day, month, weekday"),
    "timeZone": said(TEXT, "of the IANA database"),
    "missed": said(one_of(MISSED), "what becomes of times for which nobody was there"),
    "executedBy": said(TEXT, "in whose name executions start"),
    "parameters": said(OPEN, "by name, as who set it up gave them; left out for who may not read values"),
    "compute": said({"type": "object", "additionalProperties": TEXT}, "parameter → JSONata over the time"),
    "setAt": ref("Time"),
    "state": one_of(["active", "paused", "removed"]),
    "next": said(or_null(ref("Time")), "when it is due; null when it is not"),
    "actions": said(list_of(ref("Action")), "what the caller can do with it now, and why not"),
}

_RIGHT: Members = {
    "action": one_of(sorted({action for action, _ in ACTIONS})),
    "resource": one_of(sorted({resource for _, resource in ACTIONS})),
}

_PROFILE: Members = {
    "subject": said(TEXT, "by what name the caller is known"),
    "roles": said(TEXTS, "those that the policies see"),
    "authentication": one_of(["session", "token", "oidc"]),
    "expiresAt": said(or_null(ref("Time")), "when session or token end; null for never"),
    "actions": said(list_of(_RIGHT["action"]), "what the policies allow, without a look at what it is done to"),
    "rights": said(list_of(closed("An action and what it is done to", _RIGHT)), "the same, with the kind of resource"),
}

COMPONENTS: dict[str, Schema] = {
    "FailedProof": closed("A proof that denies, and why", _EVIDENCE, optional=("evidence",)),
    "Review": closed("What people are asked, who, until when, and what they said", _REVIEW),
    "ReviewList": said(list_of(ref("Review")), "All reviews, oldest first"),
    "Decided": closed(
        "The review and its execution, as they stand then", {"review": ref("Review"), "execution": ref("Execution")}
    ),
    "Schedule": closed("What runs by itself, and when", _SCHEDULE, optional=("parameters",)),
    "ScheduleList": closed(
        "Schedules",
        {"items": said(list_of(ref("Schedule")), "as they were set; none that is removed")},
    ),
    "Profile": closed("Who calls, and what the policies let them do", _PROFILE),
}
