"""What a `notify` step says it sent, told again from its definition and inputs (spec/execution.md, 4).

That the message was delivered only its receiver knows. Of a mail to the installation's own recipients the file alone
says who they were.
"""

from __future__ import annotations

__all__ = ["NotSentError", "notified"]

from typing import Any

from pcq_verify.definition import StepDefinition
from pcq_verify.encoding import digest_of, is_digest
from pcq_verify.sandbox import Sandbox
from pcq_verify.values import Values

_NAMED = ("file", "mediaType", "digest", "size")


class NotSentError(ValueError):
    """No message follows from these inputs."""


def notified(declared: StepDefinition, values: Values, sandbox: Sandbox) -> dict[str, Any]:
    """The step's outputs; raises NotSentError, UnavailableError and what the sandbox raises."""
    body, inputs = declared.body, values.of(declared.step_id, "inputs")
    subject = sandbox.evaluate(body["subject"], inputs)
    text = sandbox.evaluate(body["text"], inputs) if "text" in body else ""
    if type(subject) is not str or type(text) is not str:
        raise NotSentError("its subject or its text is no text")
    attached = sandbox.evaluate(body["attachments"], inputs) if "attachments" in body else []
    artifacts = [_artifact(item) for item in (attached if type(attached) is list else [attached])]
    recipients = _recipients(declared, values)
    shown = {"channel": body["channel"], "recipients": recipients, "subject": subject}
    content = {**shown, "text": text, "attachments": artifacts}
    digests = [item["digest"] for item in artifacts]
    return {**shown, "attachments": digests, "contentDigest": digest_of(content)}


def _recipients(declared: StepDefinition, values: Values) -> list[str]:
    if declared.body["channel"] != "mail":
        return []
    named = declared.body.get("to")
    if named is not None:
        return sorted(named)
    outputs = values.of(declared.step_id, "outputs")
    found = outputs.get("recipients") if type(outputs) is dict else None
    if type(found) is not list or not found or not all(type(name) is str for name in found):
        raise NotSentError("it was sent to nobody")
    return sorted(set(found))


def _artifact(value: Any) -> dict[str, Any]:
    if type(value) is not dict or not all(name in value for name in _NAMED):
        raise NotSentError("what it attached is no artifact")
    if type(value["size"]) is not int or not is_digest(value["digest"]):
        raise NotSentError("what it attached is no artifact")
    return {name: value[name] for name in _NAMED}
