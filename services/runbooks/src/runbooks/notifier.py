"""Tells people what happened to reviews: notices into the outbox, and what is due out of it, at least once.

A message counts as sent only when its receiver accepted it; a crash in between sends it twice, with the same
Message-ID. A channel that is down delays its own messages and raises nothing: an execution never waits for a mail.
"""

from __future__ import annotations

__all__ = ["DeliveryReport", "Notifier", "Undelivered"]

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from runbooks.errors import PermanentPortError, TransientPortError
from runbooks.evidence import instant
from runbooks.notices import MailMessage, Message, ReviewNotice, chat_of, mail_of
from runbooks.ports import Chat, Clock, Mailer, Outbox, Outgoing

_FIRST_WAIT = timedelta(seconds=2)
_LONGEST_WAIT = timedelta(hours=1)
_PATIENCE = timedelta(days=3)
# Longer than any adapter takes for one message, so that no second process begins one that is under way.
_CLAIM = timedelta(minutes=5)
# The channel's fault rather than the message's: another message would only wait for the same answer.
_CHANNEL_DOWN = frozenset({"mail.unreachable", "mail.timeout", "mail.tls", "chat.unreachable", "chat.timeout"})


@dataclass(frozen=True)
class Undelivered:
    """A message that was not accepted yet, or never will be, and why; `next_at` is when it is due, None at once."""

    message_id: str
    channel: str
    reason: str
    next_at: str | None


@dataclass(frozen=True)
class DeliveryReport:
    """Message-IDs that this delivery sent, and everything in the outbox that is not sent."""

    sent: tuple[str, ...]
    pending: tuple[Undelivered, ...]
    dead: tuple[Undelivered, ...]


class Notifier:
    """Mail goes to each of `recipients` by itself, so that one refused address holds up nobody else.

    A channel that is None is off: nothing is put for it, and what an earlier setting put waits.
    """

    def __init__(
        self,
        outbox: Outbox,
        mailer: Mailer | None,
        chat: Chat | None,
        clock: Clock,
        *,
        sender: str,
        recipients: Sequence[str],
        log_origin: str,
    ) -> None:
        self._outbox = outbox
        self._mailer = mailer
        self._chat = chat
        self._clock = clock
        self._sender = sender
        self._recipients = tuple(dict.fromkeys(recipients))
        self._log_origin = log_origin

    def cursor(self) -> int:
        """Number of the ledger's last entry that was announced: the caller goes on behind it."""
        return self._outbox.cursor()

    async def announce(self, notices: Sequence[ReviewNotice], cursor: int) -> None:
        """Put the messages for `notices`, which the ledger's entries up to number `cursor` gave; again is no error.

        Returns when they are on the disk; sends nothing. Raises DataFolderError.
        """
        self._outbox.put([message for notice in notices for message in self._messages(notice)], cursor)

    async def deliver(self) -> DeliveryReport:
        """Try everything that is due, once, both channels at the same time. Raises DataFolderError only."""
        due = self._outbox.due(self._clock.now())
        mails = [item for item in due if item.message.channel == MailMessage.channel]
        chats = [item for item in due if item.message.channel != MailMessage.channel]
        sent: list[str] = []
        for found in await asyncio.gather(self._deliver_all(mails), self._deliver_all(chats), return_exceptions=True):
            # Raised when both have ended: the outbox must not be closed under one of them.
            if isinstance(found, BaseException):
                raise found
            sent += found
        return DeliveryReport(
            sent=tuple(sent),
            pending=tuple(self._undelivered(item) for item in self._outbox.pending()),
            dead=tuple(self._undelivered(item) for item in self._outbox.dead()),
        )

    def retry_dead(self) -> int:
        """Make dead messages due again; how many. Raises DataFolderError."""
        return self._outbox.retry_dead()

    def _messages(self, notice: ReviewNotice) -> list[Message]:
        messages: list[Message] = []
        if self._mailer is not None:
            for recipient in self._recipients:
                messages.append(
                    mail_of(notice, log_origin=self._log_origin, sender=self._sender, recipients=(recipient,))
                )
        if self._chat is not None:
            messages.append(chat_of(notice, log_origin=self._log_origin))
        return messages

    async def _deliver_all(self, due: Sequence[Outgoing]) -> list[str]:
        sent = []
        for item in due:
            name = item.message.message_id
            now = instant(self._clock.now())
            if not self._is_on(item.message) or not self._outbox.claim(name, _text(now), _text(now + _CLAIM)):
                continue
            try:
                await self._send(item.message)
            except PermanentPortError as error:
                self._outbox.failed(name, f"{error} [{error.code}]", None)
            except TransientPortError as error:
                self._outbox.failed(name, f"{error} [{error.code}]", self._next_at(item))
                if error.code in _CHANNEL_DOWN:
                    break
            else:
                self._outbox.sent(name, self._clock.now())
                sent.append(name)
        return sent

    async def _send(self, message: Message) -> None:
        if isinstance(message, MailMessage):
            if self._mailer is not None:
                await self._mailer.send(message)
        elif self._chat is not None:
            await self._chat.post(message)

    def _is_on(self, message: Message) -> bool:
        return (self._mailer if isinstance(message, MailMessage) else self._chat) is not None

    def _next_at(self, item: Outgoing) -> str | None:
        now = instant(self._clock.now())
        if item.first_at is not None and now - instant(item.first_at) >= _PATIENCE:
            return None
        # Beyond a dozen doublings the longest wait is reached; the number must not grow without a limit.
        wait = _FIRST_WAIT * 2 ** min(item.attempts, 12)
        return _text(now + min(wait, _LONGEST_WAIT))

    def _undelivered(self, item: Outgoing) -> Undelivered:
        reason = item.last_error or "not tried yet"
        if not self._is_on(item.message):
            reason = f"the channel {item.message.channel} is off in settings.json"
        return Undelivered(item.message.message_id, item.message.channel, reason, item.next_at)


def _text(time: datetime) -> str:
    return time.isoformat(timespec="microseconds").replace("+00:00", "Z")
