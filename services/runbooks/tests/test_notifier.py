"""From a notice to its receivers, through real servers: at least once, whatever is down and whoever dies."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from runbooks.adapters.mail import SmtpMailer, parse_mail_server
from runbooks.adapters.outbox import SqliteOutbox
from runbooks.adapters.slack import SlackChat
from runbooks.errors import DataFolderError
from runbooks.notifier import DeliveryReport, Notifier
from runbooks.ports import Chat, Mailer

from services.runbooks.tests.receivers import MailSink, Webhook, content, notice, smtp_server, webhook_server
from services.runbooks.tests.simulator import ClockSimulator, Faults, Mortal, ProcessDied

RECIPIENTS = ("o@example.com", "p@example.com")
DAY = 86_400.0


@dataclass
class Office:
    """One installation's outbox and clock; `notifier` is what a new process has of them."""

    path: Path
    clock: ClockSimulator = field(default_factory=ClockSimulator)
    opened: list[SqliteOutbox] = field(default_factory=list)

    def outbox(self) -> SqliteOutbox:
        self.opened.append(SqliteOutbox(self.path / "outbox.sqlite"))
        return self.opened[-1]

    def notifier(
        self,
        mailer: Mailer | None,
        chat: Chat | None,
        *,
        recipients: Sequence[str] = RECIPIENTS,
        faults: Faults | None = None,
    ) -> Notifier:
        met = faults or Faults()
        return Notifier(
            Mortal(self.outbox(), "outbox", met),  # type: ignore[arg-type]
            mailer and Mortal(mailer, "mailer", met),  # type: ignore[arg-type]
            chat and Mortal(chat, "chat", met),  # type: ignore[arg-type]
            self.clock,
            sender="runbooks@example.com",
            recipients=recipients,
            log_origin="local",
        )


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    found = Office(tmp_path)
    yield found
    for outbox in found.opened:
        outbox.close()


def mailer(port: int) -> SmtpMailer:
    return SmtpMailer(parse_mail_server(f"smtp://127.0.0.1:{port}"))


def counts(report: DeliveryReport) -> tuple[int, int, int]:
    return len(report.sent), len(report.pending), len(report.dead)


def codes(report: DeliveryReport) -> set[str]:
    return {item.reason.rpartition("[")[2].rstrip("]") for item in (*report.pending, *report.dead)}


async def test_what_happened_reaches_every_recipient_and_the_channel_once(office: Office) -> None:
    sink, hook = MailSink(), Webhook()
    async with smtp_server(sink) as port, webhook_server(hook):
        notifier = office.notifier(mailer(port), SlackChat(hook.address))
        await notifier.announce([notice(), notice(sequence=2, decision="break-glass", approver="ann")], 7)
        assert counts(await notifier.deliver()) == (6, 0, 0)
        assert counts(await notifier.deliver()) == (0, 0, 0)
    assert notifier.cursor() == 7
    assert [mail["To"] for mail in sink.mails] == [*RECIPIENTS, *RECIPIENTS]
    assert [[mail["To"]] for mail in sink.mails] == sink.recipients
    assert "BREAK-GLASS" in sink.mails[2]["Subject"]
    assert "Decided by: ann\n" in content(sink.mails[2])
    assert ["BREAK-GLASS" in text for text in hook.texts] == [False, True]


async def test_the_same_notice_again_is_not_sent_again_and_the_cursor_never_goes_back(office: Office) -> None:
    sink = MailSink()
    async with smtp_server(sink) as port:
        for cursor in (5, 3):
            notifier = office.notifier(mailer(port), None)
            await notifier.announce([notice()], cursor)
            await notifier.deliver()
    assert len(sink.mails) == 2
    assert notifier.cursor() == 5


