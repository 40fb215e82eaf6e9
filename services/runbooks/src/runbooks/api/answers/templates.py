"""Runbooks, their versions, and what an execution of one would do."""

from __future__ import annotations

__all__ = ["COMPONENTS"]

from runbooks.api.answers.executions import RESULTS
from runbooks.api.answers.proofs import RISKS
from runbooks.api.answers.shapes import (
    COUNT,
    FLAG,
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

_SECONDS: Schema = {"type": ["number", "null"], "minimum": 0}

_STEP: Members = {
    "stepId": ref("Identifier"),
    "type": said(TEXT, "what it does (spec/execution.md, 3)"),
    "dependsOn": list_of(ref("Identifier")),
    "description": TEXT,
}

_BASE: Members = {
    "runbookId": ref("Identifier"),
    "name": TEXT,
    "version": said(TEXT, "as its author counts"),
    "digest": said(ref("Digest"), "of the definition"),
    "purpose": said(or_null(TEXT), "what it is done for, unless a start says otherwise"),
    "parameters": said(OPEN, "what a start asks for: the author's JSON Schema of an object"),
    "steps": said(list_of(closed("A step", _STEP)), "as its author ordered them"),
}

_RUN: Members = {
    "executionId": ref("Identifier"),
    "outcome": ref("Outcome"),
    "startedAt": ref("Time"),
    "seconds": said(_SECONDS, "from start to end; null before that"),
}

_RUNS: Members = {
    "last": said(list_of(closed("One of them", _RUN)), "the newest first"),
    "measured": said(COUNT, "of how many that ended well the percentiles are"),
    "p50": said(_SECONDS, "median of their durations, in seconds"),
    "p95": said(_SECONDS, "95th percentile of their durations, in seconds"),
}

_VERSION: Members = {
    "digest": ref("Digest"),
    "version": TEXT,
    "executions": COUNT,
    "firstAt": said(or_null(ref("Time")), "start of its first execution"),
    "lastAt": said(or_null(ref("Time")), "start of its last"),
    "current": said(FLAG, "whether it is the one that a start pins now"),
}

_DEFINITION = said(OPEN, "as its author wrote it; spec/schemas/runbook.schema.json is its schema")
_ACTIONS = said(list_of(ref("Action")), "what the caller can do with it now, and why not")

_LISTED: Members = {**_BASE, "runs": ref("Runs"), "actions": _ACTIONS}

_SHOWN: Members = {
    **_LISTED,
    "versions": said(list_of(closed("A version", _VERSION)), "those that ran, the last first, and the current one"),
    "definition": _DEFINITION,
}

_TOUCHED: Members = {
    "Graph": closed("The graph", {"graph": {"const": "written"}}),
    "Api": closed("An API", {"method": TEXT, "endpoint": TEXT}),
    "File": closed("A file", {"file": TEXT}),
    "People": closed(
        "Who is told; null are those whom the installation names", {"channel": TEXT, "to": or_null(TEXTS)}
    ),
    "Runbook": closed("Whatever that runbook does", {"runbook": ref("Identifier")}),
}

_ASKED: Members = {
    "prover": TEXT,
    "result": {
        **one_of([*RESULTS, "open"]),
        "description": "`open`: it cannot be asked before a step runs",
    },
    "reason": said(TEXT, "a stable code"),
}

_APPROVAL: Members = {
    "requirement": said(TEXT, "`approval` or `four_eyes/<prover>`"),
    "quorum": {"type": "integer", "minimum": 1},
    "assignedTo": TEXTS,
    "groups": TEXTS,
    "dueSeconds": said({"type": "integer", "minimum": 1}, "how long they have, in seconds"),
    "risk": RISKS,
}

_REHEARSED: Members = {
    **_STEP,
    "when": said(or_null(TEXT), "its condition, a JSONata text"),
    "forEach": said(or_null(TEXT), "what it does once for each item, a JSONata text"),
    "touches": {
        "anyOf": [*_TOUCHED.values(), {"type": "null"}],
        "description": "what it does to the world outside; null when it only reads or computes",
    },
    "preconditions": list_of(closed("What a prover says now", _ASKED)),
    "postconditions": said(TEXTS, "names of provers"),
    "approvals": said(list_of(closed("Which people are asked", _APPROVAL)), "before it acts"),
}

_REHEARSAL: Members = {
    "runbookId": ref("Identifier"),
    "version": TEXT,
    "definitionDigest": ref("Digest"),
    "planDigest": said(ref("Digest"), "of its steps and their dependencies, in canonical order"),
    "parametersDigest": ref("Digest"),
    "purpose": or_null(TEXT),
    "executedBy": TEXT,
    "problems": said(
        list_of(
            closed(
                "What keeps it from starting, or a step from acting",
                {
                    "in": one_of(["parameters", "definition"]),
                    "code": TEXT,
                    "pointer": said(TEXT, "a JSON Pointer"),
                    "message": TEXT,
                },
            )
        ),
        "none when it can start",
    ),
    "denied": said(list_of(ref("Identifier")), "steps of which it is known now that a proof denies them"),
    "steps": said(list_of(ref("RehearsedStep")), "in canonical order"),
    "hosts": said(TEXTS, "of the APIs that are called"),
}

_FAULT: Members = {
    "source": said(TEXT, "the file"),
    "code": TEXT,
    "pointer": said(TEXT, "a JSON Pointer"),
    "message": TEXT,
}

COMPONENTS: dict[str, Schema] = {
    "Runs": closed("How its last executions went", _RUNS),
    "Template": closed("A runbook as the list has it", _LISTED),
    "TemplateList": closed(
        "The runbooks of this installation",
        {
            "items": list_of(ref("Template")),
            "problems": said(list_of(closed("A fault", _FAULT)), "what is wrong with files that are none"),
        },
    ),
    "TemplateDetail": closed("One runbook", _SHOWN),
    "TemplateVersion": closed("One version of a runbook", {**_BASE, "definition": _DEFINITION}),
    "RehearsedStep": closed("What a step would do", _REHEARSED),
    "Rehearsal": closed("What an execution would do, told without one", _REHEARSAL),
}
