"""What receives notices in tests: a real SMTP server and a real HTTP webhook on loopback, which answer as told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from runbooks.notices import ReviewNotice

STRICT = policy.SMTP.clone(raise_on_defect=True)


def notice(**members: Any) -> ReviewNotice:
    """A review was opened, but for what `members` say."""
    opened: dict[str, Any] = {
        "execution_id": "R1-0001-a3f9c2",
        "runbook_id": "R1",
        "review_id": "rev-1",
        "sequence": 1,
        "requirement": "approval",
        "decision": "opened",
        "step_id": "export",
        "reason": "204 of 208 are complete",
        "risk": "high",
        "approver": "",
        "requester": "analyst",
        "assigned_to": ("ombuds", "lead"),
        "due_at": "2026-03-02T12:00:00.000000Z",
        "issued_at": "2026-03-01T12:00:00.000000Z",
    }
    return ReviewNotice(**{**opened, **members})


def content(mail: EmailMessage) -> str:
    """The text of a mail, with line ends as Python has them."""
    text: str = mail.get_content()
    return text.replace("\r\n", "\n")


@dataclass
class MailSink:
    """A handler of the SMTP server: `replies` in their turn to each RCPT, the last for ever; `mails` were accepted."""

    replies: Sequence[str] = ("250 OK",)
    data_reply: str = "250 OK"
    accounts: dict[str, str] = field(default_factory=dict)
    echoes: bool = False
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    asked: int = 0

    async def handle_RCPT(  # noqa: N802 (the server's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        reply = self.replies[min(self.asked, len(self.replies) - 1)]
        self.asked += 1
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del server, session
        if self.data_reply.startswith("2"):
            content = cast("bytes", envelope.content)
            self.mails.append(cast("EmailMessage", message_from_bytes(content, policy=STRICT)))
            self.recipients.append([str(name) for name in envelope.rcpt_tos])
        return self.data_reply

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        del server, session, envelope, mechanism
        given = cast("LoginPassword", data)
        name, password = given.login.decode(), given.password.decode()
        message = f"535 5.7.8 {name} is not let in with {password}" if self.echoes else "535 5.7.8 refused"
        right = self.accounts.get(name) == password
        return AuthResult(success=right, handled=right, message=None if right else message)

    def of(self, recipient: str) -> list[str]:
        """Message-IDs of the mails that a recipient got, in order."""
        got = zip(self.mails, self.recipients, strict=True)
        return [str(mail["Message-ID"]) for mail, names in got if recipient in names]


@asynccontextmanager
async def smtp_server(
    sink: MailSink, *, port: int = 0, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """The port on which `sink` receives mail."""
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        with warnings.catch_warnings():
            # The server minds passwords in plain text, which here go to this machine only.
            warnings.simplefilter("ignore", UserWarning)
            return SMTP(
                sink,
                hostname="sink",
                tls_context=starttls,
                require_starttls=starttls is not None,
                authenticator=sink.authenticate,
                auth_required=bool(sink.accounts),
                auth_require_tls=False,
                loop=loop,
            )

    server = await loop.create_server(protocol, "127.0.0.1", port, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@dataclass
class Webhook:
    """An HTTP server: `replies` (status, body) in their turn, the last for ever; `texts` came with an accepted POST."""

    replies: Sequence[tuple[int, bytes]] = ((200, b"ok"),)
    headers: Sequence[str] = ()
    texts: list[str] = field(default_factory=list)
    payloads: list[dict[str, Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    address: str = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            named = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
            payload = json.loads(await reader.readexactly(int(named["content-length"])))
            status, body = self.replies[min(len(self.lines), len(self.replies) - 1)]
            self.lines.append(head[0])
            if 200 <= status < 300:
                self.payloads.append(payload)
                self.texts.append(payload["text"])
            lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *self.headers]
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def webhook_server(hook: Webhook, *, port: int = 0, secret: str = "T0/B0/canary") -> AsyncIterator[Webhook]:
    """`hook`, listening, with its address."""
    listener = await asyncio.start_server(hook.handle, "127.0.0.1", port)
    hook.address = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/services/{secret}"
    try:
        yield hook
    finally:
        listener.close()


@asynccontextmanager
async def silent_server(greeting: bytes = b"") -> AsyncIterator[int]:
    """The port of a server that says `greeting` and nothing more."""

    done = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended = asyncio.Event()
        done.append(ended)
        writer.write(greeting)
        with contextlib.suppress(ConnectionError):
            await reader.read()
        writer.close()
        ended.set()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
        for event in list(done):
            await event.wait()