async def test_a_mail_server_that_comes_back_gets_each_mail_once(office: Office) -> None:
    sink = MailSink()
    async with smtp_server(sink) as port:
        pass
    notifier = office.notifier(mailer(port), None)
    await notifier.announce([notice()], 1)
    report = await notifier.deliver()
    assert counts(report) == (0, 2, 0)
    assert report.pending[0].reason.endswith("[mail.unreachable]")
    assert report.pending[1].reason == "not tried yet"  # the server is down for both
    await office.clock.sleep(2)
    async with smtp_server(sink, port=port):
        assert counts(await notifier.deliver()) == (2, 0, 0)
        await office.clock.sleep(DAY)
        assert counts(await notifier.deliver()) == (0, 0, 0)
    assert len(sink.of("o@example.com")) == len(sink.of("p@example.com")) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_slack_that_defers_is_asked_again_after_two_seconds(office: Office, status: int) -> None:
    hook = Webhook(replies=[(status, b"rate_limited"), (200, b"ok")])
    async with webhook_server(hook):
        notifier = office.notifier(None, SlackChat(hook.address))
        await notifier.announce([notice()], 1)
        report = await notifier.deliver()
        assert report.pending[0].reason == f"slack: answered HTTP {status}: rate_limited [chat.deferred]"
        await office.clock.sleep(1.9)
        await notifier.deliver()
        assert len(hook.lines) == 1
        await office.clock.sleep(0.1)
        assert counts(await notifier.deliver()) == (1, 0, 0)
    assert len(hook.texts) == 1


async def test_a_refused_recipient_is_dead_and_holds_up_nobody_else_until_it_is_tried_again(office: Office) -> None:
    sink = MailSink(replies=["550 5.1.1 no such user", "250 OK"])
    async with smtp_server(sink) as port:
        notifier = office.notifier(mailer(port), None)
        await notifier.announce([notice()], 1)
        report = await notifier.deliver()
        assert counts(report) == (1, 0, 1)
        assert "replied 550: recipient refused: 5.1.1 no such user [mail.refused]" in report.dead[0].reason
        await office.clock.sleep(DAY)
        assert counts(await notifier.deliver()) == (0, 0, 1)
        assert notifier.retry_dead() == 1
        assert counts(await notifier.deliver()) == (1, 0, 0)
    assert [len(sink.of(name)) for name in RECIPIENTS] == [1, 1]


@pytest.mark.parametrize("status", [301, 400, 403, 404, 410])
async def test_slack_that_refuses_is_asked_no_more(office: Office, status: int) -> None:
    hook = Webhook(replies=[(status, b"no_service")], headers=["Location: /elsewhere"])
    async with webhook_server(hook):
        notifier = office.notifier(None, SlackChat(hook.address))
        await notifier.announce([notice()], 1)
        for _ in range(2):
            report = await notifier.deliver()
            await office.clock.sleep(DAY)
    assert codes(report) == {"chat.refused"}
    assert counts(report) == (0, 0, 1)
    assert len(hook.lines) == 1


async def test_with_both_channels_down_nothing_is_lost(office: Office) -> None:
    sink, hook = MailSink(), Webhook()
    async with smtp_server(sink) as port, webhook_server(hook):
        pass
    notifier = office.notifier(mailer(port), SlackChat(hook.address))
    await notifier.announce([notice(sequence=number) for number in range(1, 5)], 4)
    for _ in range(6):
        assert counts(await notifier.deliver()) == (0, 12, 0)
        await office.clock.sleep(3600)
    async with smtp_server(sink, port=port), webhook_server(hook, port=int(hook.address.split(":")[2].split("/")[0])):
        assert counts(await office.notifier(mailer(port), SlackChat(hook.address)).deliver()) == (12, 0, 0)
    assert [len(sink.of(name)) for name in RECIPIENTS] == [4, 4]
    assert len(hook.texts) == 4


async def test_waits_double_up_to_an_hour_and_end_after_three_days(office: Office) -> None:
    sink = MailSink(replies=["450 later"])
    waits = []
    async with smtp_server(sink) as port:
        notifier = office.notifier(mailer(port), None, recipients=["o@example.com"])
        await notifier.announce([notice()], 1)
        start = moment(office)
        while (report := await notifier.deliver()).pending:
            before, due = moment(office), report.pending[0].next_at
            assert due is not None
            waits.append(seconds(due) - before)
            await office.clock.sleep(waits[-1])
    assert [round(wait) for wait in waits[:12]] == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600]
    assert {round(wait) for wait in waits[11:]} == {3600}
    assert 3 * DAY <= moment(office) - start < 3 * DAY + 3700
    assert report.dead[0].reason.endswith("recipient refused: later [mail.deferred]")


