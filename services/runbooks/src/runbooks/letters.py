"""What a `notify` step tells people: from its action to one message, the same bytes whenever it is built again. Pure.

A message is known by its step's effect key, so however often the step is performed it is one message, and whoever
honours Message-IDs sees one mail. Below the author's text stands where it comes from.
"""

from __future__ import annotations

__all__ = ["Letterhead", "chat_letter", "letter_id", "mail_letter"]

from collections.abc import Sequence
from dataclasses import dataclass

from runbooks.canonical import digest_of
from runbooks.effects import SendMessage
from runbooks.notices import ChatMessage, MailMessage, for_chat, message_id_of


@dataclass(frozen=True)
class Letterhead:
    """Where a message comes from: the step's effect key, its execution, and the execution's logical time."""

    key: str
    runbook_id: str
    version: str
    execution_id: str
    step_id: str
    date: str


def letter_id(head: Letterhead) -> str:
    """The id of the step's message, with angle brackets."""
    return message_id_of(digest_of(["pcq-message-v1", head.key]))


def mail_letter(
    order: SendMessage, head: Letterhead, *, sender: str, recipients: Sequence[str], log_origin: str
) -> MailMessage:
    """One mail to all recipients, who see each other."""
    return MailMessage(
        message_id=letter_id(head),
        sender=sender,
        recipients=tuple(sorted(recipients)),
        subject=order.subject,
        body=_body(order, head, log_origin),
        date=head.date,
        attachments=order.attachments,
    )


def chat_letter(order: SendMessage, head: Letterhead, *, log_origin: str) -> ChatMessage:
    """The subject and the text in one message."""
    return ChatMessage(letter_id(head), for_chat(f"{order.subject}\n{_body(order, head, log_origin)}"))


def _body(order: SendMessage, head: Letterhead, log_origin: str) -> str:
    origin = (
        f"Runbook {head.runbook_id} {head.version}, execution {head.execution_id}, step {head.step_id}, {log_origin}"
    )
    # The mark that mail readers know a signature by.
    return f"{order.text}\n\n-- \n{' '.join(origin.split())}\n" if order.text else f"-- \n{' '.join(origin.split())}\n"
