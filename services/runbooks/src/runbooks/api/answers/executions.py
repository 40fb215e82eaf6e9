"""Executions: where one stands, what a list of many says of each, and how many started when."""

from __future__ import annotations

__all__ = ["COMPONENTS", "ENDED", "RESULTS"]

from runbooks.api.answers.shapes import (
    ANY,
    COUNT,
    FLAG,
    TEXT,
    Members,
    Schema,
    closed,
    list_of,
    one_of,
    or_null,
    ref,
    said,
)
from runbooks.api.rights import EXECUTION, REVIEW, SCHEDULE, TEMPLATE
from runbooks.states import StepState

ENDED = ["completed", "overridden", "blocked", "failed", "cancelled"]
_OUTCOMES = ["running", "waiting", "held", "paused", *ENDED]
_STEP_OUTCOMES = ["done", "failed", "skipped", "blocked", "not-run", "overridden"]
RESULTS = ["pass", "fail", "error", "skipped"]
_COUNTED: Schema = {"type": "integer", "minimum": 1}

_LINE: Members = {
    "seq": said(_COUNTED, "the entry's number in the ledger"),
    "at": said(or_null(ref("Time")), "as observed; null where nobody looked at a clock"),
    "kind": TEXT,
    "level": one_of(["info", "warning", "error"]),
    "stepId": or_null(ref("Identifier")),
    "words": said(TEXT, "without payloads"),
}

_ACTION: Members = {
    "name": one_of(dict.fromkeys([*EXECUTION, *REVIEW, *TEMPLATE, *SCHEDULE])),
    "enabled": FLAG,
    "code": said(or_null(TEXT), "why not, as a stable code; null where it is enabled"),
    "reason": said(or_null(TEXT), "why not, for people; null where it is enabled"),
}
_DENIAL: Members = {"prover": TEXT, "result": one_of(RESULTS), "reason": said(TEXT, "a stable code")}

_OPENING: Members = {
    "executionId": ref("Identifier"),
    "runbookId": ref("Identifier"),
    "version": said(TEXT, "of the runbook, as its author counts"),
    "number": said(_COUNTED, "of the execution among its runbook's"),
    "definitionDigest": ref("Digest"),
    "purpose": said(or_null(TEXT), "what it is done for, as licences and policies are asked"),
    "executedBy": said(TEXT, "in whose name it runs"),
    "startedAt": ref("Time"),
    "outcome": ref("Outcome"),
    "endedAt": or_null(ref("Time")),
    "origin": or_null(ref("Origin")),
    "merkleRoot": said(or_null(ref("Digest")), "over its steps (spec/pcq-v1.md, 5); null before its end"),
}

_STEP: Members = {
    "stepId": ref("Identifier"),
    "type": said(TEXT, "what it does (spec/execution.md, 3)"),
    "description": TEXT,
    "dependsOn": list_of(ref("Identifier")),
    "state": ref("StepState"),
    "outcome": said(or_null(ref("StepOutcome")), "null before it is settled"),
    "startedAt": said(or_null(ref("Time")), "of its first attempt"),
    "endedAt": or_null(ref("Time")),
    "attempts": said(COUNT, "how many were begun"),
    "error": said(or_null(ref("StepError")), "of its last attempt"),
    "blockedBy": said(or_null(ref("Denial")), "the first proof that denies it"),
    "reviews": said(list_of(ref("Identifier")), "those of its reviews in which something can still be said"),
    "items": said(or_null(COUNT), "of a `forEach` whose inputs are known"),
    "children": said(list_of(ref("Identifier")), "executions that it began"),
}

