"""What an installation says of itself, its audit trail, and every problem."""

from __future__ import annotations

__all__ = ["COMPONENTS"]

from runbooks.api.answers.shapes import (
    COUNT,
    FLAG,
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
from runbooks.registries import licences_schema
from runbooks.reviews import ReviewState

_RECORD: Members = {
    "seq": said({"type": "integer", "minimum": 1}, "its number in the trail"),
    "at": ref("Time"),
    "who": said(or_null(TEXT), "null for a stranger"),
    "action": TEXT,
    "resource": said(TEXT, "the kind of what it was done to"),
    "object": said(or_null(TEXT), "the identifier of what it was done to"),
    "status": said({"type": "integer", "minimum": 100, "maximum": 599}, "of the answer"),
    "code": said(or_null(TEXT), "of the problem, for what was refused"),
    "reason": said(or_null(TEXT), "as a person gave it"),
    "made": said(or_null(TEXT), "the identifier of what came into being"),
    "requestId": TEXT,
    "turnedAway": said(COUNT, "requests of the same person that came too fast before it, and left no record"),
    "entryHash": said(ref("Digest"), "what chains it to the records before"),
}

_PROBLEM: Members = {
    "type": {"type": "string", "pattern": "^urn:runbooks:", "description": "`urn:runbooks:` and the code"},
    "title": TEXT,
    "status": {"type": "integer", "minimum": 400, "maximum": 599},
    "code": {
        "type": "string",
        "pattern": "^[a-z_]+\\.[a-z_]+$",
        "description": "stable; the command line has the same",
    },
    "detail": said(TEXT, "what is wrong and what to do"),
    "errors": said(
        list_of(closed("A place", {"pointer": TEXT, "message": TEXT})), "where, as JSON Pointers into the request"
    ),
    "state": said(ref("ReviewState"), "of a review that is not as its decider saw it"),
    "version": said(COUNT, "of that review"),
    "reason": said(TEXT, "what was typed, so that it is not lost"),
}

COMPONENTS: dict[str, Schema] = {
    "Health": closed("The process lives", {"status": {"const": "alive"}}),
    "Readiness": closed(
        "Whether it can work", {"ready": FLAG, "faults": said(TEXTS, "what it cannot do now, in sentences")}
    ),
    "Policies": closed(
        "Which policies decide: digest and names, no text and no data",
        {"digest": ref("Digest"), "engine": said(TEXT, "name and version"), "modules": TEXTS},
    ),
    "LicenceRegistry": said(licences_schema(), "Licences (spec/licences.md), as the installation has them"),
    "Licences": closed(
        "The licence registry as new executions pin it", {"digest": ref("Digest"), "registry": ref("LicenceRegistry")}
    ),
    "AuditRecord": closed("Who asked for what change, and what became of it", _RECORD),
    "AuditPage": closed(
        "Records; a page of what is rare may be short, or empty, and have a `next`: so far it was looked",
        {
            "items": said(list_of(ref("AuditRecord")), "the newest first"),
            "next": said(or_null(TEXT), "the cursor of the page that follows"),
        },
    ),
    "ReviewState": one_of([state.value for state in ReviewState]),
    "Problem": closed("A problem (RFC 9457)", _PROBLEM, optional=("errors", "state", "version", "reason")),
}
