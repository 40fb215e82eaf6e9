"""The channels on which people are told, from the settings: mail, Slack, and what sends the messages of steps."""

from __future__ import annotations

__all__ = ["open_chat", "open_courier", "open_mailer"]

from runbooks.adapters.clock import SystemClock
from runbooks.adapters.mail import SmtpMailer, parse_mail_server
from runbooks.adapters.outbox import SqliteOutbox
from runbooks.adapters.references import read_secret
from runbooks.adapters.slack import SlackChat
from runbooks.courier import Channels, Courier
from runbooks.errors import SettingsError
from runbooks.notices import is_address
from runbooks.ports import BlobStore, Chat, Mailer
from runbooks.settings import Settings


def open_courier(settings: Settings, blobs: BlobStore) -> Courier:
    """What sends the messages of steps; its outbox and channels are opened when a step first needs them.

    Raises SettingsError for a malformed `mail_allowed` only: other faults of the channels fail the step that needs one.
    """
    for name in settings.mail_allowed:
        if not is_address(name) and not is_address(f"anybody@{name}"):
            raise SettingsError(f"mail_allowed: expected addresses and domains such as example.com, got {name!r}")

    def channels() -> Channels:
        mailer, chat = open_mailer(settings), open_chat(settings)
        return Channels(SqliteOutbox(settings.home / "outbox.sqlite", of_steps=True), mailer, chat)

    return Courier(
        channels,
        blobs,
        SystemClock(),
        sender=settings.mail_sender,
        recipients=settings.mail_recipients,
        allowed=settings.mail_allowed,
        log_origin=settings.log_origin,
    )


def open_mailer(settings: Settings) -> Mailer | None:
    """The mail server, None when it is off; raises SettingsError."""
    if not settings.mail:
        return None
    for address in (settings.mail_sender, *settings.mail_recipients):
        if not is_address(address):
            raise SettingsError(
                f"mail_sender, mail_recipients: expected bare addresses such as ombuds@example.com, got {address!r}"
            )
    if not settings.mail_recipients:
        raise SettingsError("mail_recipients: `mail` is on and nobody is named; name them or set `mail` to nothing")
    password = read_secret(settings.mail_password, "the mail account's password") if settings.mail_user else ""
    return SmtpMailer(parse_mail_server(settings.mail, settings.mail_user, password))


def open_chat(settings: Settings) -> Chat | None:
    """The Slack channel, None when it is off; raises SettingsError."""
    return SlackChat(read_secret(settings.slack, "slack: the webhook's address")) if settings.slack else None
