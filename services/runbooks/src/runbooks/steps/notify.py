"""`notify`: tell people by mail, with artifacts attached, or in the Slack channel (spec/execution.md, 4)."""

from __future__ import annotations

__all__ = ["Notify"]

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from runbooks.artifacts import Artifact, read_artifact
from runbooks.canonical import digest_of
from runbooks.definition import StepDefinition
from runbooks.effects import Action, SendMessage
from runbooks.errors import EvidenceError
from runbooks.expressions import evaluate
from runbooks.steps.step_kind import StepKind

_MAX_SUBJECT = 200
_MAX_TEXT = 100_000
_MAX_ATTACHMENTS = 20
_MAX_BYTES = 10 * 2**20
_LOCAL = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_ADDRESS = f"^{_LOCAL}(\\.{_LOCAL})*@{_LABEL}(\\.{_LABEL})*$"
_EXPRESSION = {"type": "string", "minLength": 1}
_CODES = {"subject": "notify.subject", "text": "notify.text", "attachments": "notify.attachments"}
# What breaks a line, controls a terminal, or turns the direction of text around.
_UNFIT = frozenset({"Cc", "Cs", "Zl", "Zp"})
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Notify(StepKind):
    """Outputs say what was sent to whom, and nothing that another execution on the same data would say otherwise."""

    kind = "notify"
    members = {
        "channel": {"enum": ["mail", "slack"]},
        "to": {
            "type": "array",
            "minItems": 1,
            "maxItems": 50,
            "uniqueItems": True,
            "items": {"type": "string", "maxLength": 254, "pattern": _ADDRESS},
        },
        "subject": _EXPRESSION,
        "text": _EXPRESSION,
        "attachments": _EXPRESSION,
    }
    required = ("channel", "subject")

    def expressions(self, step: StepDefinition) -> Iterable[tuple[str, str]]:
        """Subject, text and attachments."""
        return [(name, step.body[name]) for name in ("subject", "text", "attachments") if name in step.body]

    def misfits(self, step: StepDefinition) -> Iterable[tuple[str, str]]:
        """A channel has one address, its own, and takes no files."""
        if step.body["channel"] == "slack":
            for name in ("to", "attachments"):
                if name in step.body:
                    yield name, "goes with the channel mail only"

    def touches(self, step: StepDefinition) -> Mapping[str, Any] | None:
        """Who is told; None of a mail is whom the installation names."""
        return {"channel": step.body["channel"], "to": step.body.get("to")}

    def action(self, step: StepDefinition, inputs: Any, parameters: Mapping[str, Any]) -> Action | None:
        """The message; raises EvidenceError (`notify.subject`, `notify.text`, `notify.attachments`)."""
        del parameters
        to = step.body.get("to")
        subject, text = _subject(step, inputs), _text(step, inputs)
        return SendMessage(step.body["channel"], to and tuple(sorted(to)), subject, text, _attachments(step, inputs))

    def outputs(self, step: StepDefinition, inputs: Any, answer: Any, values: Mapping[str, float | int | None]) -> Any:
        """What was sent; `answer` is {"recipients"}."""
        del values
        attachments = _attachments(step, inputs)
        shown = {
            "channel": step.body["channel"],
            "recipients": sorted(answer["recipients"]),
            "subject": _subject(step, inputs),
        }
        content = {**shown, "text": _text(step, inputs), "attachments": [item.members() for item in attachments]}
        digests = [item.digest for item in attachments]
        return {**shown, "attachments": digests, "contentDigest": digest_of(content)}


def _subject(step: StepDefinition, inputs: Any) -> str:
    subject = evaluate(step.body["subject"], inputs)
    if not isinstance(subject, str) or not subject.strip() or len(subject) > _MAX_SUBJECT:
        raise _unusable(step, "subject", f"expected a text of 1 to {_MAX_SUBJECT} characters, got {_shown(subject)}")
    if any(unicodedata.category(c) in _UNFIT for c in subject) or _DIRECTION.search(subject):
        raise _unusable(
            step, "subject", "expected one line without control characters; take them out in the expression"
        )
    return subject


def _text(step: StepDefinition, inputs: Any) -> str:
    text = evaluate(step.body["text"], inputs) if "text" in step.body else ""
    if not isinstance(text, str) or len(text) > _MAX_TEXT:
        raise _unusable(step, "text", f"expected a text of up to {_MAX_TEXT} characters, got {_shown(text)}")
    return text


def _attachments(step: StepDefinition, inputs: Any) -> tuple[Artifact, ...]:
    if "attachments" not in step.body:
        return ()
    value = evaluate(step.body["attachments"], inputs)
    found = value if isinstance(value, list) else [value]
    if len(found) > _MAX_ATTACHMENTS:
        raise _unusable(step, "attachments", f"expected up to {_MAX_ATTACHMENTS}, got {len(found)}")
    artifacts = [read_artifact(item, f"step {step.step_id}: attachment {place}") for place, item in enumerate(found)]
    size = sum(item.size for item in artifacts)
    if size > _MAX_BYTES:
        raise _unusable(step, "attachments", f"expected up to {_MAX_BYTES} bytes in all, got {size}")
    names = [item.file for item in artifacts]
    if len(set(names)) < len(names):
        raise _unusable(step, "attachments", "two of them have the same file name")
    return tuple(artifacts)


def _shown(value: Any) -> str:
    return f"{len(value)} characters" if isinstance(value, str) else type(value).__name__


def _unusable(step: StepDefinition, member: str, what: str) -> EvidenceError:
    return EvidenceError(f"step {step.step_id}: {member}: {what}", code=_CODES[member])
