"""What people are told about a review: from what happened to it, to one mail and one chat message.

The same notice gives the same message, its id and its date included, so that a message sent twice is known as one.
Reasons and names come from many people: they are data in plain joins, each at the end of its own line, and a line
break in one of them never begins a line that looks like ours. Sending is not here.
"""

from __future__ import annotations

__all__ = [
    "ChatMessage",
    "Decision",
    "MailMessage",
    "Message",
    "ReviewNotice",
    "chat_of",
    "for_chat",
    "is_address",
    "mail_of",
    "message_id_of",
]

import re
import shlex
import unicodedata
from dataclasses import dataclass
from typing import ClassVar, Literal

from runbooks.artifacts import Artifact
from runbooks.canonical import digest_of

Decision = Literal["opened", "approved", "rejected", "info-requested", "info-given", "expired", "break-glass", "closed"]

_REASON = 4_000
_NAME = 200
_SUBJECT = 120
_REPLACEMENT = "\ufffd"
# What turns the direction of text around could also turn our own words around it.
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
_HAPPENED: dict[Decision, str] = {
    "opened": "The execution is blocked. A review was opened and waits for a decision.",
    "approved": "The review was approved.",
    "rejected": "The review was rejected.",
    "info-requested": "More information was asked for. The review waits for an answer.",
    "info-given": "The information asked for was given. The review waits for a decision.",
    "expired": "Nobody decided in time: the review expired.",
    "break-glass": "BREAK-GLASS: the requirement was set aside in an emergency, without the approval it asks for. "
    "Check at once that this was legitimate.",
    "closed": "The review was closed.",
}
_NEXT: dict[Decision, str] = {
    "opened": "see what is asked, and decide",
    "info-requested": "see what is asked, and answer",
    "info-given": "see the answer, and decide",
    "break-glass": "see who did it and why",
}


@dataclass(frozen=True)
class ReviewNotice:
    """One thing that happened to one review; `sequence` counts them from 1, which is its opening.

    `due_at` and `issued_at` are RFC 3339; `approver` is who decided, empty while nobody has.
    """

    execution_id: str
    runbook_id: str
    review_id: str
    sequence: int
    requirement: str
    decision: Decision
    step_id: str
    reason: str
    risk: Literal["low", "medium", "high", "critical"]
    approver: str
    requester: str
    assigned_to: tuple[str, ...]
    due_at: str
    issued_at: str


@dataclass(frozen=True)
class MailMessage:
    """A plain-text mail; `message_id` has its angle brackets, `date` is RFC 3339, addresses are bare.

    The bytes of `attachments` are not here: who sends it fetches them by their digests.
    """

    channel: ClassVar[str] = "mail"

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    body: str
    date: str
    attachments: tuple[Artifact, ...] = ()


@dataclass(frozen=True)
class ChatMessage:
    """A chat message; `text` is already escaped for Slack."""

    channel: ClassVar[str] = "slack"

    message_id: str
    text: str


Message = MailMessage | ChatMessage


def mail_of(notice: ReviewNotice, *, log_origin: str, sender: str, recipients: tuple[str, ...]) -> MailMessage:
    """The mail about `notice` to `recipients`."""
    return MailMessage(
        message_id=_message_id(notice, log_origin, MailMessage.channel, recipients),
        sender=sender,
        recipients=recipients,
        subject=_subject(notice),
        body="\n".join(_lines(notice, log_origin)) + "\n",
        date=notice.issued_at,
    )


def chat_of(notice: ReviewNotice, *, log_origin: str) -> ChatMessage:
    """The chat message about `notice`: the mail's subject and text in one, with `&`, `<` and `>` escaped."""
    text = "\n".join([_subject(notice), *_lines(notice, log_origin)])
    return ChatMessage(_message_id(notice, log_origin, ChatMessage.channel, ()), for_chat(text))


def for_chat(text: str) -> str:
    """The text as Slack shows it unchanged: it reads <!channel>, <@user> and links inside angle brackets only."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def message_id_of(digest: str) -> str:
    """The Message-ID that a digest gives."""
    # Half of the digest keeps the header on one line; the domain is one that nobody can own.
    return f"<{digest.removeprefix('sha256:')[:32]}@runbooks.invalid>"


def is_address(text: str) -> bool:
    """True for a bare mail address in ASCII, `local@domain`: no display name, no quotes, no white space."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def _message_id(notice: ReviewNotice, log_origin: str, channel: str, recipients: tuple[str, ...]) -> str:
    named = [_line(name) for name in (log_origin, notice.execution_id, notice.review_id)]
    return message_id_of(digest_of([*named, notice.sequence, channel, list(recipients)]))


def _subject(notice: ReviewNotice) -> str:
    alarm = "BREAK-GLASS " if notice.decision == "break-glass" else ""
    what = f"review {notice.decision}, risk {notice.risk}"
    text = _line(f"{alarm}[{notice.execution_id}] {what}: {notice.requirement}")
    return _DIRECTION.sub("", _cut(text, _SUBJECT))


def _lines(notice: ReviewNotice, log_origin: str) -> list[str]:
    named = {
        "Decision": f"{notice.decision} (number {notice.sequence} of this review)",
        "Requirement": notice.requirement,
        "Risk": notice.risk,
        "Execution": notice.execution_id,
        "Runbook": notice.runbook_id,
        "Step": notice.step_id,
        "Installation": log_origin,
        "Requested by": notice.requester,
        "Assigned to": ", ".join(notice.assigned_to),
        "Decided by": notice.approver,
        "Decide until": notice.due_at,
        "Recorded at": notice.issued_at,
    }
    command = f"runbooks reviews show {shlex.quote(_name(notice.review_id))}"
    return [
        _HAPPENED[notice.decision],
        "",
        *(f"{label}: {_name(value)}" for label, value in named.items() if value),
        "Reason:",
        *_quoted(notice.reason),
        "",
        f"Next, to {_NEXT.get(notice.decision, 'see all of it')}: {command}",
    ]


def _quoted(reason: str) -> list[str]:
    lines = _cut(reason, _REASON).splitlines() or ["none was given"]
    return [f"| {_line(line)}" for line in lines]


def _name(text: str) -> str:
    return _line(_cut(text, _NAME))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _line(text: str) -> str:
    # str.splitlines knows every character that some reader takes for a line break.
    joined = " ".join(text.splitlines()).replace("\t", " ")
    return "".join(_REPLACEMENT if unicodedata.category(c) in ("Cc", "Cs") else c for c in joined)
