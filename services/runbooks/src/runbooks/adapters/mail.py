"""Mail over SMTP with the standard library, in a thread, one connection a message, bounded in time.

`smtp+starttls://` never falls back to plain text, certificates are always checked, and a password goes over TLS or to
this machine only. What a server replies is quoted in errors, but for its reply to the password.
"""

from __future__ import annotations

__all__ = ["MailServer", "SmtpMailer", "parse_mail_server", "to_bytes"]

import asyncio
import base64
import contextlib
import smtplib
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import urlsplit

from runbooks.canonical import digest
from runbooks.errors import PermanentPortError, PortError, SettingsError, TransientPortError
from runbooks.evidence import instant
from runbooks.notices import MailMessage

_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_WAIT_SECONDS = 15.0
_TOTAL_SECONDS = 60.0
_QUOTED = 200


@dataclass(frozen=True)
class MailServer:
    """Where mail goes: `scheme` is smtp, smtps or smtp+starttls; an empty user means without an account."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)


def parse_mail_server(address: str, user: str = "", password: str = "") -> MailServer:
    """The server of the setting `mail`, with its account; raises SettingsError."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise SettingsError("mail: not an address: expected smtp://host:port, smtps:// or smtp+starttls://") from None
    if "@" in parts.netloc:
        raise SettingsError("mail: the address holds no credentials: use mail_user and the reference mail_password")
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        # Not repeated: a mistyped address may hold a password.
        raise SettingsError("mail: not an address: expected smtp://host:port, smtps:// or smtp+starttls://")
    if user and parts.scheme == "smtp" and parts.hostname not in _LOOPBACK:
        raise SettingsError("mail: a password does not go over smtp:// in plain text: use smtps:// or smtp+starttls://")
    if not (user + password).isascii():
        raise SettingsError("mail: user and password must be ASCII, which is all that SMTP servers agree on")
    return MailServer(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], user, password)


def to_bytes(message: MailMessage, contents: Sequence[bytes] = ()) -> bytes:
    """The mail as it travels, the same bytes each time; `contents` are those of its attachments.

    Raises PermanentPortError for headers that cannot be.
    """
    mail = EmailMessage(policy=SMTP)
    try:
        mail["From"] = Address(addr_spec=message.sender)
        mail["To"] = [Address(addr_spec=recipient) for recipient in message.recipients]
        mail["Date"] = instant(message.date)
        mail["Message-ID"] = message.message_id
        mail["Auto-Submitted"] = "auto-generated"
        # One encoding for every text: no line of a body is too long, ends a message or is taken for a mailbox's mark.
        mail.set_content(message.body, cte="base64")
        for item, data in zip(message.attachments, contents, strict=True):
            maintype, _, subtype = item.media_type.partition("/")
            mail.add_attachment(data, maintype=maintype, subtype=subtype, filename=item.file)
        if message.attachments:
            # The standard library draws a boundary by lot. No line of Base64 can hold this one.
            mail.set_boundary(f"=_{digest(message.message_id.encode())[7:47]}")
        return _subject(message.subject) + mail.as_bytes()
    except (ValueError, IndexError) as error:
        raise PermanentPortError(
            f"mail {message.message_id}: cannot be written: {error}", code="mail.malformed"
        ) from None


def _subject(text: str) -> bytes:
    # EmailMessage would decode what looks like an encoded word, and drops blanks between those it makes.
    if len(text.splitlines()) > 1 or "\0" in text:
        raise ValueError("the subject is more than one line")
    charset = "us-ascii" if text.isascii() and "=?" not in text else "utf-8"
    header = Header(text, charset, maxlinelen=76, header_name="Subject")
    return f"Subject: {header.encode(linesep=SMTP.linesep)}{SMTP.linesep}".encode("ascii")