def seconds(time: str) -> float:
    from runbooks.evidence import instant

    return instant(time).timestamp()


def moment(office: Office) -> float:
    return seconds(office.clock.now())


async def test_a_death_between_acceptance_and_its_record_sends_twice_with_one_id(office: Office) -> None:
    sink, hook = MailSink(), Webhook()
    async with smtp_server(sink) as port, webhook_server(hook):
        await office.notifier(mailer(port), None, recipients=["o@example.com"]).announce([notice()], 1)
        with pytest.raises(ProcessDied):
            await office.notifier(DyingAfter(mailer(port)), None).deliver()  # type: ignore[arg-type]
        await office.clock.sleep(300)
        assert counts(await office.notifier(mailer(port), None).deliver()) == (1, 0, 0)
    first, second = sink.mails
    assert first.as_bytes() == second.as_bytes()


class DyingAfter:
    """A Mailer that sends, and the process is dead."""

    def __init__(self, real: SmtpMailer) -> None:
        self._real = real

    async def send(self, message: object) -> None:
        await self._real.send(message)  # type: ignore[arg-type]
        raise ProcessDied("after the mail was accepted")


async def test_whenever_the_process_dies_every_message_arrives_and_a_repeated_one_has_its_id(office: Office) -> None:
    announced = [notice(), notice(sequence=2, decision="approved")]
    at, ended = 0, False
    while not ended:
        sink, hook = MailSink(), Webhook()
        life = Office(office.path / str(at))
        async with smtp_server(sink) as port, webhook_server(hook):
            faults = Faults(at)
            try:
                mortal = life.notifier(mailer(port), SlackChat(hook.address), faults=faults)
                await mortal.announce(announced, mortal.cursor() + 2)
                await mortal.deliver()
                ended = True
            except ProcessDied:
                pass
            await life.clock.sleep(300)
            heir = life.notifier(mailer(port), SlackChat(hook.address))
            if heir.cursor() == 0:
                await heir.announce(announced, 2)
            assert counts(await heir.deliver())[1:] == (0, 0)
        assert heir.cursor() == 2
        for name in RECIPIENTS:
            assert len(set(sink.of(name))) == 2
            assert len(sink.of(name)) <= 3
        assert len(set(hook.texts)) == 2
        office.opened += life.opened
        at += 1
    assert at > 30


async def test_two_processes_that_deliver_at_once_send_each_message_once(office: Office) -> None:
    sink = MailSink()
    async with smtp_server(sink) as port:
        first, second = (office.notifier(mailer(port), None) for _ in range(2))
        await first.announce([notice(sequence=number) for number in range(1, 5)], 4)
        reports = await asyncio.gather(first.deliver(), second.deliver())
    assert sum(len(report.sent) for report in reports) == 8
    assert [len(sink.of(name)) for name in RECIPIENTS] == [4, 4]


async def test_a_channel_that_is_off_puts_nothing_and_what_was_put_before_waits(office: Office) -> None:
    hook = Webhook()
    async with webhook_server(hook):
        chat = SlackChat(hook.address)
        await office.notifier(None, chat).announce([notice()], 1)
        off = office.notifier(None, None)
        await off.announce([notice(sequence=2)], 2)
        report = await off.deliver()
        assert counts(report) == (0, 1, 0)
        assert report.pending[0].reason == "the channel slack is off in settings.json"
        assert counts(await office.notifier(None, chat).deliver()) == (1, 0, 0)


def test_an_outbox_that_cannot_be_opened_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFolderError, match="check that the folder is writable") as caught:
        SqliteOutbox(tmp_path / "file" / "outbox.sqlite")
    assert caught.value.code == "outbox.unusable"