_EXECUTION: Members = {
    **_OPENING,
    "name": said(TEXT, "of the runbook"),
    "planDigest": said(ref("Digest"), "of its steps and their dependencies, in canonical order"),
    "parametersDigest": ref("Digest"),
    "parent": or_null(ref("Parent")),
    "schedule": said(or_null(ref("Occurrence")), "that for which it was started"),
    "queue": said(
        or_null(closed("Its turn", {"ahead": said(COUNT, "about how many are to go on before it")})),
        "where it waits for its turn",
    ),
    "cancelled": or_null(closed("Its cancellation", {"reason": TEXT, "at": ref("Time")})),
    "paused": or_null(closed("Its pause", {"by": TEXT, "reason": TEXT, "at": ref("Time")})),
    "blockedBy": or_null(closed("What denies, and where", {"stepId": ref("Identifier"), **_DENIAL})),
    "actions": said(list_of(ref("Action")), "what the caller can do with it now, and why not"),
    "openReviews": list_of(ref("Identifier")),
    "steps": said(list_of(ref("StepStatus")), "in canonical order"),
    "position": said(TEXT, "where `/events` goes on (`Last-Event-ID`)"),
}

_SUMMARY: Members = {
    **_OPENING,
    "steps": closed("How far it is", {"total": COUNT, "settled": COUNT}),
    "failedStep": said(or_null(ref("Identifier")), "the first that is blocked or failed"),
    "failedProver": said(or_null(TEXT), "the first that denies"),
    "openReviews": COUNT,
    "parent": said(or_null(ref("Identifier")), "the execution whose step began it"),
}

_PAGE: Members = {
    "items": said(list_of(ref("ExecutionSummary")), "the newest first"),
    "next": said(or_null(TEXT), "the cursor of the page that follows"),
    "previous": said(or_null(TEXT), "with `direction=newer`, that of the page before"),
    "total": closed("All that pass the filters", {"value": COUNT, "exact": FLAG}),
    "position": said(TEXT, "where `/events` goes on (`Last-Event-ID`)"),
}

_BUCKET: Members = {
    "total": COUNT,
    "outcomes": {"type": "object", "propertyNames": one_of(_OUTCOMES), "additionalProperties": _COUNTED},
}

COMPONENTS: dict[str, Schema] = {
    "Outcome": said(one_of(_OUTCOMES), "How it ended (spec/pcq-v1.md, 6), or where it stands until then"),
    "StepState": one_of([state.value for state in StepState]),
    "StepOutcome": said(one_of(_STEP_OUTCOMES), "How a step ended (spec/pcq-v1.md, 6)"),
    "Action": closed("What can be done with a resource now, or why not", _ACTION),
    "Denial": closed("A proof that denies", _DENIAL),
    "StepError": closed("Why an attempt failed", {"code": TEXT, "message": TEXT}),
    "Origin": closed(
        "The execution of which this is another run",
        {"executionId": ref("Identifier"), "as": one_of(["rerun", "fork"])},
    ),
    "Parent": closed("The step that began it", {"executionId": ref("Identifier"), "stepId": ref("Identifier")}),
    "Occurrence": closed("The time of a schedule", {"scheduleId": ref("Identifier"), "at": ref("Time")}),
    "StepStatus": closed("Where a step stands; times are as observed", _STEP),
    "Execution": closed("All that a view of its run needs", _EXECUTION),
    "ExecutionSummary": closed("An execution in a few words", _SUMMARY),
    "ExecutionPage": closed("Executions, page by page", _PAGE),
    "Histogram": closed(
        "Spans of equal length and how many executions started in each, by their outcomes of now",
        {
            "from": ref("Time"),
            "to": ref("Time"),
            "seconds": {"type": "number", "exclusiveMinimum": 0, "description": "the length of a span"},
            "buckets": list_of(closed("One span", _BUCKET)),
        },
    ),
    "LogPage": closed(
        "What happened, in words; `next` is the `after` of the page that follows, null when none does yet",
        {"items": list_of(closed("One entry of the ledger", _LINE)), "next": or_null(_COUNTED)},
    ),
    "Parameters": {
        "type": "object",
        "additionalProperties": True,
        "description": "What it was given, by name: values of the caller's, as the runbook's `parameters` allow",
    },
    "Value": said(ANY, "What went in or came out of a step: any JSON"),
}
