"""Steps that notify, against a real SMTP server and a real webhook: what arrives, what is refused, what is proved."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from pcq_verify import verify
from runbooks.adapters.mail import SmtpMailer, parse_mail_server, to_bytes
from runbooks.adapters.outbox import SqliteOutbox
from runbooks.adapters.slack import SlackChat
from runbooks.artifacts import Artifact
from runbooks.canonical import digest, digest_of, dumps
from runbooks.errors import DefinitionError
from runbooks.execution import Execution
from runbooks.manifest import PCQManifestBuilder
from runbooks.notices import MailMessage

from services.runbooks.tests.receivers import MailSink, Webhook, content, smtp_server, webhook_server
from services.runbooks.tests.simulator import SALT_KEY, GraphSimulator, World, define, step

PDF = b"%PDF-1.7 \x00\xff not really \r\n.\r\n"
FILE = {"file": "report.pdf", "mediaType": "application/pdf", "digest": digest(PDF), "size": len(PDF)}
ROWS = "MATCH (n) RETURN n.name AS name, n.pdf AS pdf"
DATA = [{"name": "Añn\r\nBcc: x@evil.example", "pdf": FILE}]


def notifying(**members: Any) -> Any:
    told = {
        "channel": "mail",
        "to": ["b@example.com", "a@example.com"],
        "subject": "'Found ' & $count(rows)",
        "text": "'Dear all,\n.\nFrom ' & rows[0].name",
        "attachments": "rows.pdf",
    }
    wanted = {name: value for name, value in {**told, **members}.items() if value is not None}
    find = step("find", "query", dependsOn=[], cypher=ROWS)
    return define(find, step("tell", "notify", inputs={"rows": "steps.find"}, **wanted), runbookId="R3")


def prepared(home: Path, port: int | None = None, **members: Any) -> World:
    mailer = SmtpMailer(parse_mail_server(f"smtp://127.0.0.1:{port}"), wait=5, total=10) if port else None
    world = World(
        home, graph=GraphSimulator({ROWS: [DATA]}), **{"mailer": mailer, "mail_allowed": ("example.com",), **members}
    )
    world.ports().artifacts.put(PDF)
    return world


async def run(world: World, **members: Any) -> Execution:
    return await world.runner().execute(notifying(**members), {}, executed_by="ann")


def told(execution: Execution) -> tuple[str, str, int]:
    """Code and message of the step's last error, and after how many attempts."""
    found = execution.steps["tell"]
    assert found.outcome == "failed"
    error = found.attempts[-1]["error"]
    return error["code"], error["message"], len(found.attempts)


def states(world: World) -> list[str]:
    outbox = SqliteOutbox(world.home / "outbox.sqlite", of_steps=True)
    found = [row[0] for row in outbox._connection.execute("SELECT state FROM step_messages")]
    outbox.close()
    return found


async def test_a_mail_goes_to_all_with_the_artifact_and_the_outputs_say_so(tmp_path: Path) -> None:
    sink = MailSink()
    async with smtp_server(sink) as port:
        world = prepared(tmp_path, port)
        execution = await run(world)
    assert sink.recipients == [["a@example.com", "b@example.com"]]
    [mail] = sink.mails
    assert (mail["Subject"], mail["Bcc"], mail["From"]) == ("Found 1", None, "runbooks@example.com")
    body, attached = mail.iter_parts()
    assert isinstance(body, EmailMessage)
    text = content(body)
    assert text.startswith("Dear all,\n.\nFrom Añn\nBcc: x@evil.example\n\n-- \nRunbook R3 1, execution R3-0001-")
    assert (attached.get_filename(), attached.get_content_type(), attached.get_content()) == (
        "report.pdf",
        "application/pdf",
        PDF,
    )
    shown: dict[str, Any] = {"channel": "mail", "recipients": ["a@example.com", "b@example.com"], "subject": "Found 1"}
    said = {**shown, "text": "Dear all,\n.\nFrom " + DATA[0]["name"], "attachments": [FILE]}
    outputs = {**shown, "attachments": [FILE["digest"]], "contentDigest": digest_of(said)}
    assert execution.steps["tell"].outputs == outputs
    manifest = dumps(PCQManifestBuilder(execution, SALT_KEY).build())
    assert verify(manifest, world.trust()).exit_code == 0
    replayed = await world.runner().replay(execution.started.execution_id if execution.started else "")
    assert replayed.is_identical


async def test_the_same_data_give_the_same_outputs_in_another_execution_and_another_message(tmp_path: Path) -> None:
    sink = MailSink()
    async with smtp_server(sink) as port:
        world = prepared(tmp_path, port)
        first, second = await run(world), await run(world)
    assert first.steps["tell"].outputs == second.steps["tell"].outputs
    assert len({str(mail["Message-ID"]) for mail in sink.mails}) == 2


