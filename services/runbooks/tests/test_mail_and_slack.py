"""Both channels against real servers on loopback: every way to refuse has its error, and no secret is in any."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import ipaddress
import json
import logging
import ssl
import traceback
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from runbooks.adapters.mail import SmtpMailer, parse_mail_server
from runbooks.adapters.slack import SlackChat
from runbooks.errors import PermanentPortError, PortError, RunbooksError, SettingsError, TransientPortError
from runbooks.notices import ChatMessage, MailMessage, chat_of, mail_of
from runbooks.service import open_notifier
from runbooks.settings import load_settings

from services.runbooks.tests.receivers import MailSink, Webhook, notice, silent_server, smtp_server, webhook_server

PASSWORD = "canary-Passw0rd"
SECRET = "T0/B0/canary-webhook"
TO = ("o@example.com", "p@example.com")


def mail(*recipients: str) -> MailMessage:
    return mail_of(notice(), log_origin="local", sender="runbooks@example.com", recipients=recipients or TO)


def chat() -> ChatMessage:
    return chat_of(notice(), log_origin="local")


def mailer(port: int, scheme: str = "smtp", *, user: str = "", password: str = "", wait: float = 5.0) -> SmtpMailer:
    server = parse_mail_server(f"{scheme}://127.0.0.1:{port}", user, password)
    return SmtpMailer(server, wait=wait, total=3 * wait)


async def failure(sending: Awaitable[None]) -> PortError:
    with pytest.raises(PortError) as caught:
        await sending
    return caught.value


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for 127.0.0.1 that signs itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sink")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "sink.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def serving_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_a_mail_goes_over_tls_with_an_account(
    scheme: str, serving_tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    sink = MailSink(accounts={"runbooks": PASSWORD})
    tls, starttls = (serving_tls, None) if scheme == "smtps" else (None, serving_tls)
    async with smtp_server(sink, tls=tls, starttls=starttls) as port:
        await mailer(port, scheme, user="runbooks", password=PASSWORD).send(mail())
    assert sink.recipients == [list(TO)]


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_a_certificate_that_nobody_vouches_for_is_not_taken(scheme: str, serving_tls: ssl.SSLContext) -> None:
    sink = MailSink()
    tls, starttls = (serving_tls, None) if scheme == "smtps" else (None, serving_tls)
    async with smtp_server(sink, tls=tls, starttls=starttls) as port:
        error = await failure(mailer(port, scheme).send(mail()))
    assert isinstance(error, TransientPortError)
    assert error.code == "mail.tls"
    assert sink.mails == []


async def test_a_server_without_starttls_gets_no_mail_in_plain_text() -> None:
    sink = MailSink()
    async with smtp_server(sink) as port:
        error = await failure(mailer(port, "smtp+starttls").send(mail()))
    assert isinstance(error, TransientPortError)
    assert error.code == "mail.unsupported"
    assert sink.mails == []


@pytest.mark.parametrize(
    ("sink", "kind", "code"),
    [
        (MailSink(replies=["450 later"]), TransientPortError, "mail.deferred"),
        (MailSink(replies=["550 no"]), PermanentPortError, "mail.refused"),
        (MailSink(replies=["550 no", "450 later"]), TransientPortError, "mail.deferred"),
        (MailSink(replies=["250 OK", "450 later"]), TransientPortError, "mail.deferred"),
        (MailSink(replies=["250 OK", "550 no"]), PermanentPortError, "mail.refused"),
        (MailSink(data_reply="451 full"), TransientPortError, "mail.deferred"),
        (MailSink(data_reply="554 spam"), PermanentPortError, "mail.refused"),
        (MailSink(accounts={"runbooks": "other"}), PermanentPortError, "mail.refused"),
    ],
)
async def test_a_reply_4xx_is_transient_and_5xx_permanent(sink: MailSink, kind: type[PortError], code: str) -> None:
    user, password = ("runbooks", PASSWORD) if sink.accounts else ("", "")
    async with smtp_server(sink) as port:
        error = await failure(mailer(port, user=user, password=password).send(mail()))
    assert type(error) is kind
    assert error.code == code
    assert f"127.0.0.1:{port}: replied" in str(error)


@pytest.mark.parametrize(
    ("greeting", "kind"), [(b"421 busy\r\n", TransientPortError), (b"554 no service\r\n", PermanentPortError)]
)
async def test_a_server_that_greets_with_a_refusal_is_taken_at_its_word(greeting: bytes, kind: type[PortError]) -> None:
    async with silent_server(greeting) as port:
        assert type(await failure(mailer(port).send(mail()))) is kind


async def test_servers_that_say_nothing_are_left_in_time() -> None:
    async with silent_server() as port:
        mailing = await failure(mailer(port, wait=0.2).send(mail()))
        posting = await failure(SlackChat(f"http://127.0.0.1:{port}/x", seconds=0.2).post(chat()))
    assert (mailing.code, posting.code) == ("mail.timeout", "chat.timeout")
    assert isinstance(mailing, TransientPortError)
    assert isinstance(posting, TransientPortError)


async def test_a_mail_server_that_drips_is_left_when_the_time_for_all_is_over() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        try:
            while True:
                writer.write(b"220-wait\r\n")
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            writer.close()

    listener = await asyncio.start_server(drip, "127.0.0.1", 0)
    server = parse_mail_server(f"smtp://127.0.0.1:{listener.sockets[0].getsockname()[1]}")
    try:
        error = await failure(SmtpMailer(server, wait=30, total=0.3).send(mail()))
    finally:
        listener.close()
    assert error.code == "mail.timeout"


async def test_servers_that_are_not_there_are_unreachable() -> None:
    async with silent_server() as port:
        pass
    assert (await failure(mailer(port).send(mail()))).code == "mail.unreachable"
    assert (await failure(SlackChat(f"http://127.0.0.1:{port}/x").post(chat()))).code == "chat.unreachable"


async def test_a_post_forbids_slack_to_format_to_link_and_to_fetch() -> None:
    async with webhook_server(Webhook()) as hook:
        slack = SlackChat(hook.address)
        await slack.post(ChatMessage("<1@x>", "&lt;!channel&gt;"))
        await slack.close()
    off = dict.fromkeys(("mrkdwn", "link_names", "unfurl_links", "unfurl_media"), False)
    assert hook.payloads == [{"text": "&lt;!channel&gt;", **off}]


async def test_a_part_of_the_address_is_not_taken_for_slacks_word() -> None:
    async with webhook_server(Webhook(replies=[(404, b"hush_hush"), (404, b"no_team")]), secret="hush_hush") as hook:
        slack = SlackChat(hook.address)
        errors = [str(await failure(slack.post(chat()))) for _ in range(2)]
    assert errors == [
        "slack: answered HTTP 404; check the webhook",
        "slack: answered HTTP 404: no_team; check the webhook",
    ]


async def test_a_redirect_of_the_webhook_is_not_followed() -> None:
    async with webhook_server(Webhook()) as target:
        redirect = Webhook(replies=[(307, b"")], headers=[f"Location: {target.address}"])
        async with webhook_server(redirect):
            error = await failure(SlackChat(redirect.address).post(chat()))
    assert isinstance(error, PermanentPortError)
    assert target.lines == []


async def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with webhook_server(Webhook()) as proxy, webhook_server(Webhook()) as hook:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.address.rpartition("/services")[0])
        await SlackChat(hook.address).post(chat())
    assert (len(hook.lines), len(proxy.lines)) == (1, 0)


async def test_an_answer_without_an_end_does_not_fill_the_memory() -> None:
    async with webhook_server(Webhook(replies=[(500, b"a" * 10_000_000)])) as hook:
        error = await failure(SlackChat(hook.address).post(chat()))
    assert str(error) == "slack: answered HTTP 500"


@pytest.mark.parametrize(
    "address",
    [
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp://user:secret@mail.example.com",
        "smtp://mail.example.com/path",
        "smtp://mail.example.com:port",
        "smtp://user:secret",
        "smtps:/user:secret@mail.example.com",
    ],
)
def test_an_address_that_is_no_mail_server_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(SettingsError, match=r"^mail: ") as caught:
        parse_mail_server(address)
    assert "secret" not in str(caught.value)


def test_a_password_goes_over_tls_or_not_at_all() -> None:
    with pytest.raises(SettingsError, match="in plain text"):
        parse_mail_server("smtp://mail.example.com", "runbooks", PASSWORD)
    assert parse_mail_server("smtps://mail.example.com", "runbooks", PASSWORD).port == 465
    assert parse_mail_server("smtp+starttls://mail.example.com", "runbooks", PASSWORD).port == 587


@pytest.mark.parametrize(
    "address", ["", "no address", f"http://hooks.example.com/{SECRET}", f"ftp://x/{SECRET}", "https://"]
)
def test_a_webhook_has_an_address_over_tls_and_a_refusal_does_not_repeat_it(address: str) -> None:
    with pytest.raises(SettingsError) as caught:
        SlackChat(address)
    assert "canary" not in "".join(traceback.format_exception(caught.value))


type_of_trouble = Callable[[MailSink, Webhook], None]


def refusing(sink: MailSink, hook: Webhook) -> None:
    sink.accounts["runbooks"] = "other"
    hook.replies = [(404, f"no webhook {SECRET}".encode())]


def deferring(sink: MailSink, hook: Webhook) -> None:
    sink.replies = [f"450 {PASSWORD}"]
    hook.replies = [(500, SECRET.encode())]


def accepting(sink: MailSink, hook: Webhook) -> None:
    del sink, hook


@pytest.mark.parametrize("trouble", [refusing, deferring, accepting])
async def test_no_secret_is_in_a_log_a_report_an_error_or_the_outbox(
    trouble: type_of_trouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sink, hook = MailSink(accounts={"runbooks": PASSWORD}, echoes=True), Webhook()
    trouble(sink, hook)
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(smtp_server(sink))
        await stack.enter_async_context(webhook_server(hook, secret=SECRET))
        monkeypatch.setenv("MAIL_SECRET", PASSWORD)
        (tmp_path / "webhook").write_text(hook.address + "\n")
        home = tmp_path / "home"
        home.mkdir()
        values = {
            "mail": f"smtp://127.0.0.1:{port}",
            "mail_user": "runbooks",
            "mail_password": "env:MAIL_SECRET",
            "mail_sender": "runbooks@example.com",
            "mail_recipients": ["o@example.com"],
            "slack": f"file:{tmp_path / 'webhook'}",
        }
        (home / "settings.json").write_text(json.dumps(values))
        async with open_notifier(load_settings(home)) as notifier:
            await notifier.announce([notice()], 1)
            report = await notifier.deliver()
            errors = [repr(item) for item in (report, notifier)]
    assert len(report.sent) == (2 if trouble is accepting else 0)
    records = [f"{record.getMessage()} {record.__dict__}" for record in caplog.records if ours(record)]
    stored = b"".join(path.read_bytes() for path in home.glob("outbox*")).decode("latin-1")
    for text in (*errors, *records, stored):
        for secret in (PASSWORD, base64.b64encode(PASSWORD.encode()).decode(), SECRET, "canary"):
            assert secret not in text


def ours(record: logging.LogRecord) -> bool:
    """The mail server of the test logs what it is told."""
    return not record.name.startswith("mail")


@pytest.mark.parametrize("reply", [f"no {PASSWORD}", base64.b64encode(f"\0runbooks\0{PASSWORD}".encode()).decode()])
async def test_an_error_and_its_causes_never_show_the_password(reply: str) -> None:
    sink = MailSink(accounts={"runbooks": PASSWORD}, replies=[f"550 {reply}"])
    async with smtp_server(sink) as port:
        error = await failure(mailer(port, user="runbooks", password=PASSWORD).send(mail()))
    shown = "".join(traceback.format_exception(error))
    assert "(its reply holds the password)" in shown
    assert PASSWORD not in shown
    assert reply not in shown


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"mail": "smtp://h"}, "expected bare addresses"),
        ({"mail": "smtp://h", "mail_sender": "r@example.com"}, "nobody is named"),
        ({"mail": "smtp://h", "mail_sender": "r@x.org", "mail_recipients": ["A <a@x.org>"]}, "expected bare addresses"),
        ({"mail_recipients": "a@example.com"}, "must be list, got str"),
        ({"mail_recipients": [1]}, "must be a list of texts"),
        ({"slack": "https://hooks.example.com/canary"}, "must be a reference"),
        ({"slack": "env:RUNBOOKS_NO_SUCH_VARIABLE"}, "which is not set"),
    ],
)
async def test_settings_that_cannot_notify_are_refused(values: dict[str, object], message: str, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text(json.dumps(values))
    with pytest.raises(RunbooksError, match=message) as caught:
        async with open_notifier(load_settings(tmp_path)):
            pass
    assert isinstance(caught.value, SettingsError)
    assert "canary" not in str(caught.value)
