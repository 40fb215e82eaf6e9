"""Sends what `notify` steps say: into the outbox, out by its channel, and remembered as sent, all within the step.

One message a step: the outbox keeps what was put first under the step's key, and what it knows as sent is not sent
again. A mail goes to all of its recipients or to none. A process that dies while the server accepts sends the same
message again, with the same Message-ID. No lease is needed: one process at a time performs the steps of a data folder.
"""

from __future__ import annotations

__all__ = ["Channels", "Courier"]

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from runbooks.artifacts import Artifact
from runbooks.effects import SendMessage
from runbooks.errors import DataFolderError, PermanentPortError, SettingsError, TransientPortError
from runbooks.letters import Letterhead, chat_letter, letter_id, mail_letter
from runbooks.notices import MailMessage, Message
from runbooks.ports import BlobStore, Chat, Clock, Mailer, Outbox


@dataclass(frozen=True)
class Channels:
    """The outbox of steps, and the channels that are on; None is off."""

    outbox: Outbox
    mailer: Mailer | None
    chat: Chat | None


class Courier:
    """Sends the messages of steps.

    `channels` opens them when a step first needs them. `recipients` get what names nobody; mail goes to them and to
    what `allowed` lists: addresses, and domains for every address in just that domain.
    """

    def __init__(
        self,
        channels: Callable[[], Channels],
        blobs: BlobStore,
        clock: Clock,
        *,
        sender: str,
        recipients: Sequence[str],
        allowed: Sequence[str],
        log_origin: str,
    ) -> None:
        self._open = channels
        self._channels: Channels | None = None
        self._blobs = blobs
        self._clock = clock
        self._sender = sender
        self._recipients = tuple(dict.fromkeys(recipients))
        self._allowed = frozenset(name.lower() for name in (*recipients, *allowed))
        self._log_origin = log_origin

    async def send(self, order: SendMessage, head: Letterhead) -> list[str]:
        """Return to whom the message went when its channel has accepted it, now or before.

        Raises PermanentPortError `notify.no_channel`, `notify.not_allowed`, `notify.attachments` and what the channel
        refuses for good; TransientPortError for what another attempt may cure, an unusable outbox among it.
        """
        try:
            return await self._send(self._opened(), order, head)
        except SettingsError as error:
            raise PermanentPortError(f"{error} (settings.json)", code="notify.no_channel") from None
        except DataFolderError as error:
            raise TransientPortError(str(error), code=error.code) from error

    async def close(self) -> None:
        """Release the outbox and connections."""
        if self._channels is not None:
            self._channels.outbox.close()
            if self._channels.chat is not None:
                await self._channels.chat.close()

    def _opened(self) -> Channels:
        if self._channels is None:
            self._channels = self._open()
        return self._channels

    async def _send(self, channels: Channels, order: SendMessage, head: Letterhead) -> list[str]:
        found = channels.outbox.find(letter_id(head))
        # What was put first is what is sent, whatever the settings say of recipients by now.
        message = found.message if found else self._message(order, head)
        if found is None or found.state != "sent":
            self._require_channel(channels, message.channel)
            self._require_allowed(message)
            if found is None:
                channels.outbox.put([message], 0)
            await self._deliver(channels, message)
        return list(message.recipients) if isinstance(message, MailMessage) else []

    def _message(self, order: SendMessage, head: Letterhead) -> Message:
        if order.channel == "slack":
            return chat_letter(order, head, log_origin=self._log_origin)
        recipients = order.recipients or self._recipients
        return mail_letter(order, head, sender=self._sender, recipients=recipients, log_origin=self._log_origin)

    def _require_channel(self, channels: Channels, channel: str) -> None:
        if (channels.mailer if channel == "mail" else channels.chat) is None:
            message = f"the channel {channel} is off: set `{channel}` in settings.json"
            raise PermanentPortError(message, code="notify.no_channel")

    def _require_allowed(self, message: Message) -> None:
        recipients = message.recipients if isinstance(message, MailMessage) else ()
        refused = [name for name in recipients if not self._is_allowed(name.lower())]
        if refused:
            listed = ", ".join(refused)
            told = f"mail may not go to {listed}: add the address or its domain to `mail_allowed` in settings.json"
            raise PermanentPortError(told, code="notify.not_allowed")

    def _is_allowed(self, address: str) -> bool:
        return address in self._allowed or address.rpartition("@")[2] in self._allowed

    async def _deliver(self, channels: Channels, message: Message) -> None:
        name = message.message_id
        try:
            if isinstance(message, MailMessage):
                contents = [self._content(item) for item in message.attachments]
                if channels.mailer is not None:
                    await channels.mailer.send(message, contents)
            elif channels.chat is not None:
                await channels.chat.post(message)
        except PermanentPortError as error:
            channels.outbox.failed(name, f"{error} [{error.code}]", None)
            raise
        except TransientPortError as error:
            channels.outbox.failed(name, f"{error} [{error.code}]", self._clock.now())
            raise
        channels.outbox.sent(name, self._clock.now())

    def _content(self, artifact: Artifact) -> bytes:
        data = self._blobs.get(artifact.digest)
        if len(data) != artifact.size:
            told = f"attachment {artifact.file}: expected {artifact.size} bytes, got {len(data)}"
            raise PermanentPortError(told, code="notify.attachments")
        return data