async def test_without_names_it_goes_to_those_of_the_installation(tmp_path: Path) -> None:
    sink = MailSink()
    async with smtp_server(sink) as port:
        world = prepared(tmp_path, port, mail_recipients=("z@elsewhere.example", "a@example.com"), mail_allowed=())
        execution = await run(world, to=None, attachments=None, text=None)
    assert sink.recipients == [["a@example.com", "z@elsewhere.example"]]
    assert content(sink.mails[0]).startswith("-- \nRunbook R3 1, execution R3-")
    assert execution.steps["tell"].outputs["recipients"] == ["a@example.com", "z@elsewhere.example"]
    assert verify(dumps(PCQManifestBuilder(execution, SALT_KEY).build()), world.trust()).exit_code == 0


@pytest.mark.parametrize(
    ("allowed", "to", "is_allowed"),
    [
        (("example.com",), "a@EXAMPLE.com", True),
        (("A@example.com",), "a@example.com", True),
        (("a@example.com",), "b@example.com", False),
        (("example.com",), "a@sub.example.com", False),
        (("example.com",), "a@notexample.com", False),
        ((), "a@example.com", False),
    ],
)
async def test_mail_goes_nowhere_but_where_the_installation_lets_it(
    tmp_path: Path, allowed: tuple[str, ...], to: str, is_allowed: bool
) -> None:
    sink = MailSink()
    async with smtp_server(sink) as port:
        world = prepared(tmp_path, port, mail_allowed=allowed)
        execution = await run(world, to=["ombuds@example.com", to] if is_allowed and len(allowed[0]) == 11 else [to])
    if is_allowed:
        assert execution.outcome == "completed"
        assert len(sink.mails) == 1
        return
    code, message, attempts = told(execution)
    assert (code, attempts) == ("notify.not_allowed", 1)
    assert to in message
    assert "mail_allowed" in message
    assert (sink.mails, states(world)) == ([], [])


async def test_a_server_that_defers_gets_the_same_message_again(tmp_path: Path) -> None:
    sink = MailSink(replies=["450 later", "250 OK", "451 greylisted", "250 OK"])
    async with smtp_server(sink) as port:
        world = prepared(tmp_path, port)
        execution = await run(world)
    # Twice one of the two was refused, so nobody got it; the third time both do.
    assert [item["error"] and item["error"]["code"] for item in execution.steps["tell"].attempts] == [
        "mail.deferred",
        "mail.deferred",
        None,
    ]
    assert sink.recipients == [["a@example.com", "b@example.com"]]
    assert (world.clock.slept, states(world)) == ([2, 4], ["sent"])


@pytest.mark.parametrize("replies", [["550 no"], ["250 OK", "550 no"]])
async def test_a_refusal_for_good_fails_the_step_and_sends_nothing_to_anybody(
    tmp_path: Path, replies: list[str]
) -> None:
    sink = MailSink(replies=replies)
    async with smtp_server(sink) as port:
        world = prepared(tmp_path, port)
        execution = await run(world)
    assert told(execution)[::2] == ("mail.refused", 1)
    assert (sink.mails, states(world)) == ([], ["dead"])


async def test_a_server_that_is_down_is_tried_again_and_fails_the_step(tmp_path: Path) -> None:
    async with smtp_server(MailSink()) as port:
        pass
    world = prepared(tmp_path, port)
    assert told(await run(world))[::2] == ("mail.unreachable", 3)


async def test_a_step_that_failed_is_not_told_later_by_anybody_else(tmp_path: Path) -> None:
    async with smtp_server(MailSink()) as port:
        pass
    world = prepared(tmp_path, port)
    await run(world)
    others = SqliteOutbox(tmp_path / "outbox.sqlite")
    assert (others.pending(), others.dead(), states(world)) == ([], [], ["pending"])
    others.close()


@pytest.mark.parametrize("channel", ["mail", "slack"])
async def test_a_channel_that_is_off_is_said_with_its_setting(tmp_path: Path, channel: str) -> None:
    members = {"to": None, "attachments": None} if channel == "slack" else {}
    code, message, attempts = told(await run(prepared(tmp_path), channel=channel, **members))
    assert (code, attempts) == ("notify.no_channel", 1)
    assert f"set `{channel}` in settings.json" in message