class SmtpMailer:
    """A Mailer. `wait` is the longest for one reply, `total` for a whole message, in seconds."""

    def __init__(self, server: MailServer, *, wait: float = _WAIT_SECONDS, total: float = _TOTAL_SECONDS) -> None:
        self._server = server
        self._wait = wait
        self._total = total
        self._where = f"mail server {server.host}:{server.port}"
        self._secrets = _spellings(server)

    async def send(self, message: MailMessage, contents: Sequence[bytes] = ()) -> None:
        """See the port."""
        data = to_bytes(message, contents)
        client = self._client()
        sending = asyncio.create_task(asyncio.to_thread(self._send, client, message, data))
        try:
            async with asyncio.timeout(self._total):
                await asyncio.shield(sending)
        except TimeoutError:
            raise self._timeout() from None
        finally:
            # A thread cannot be cancelled; without its socket it ends.
            if not sending.done():
                _hang_up(client)
                await asyncio.wait([sending])
                sending.exception()

    def _client(self) -> smtplib.SMTP:
        # Nothing is connected yet. The name is what a client without one says: asking a resolver may take long.
        name = "[127.0.0.1]"
        if self._server.scheme == "smtps":
            return smtplib.SMTP_SSL(local_hostname=name, timeout=self._wait, context=ssl.create_default_context())
        return smtplib.SMTP(local_hostname=name, timeout=self._wait)

    def _send(self, client: smtplib.SMTP, message: MailMessage, data: bytes) -> None:
        try:
            refused = self._converse(client, message, data)
        except smtplib.SMTPAuthenticationError as error:
            raise self._refusal(error.smtp_code, "the account was refused; correct mail_user, mail_password") from None
        except smtplib.SMTPRecipientsRefused as error:
            refused = error.recipients
        except smtplib.SMTPResponseException as error:
            raise self._refusal(error.smtp_code, self._quote(error.smtp_error)) from None
        except smtplib.SMTPNotSupportedError as error:
            raise TransientPortError(f"{self._where}: {error}; correct mail", code="mail.unsupported") from None
        except ssl.SSLError as error:
            raise TransientPortError(f"{self._where}: no TLS: {error.reason or error}", code="mail.tls") from None
        except (smtplib.SMTPException, OSError) as error:
            # smtplib calls a reply that does not come a lost connection, and keeps the cause.
            if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
                raise self._timeout() from None
            why = error.strerror or self._quote(str(error))
            raise TransientPortError(f"{self._where}: cannot be reached: {why}", code="mail.unreachable") from None
        finally:
            client.close()
        if refused:
            raise self._recipients(refused)

    def _converse(self, client: smtplib.SMTP, message: MailMessage, data: bytes) -> Mapping[str, tuple[int, bytes]]:
        server = self._server
        # TLS checks the name that was asked for, which smtplib knows from its constructor only.
        client._host = server.host  # type: ignore[attr-defined]
        code, reply = client.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, reply)
        if server.scheme == "smtp+starttls":
            client.ehlo()
            code, reply = client.starttls(context=ssl.create_default_context())
            if code != 220:
                raise smtplib.SMTPResponseException(code, reply)
        if server.user:
            client.login(server.user, server.password)
        refused = self._hand_over(client, message, data)
        # Accepted is accepted, whatever happens to the good-bye.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            client.quit()
        return refused

    def _hand_over(self, client: smtplib.SMTP, message: MailMessage, data: bytes) -> Mapping[str, tuple[int, bytes]]:
        """The replies of the recipients who were refused; then nobody gets it, and so nobody gets it twice later."""
        client.ehlo_or_helo_if_needed()
        size = [f"size={len(data)}"] if client.has_extn("size") else []
        code, reply = client.mail(message.sender, size)
        if code != 250:
            raise smtplib.SMTPSenderRefused(code, reply, message.sender)
        refused: dict[str, tuple[int, bytes]] = {}
        for recipient in message.recipients:
            code, reply = client.rcpt(recipient)
            if code == 421:
                raise smtplib.SMTPRecipientsRefused({recipient: (code, reply)})
            if code not in (250, 251):
                refused[recipient] = (code, reply)
        if not refused:
            code, reply = client.data(data)
            if code != 250:
                raise smtplib.SMTPDataError(code, reply)
        return refused

    def _recipients(self, refused: Mapping[str, tuple[int, bytes]]) -> PortError:
        # One that may still be accepted is worth another attempt for all: the Message-ID is the same.
        code, reply = min(refused.values())
        return self._refusal(code, f"recipient refused: {self._quote(reply)}")

    def _refusal(self, code: int, why: str) -> PortError:
        text = f"{self._where}: replied {code}: {why}"
        if 500 <= code < 600:
            return PermanentPortError(text, code="mail.refused")
        return TransientPortError(text, code="mail.deferred")

    def _timeout(self) -> TransientPortError:
        return TransientPortError(f"{self._where}: no answer in time", code="mail.timeout")

    def _quote(self, reply: bytes | str) -> str:
        text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        if any(secret in text for secret in self._secrets):
            return "(its reply holds the password)"
        return "".join(c if c.isprintable() else " " for c in text[:_QUOTED])


def _spellings(server: MailServer) -> list[str]:
    if not server.password:
        return []
    spoken = [server.password, f"\0{server.user}\0{server.password}"]
    return [server.password, *(base64.b64encode(text.encode()).decode() for text in spoken)]


def _hang_up(client: smtplib.SMTP) -> None:
    connection = client.sock
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