async def test_slack_gets_subject_and_text_as_they_are(tmp_path: Path) -> None:
    async with webhook_server(Webhook()) as hook:
        chat = SlackChat(hook.address)
        world = prepared(tmp_path, chat=chat)
        execution = await run(world, channel="slack", to=None, attachments=None, text="'<!channel> & all'")
        await chat.close()
    [text] = hook.texts
    assert text.startswith("Found 1\n&lt;!channel&gt; &amp; all\n\n-- \nRunbook R3 1, ")
    outputs = execution.steps["tell"].outputs
    assert (outputs["channel"], outputs["recipients"], outputs["attachments"]) == ("slack", [], [])
    assert verify(dumps(PCQManifestBuilder(execution, SALT_KEY).build()), world.trust()).exit_code == 0


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "line break in the subject": ({"subject": "'a\r\nBcc: x@evil.example'"}, "notify.subject"),
    "line separator": ({"subject": "'a\u2028b'"}, "notify.subject"),
    "name with a line break": ({"subject": "rows[0].name"}, "notify.subject"),
    "text turned around": ({"subject": "'a\u202eb'"}, "notify.subject"),
    "empty subject": ({"subject": "' '"}, "notify.subject"),
    "no text": ({"subject": "1"}, "notify.subject"),
    "no result": ({"subject": "nothing"}, "notify.subject"),
    "long subject": ({"subject": "$pad('a', 201)"}, "notify.subject"),
    "text is none": ({"text": "[1]"}, "notify.text"),
    "long text": ({"text": "$pad('a', 100001)"}, "notify.text"),
    "no artifact": ({"attachments": "'report.pdf'"}, "artifact.invalid"),
    "no digest": ({"attachments": "{'file': 'a', 'mediaType': 'text/csv', 'size': 1}"}, "artifact.invalid"),
    "file name of a path": ({"attachments": "$merge([rows[0].pdf, {'file': '../x'}])"}, "artifact.invalid"),
    "media type of a mail": (
        {"attachments": "$merge([rows[0].pdf, {'mediaType': 'message/rfc822'}])"},
        "artifact.invalid",
    ),
    "nothing": ({"attachments": "nothing"}, "artifact.invalid"),
    "twice the same name": ({"attachments": "[rows[0].pdf, rows[0].pdf]"}, "notify.attachments"),
    "too large": ({"attachments": "$merge([rows[0].pdf, {'size': 10485761}])"}, "notify.attachments"),
    "other size": ({"attachments": "$merge([rows[0].pdf, {'size': 3}])"}, "notify.attachments"),
    "too many": ({"attachments": "[1..21]"}, "notify.attachments"),
    "unknown bytes": ({"attachments": f"$merge([rows[0].pdf, {{'digest': '{digest(b'x')}'}}])"}, "blob.read"),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_cannot_be_sent_fails_the_step_and_sends_nothing(tmp_path: Path, name: str) -> None:
    members, code = BAD[name]
    sink = MailSink()
    async with smtp_server(sink) as port:
        execution = await run(prepared(tmp_path, port), **members)
    assert told(execution)[::2] == (code, 1)
    assert (sink.mails, sink.asked) == ([], 0)


@pytest.mark.parametrize(
    ("members", "code", "where"),
    [
        ({"to": ["Ann <a@example.com>"]}, "definition.shape", "/steps/1/to/0"),
        ({"to": ["a@example.com\n"]}, "definition.shape", "/steps/1/to/0"),
        ({"to": []}, "definition.shape", "/steps/1/to"),
        ({"to": ["a@example.com"] * 2}, "definition.shape", "/steps/1/to"),
        ({"channel": "fax"}, "definition.shape", "/steps/1/channel"),
        ({"subject": None}, "definition.shape", "/steps/1"),
        ({"subject": "$now()"}, "expression.refused", "/steps/1/subject"),
        ({"channel": "slack", "attachments": None}, "definition.misfit", "/steps/1/to"),
        ({"channel": "slack", "to": None}, "definition.misfit", "/steps/1/attachments"),
    ],
)
def test_a_definition_that_could_never_send_is_refused(members: dict[str, Any], code: str, where: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        notifying(**members)
    assert [(item.code, item.pointer) for item in caught.value.problems] == [(code, where)]


def test_a_mail_is_the_same_bytes_whenever_it_is_built() -> None:
    artifact = Artifact("a.csv", "text/csv", digest(b"a,b\n"), 4)
    for attachments, contents in (((), ()), ((artifact,), (b"a,b\n",))):
        message = MailMessage(
            "<1@x.invalid>", "r@example.com", ("a@example.com",), "s", "t\n", "2026-03-01T12:00:00Z", attachments
        )
        assert len({to_bytes(message, contents) for _ in range(20)}) == 1
