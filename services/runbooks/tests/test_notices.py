"""The texts: complete, the same each time, and whatever people wrote stays text."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from typing import cast, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runbooks.adapters.mail import to_bytes
from runbooks.errors import PermanentPortError
from runbooks.notices import ChatMessage, Decision, MailMessage, ReviewNotice, chat_of, is_address, mail_of

from services.runbooks.tests.receivers import STRICT, content, notice

HEADERS = [
    "Subject",
    "From",
    "To",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
]
HOSTILE = [
    "{{7*7}}",
    "${x}",
    "{0.__class__}",
    "%s %(name)s %n",
    "<script>alert(1)</script>",
    "<!channel> <!here> <@U1> <https://example.com|click>",
    "&lt; & &amp;",
    "\u202egnp.exe\u202c \u200f\u05d0",
    "👩‍👩‍👧 🔥",
    "a" * 4_000,
]


def mail(found: ReviewNotice, *recipients: str) -> MailMessage:
    return mail_of(
        found, log_origin="local", sender="runbooks@example.com", recipients=recipients or ("o@example.com",)
    )


def chat(found: ReviewNotice) -> ChatMessage:
    return chat_of(found, log_origin="local")


def parsed(message: MailMessage) -> EmailMessage:
    return cast("EmailMessage", message_from_bytes(to_bytes(message), policy=STRICT))


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def test_a_mail_says_what_where_why_by_whom_until_when_and_what_next() -> None:
    found = parsed(mail(notice(approver="ann", decision="rejected", sequence=2)))
    assert found.keys() == HEADERS
    assert found["Subject"] == "[R1-0001-a3f9c2] review rejected, risk high: approval"
    assert found["Date"] == "Sun, 01 Mar 2026 12:00:00 +0000"
    assert content(found) == (
        "The review was rejected.\n\nDecision: rejected (number 2 of this review)\nRequirement: approval\nRisk: high\n"
        "Execution: R1-0001-a3f9c2\nRunbook: R1\nStep: export\nInstallation: local\nRequested by: analyst\n"
        "Assigned to: ombuds, lead\nDecided by: ann\nDecide until: 2026-03-02T12:00:00.000000Z\n"
        "Recorded at: 2026-03-01T12:00:00.000000Z\nReason:\n| 204 of 208 are complete\n\n"
        "Next, to see all of it: runbooks reviews show rev-1\n"
    )


@pytest.mark.parametrize("decision", get_args(Decision))
def test_every_decision_has_its_words_and_break_glass_alone_its_alarm(decision: Decision) -> None:
    found = notice(decision=decision)
    for text in (mail(found).subject + mail(found).body, chat(found).text):
        assert f"review {decision}, risk high" in text
        assert ("BREAK-GLASS" in text) == (decision == "break-glass")


def test_the_same_notice_gives_the_same_bytes() -> None:
    assert to_bytes(mail(notice())) == to_bytes(mail(notice()))
    assert chat(notice()) == chat(notice())


def test_every_part_of_its_name_makes_another_message() -> None:
    found = notice()
    named = [
        mail(found),
        mail(found, "p@example.com"),
        mail(found, "o@example.com", "p@example.com"),
        mail(replace(found, execution_id="R1-2")),
        mail(replace(found, review_id="rev-2")),
        mail(replace(found, sequence=2)),
        mail_of(found, log_origin="other", sender="runbooks@example.com", recipients=("o@example.com",)),
        chat(found),
    ]
    assert len({message.message_id for message in named}) == len(named)
    assert mail(replace(found, reason="said otherwise")).message_id == mail(found).message_id


@pytest.mark.parametrize("payload", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_stays_literal_in_both_channels(payload: str) -> None:
    found = notice(reason=payload, requester=payload[:100])
    body = content(parsed(mail(found)))
    text = chat(found).text
    for read in (body, unescaped(text)):
        assert f"\n| {payload}\n" in read
        assert f"\nRequested by: {payload[:100]}\n" in read
    assert not set("<>") & set(text)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"])
def test_a_line_break_begins_neither_a_header_nor_a_line_like_ours(end: str) -> None:
    evil = f"x{end}Bcc: evil@example.com{end}{end}Decided by: the chief{end}.{end}QUIT"
    members = dict.fromkeys(("execution_id", "runbook_id", "review_id", "requirement", "step_id", "reason"), evil)
    found = notice(**members, approver=evil, requester=evil, assigned_to=(evil, evil))
    message = parsed(mail(found))
    assert message.keys() == HEADERS
    assert message["To"] == "o@example.com"
    lines = [*content(message).splitlines(), *chat(found).text.splitlines()]
    assert not [line for line in lines if line.startswith(("Bcc:", "Decided by: the", ".", "QUIT"))]
    assert "| Decided by: the chief" in lines


def test_a_review_id_is_quoted_in_the_command_that_a_person_copies() -> None:
    assert mail(notice(review_id="a; rm -rf ~")).body.endswith("runbooks reviews show 'a; rm -rf ~'\n")


def test_a_subject_is_short_and_keeps_its_direction() -> None:
    subject = mail(notice(requirement="four_eyes/\u202e" + "x" * 400)).subject
    assert len(subject) <= 120
    assert "\u202e" not in subject


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_makes_a_mail_that_a_strict_reader_takes(name: str, reason: str) -> None:
    message = mail(notice(execution_id=name, requirement=name, requester=name, reason=reason))
    found = parsed(message)
    assert found.keys() == HEADERS
    assert content(found) == message.body
    assert str(found["Message-ID"]) == message.message_id
    assert str(found["Subject"]).split() == message.subject.split()


def test_what_looks_like_an_encoded_word_is_not_decoded() -> None:
    word = "=?utf-8?q?=E2=80=AEapproved?="
    assert str(parsed(mail(notice(requirement=word)))["Subject"]).endswith(f": {word}")


@pytest.mark.parametrize("subject", ["a\r\nBcc: evil@example.com", "a\nb"])
def test_a_message_that_was_tampered_with_is_not_written(subject: str) -> None:
    with pytest.raises(PermanentPortError) as caught:
        to_bytes(replace(mail(notice()), subject=subject))
    assert caught.value.code == "mail.malformed"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("ombuds@example.com", True),
        ("a.b+c@mail.example.com", True),
        ("ombuds@localhost", True),
        ("Ombuds <ombuds@example.com>", False),
        ("ombuds@example.com\r\nBcc: x@example.com", False),
        ("ombuds@example.com\n", False),
        ("a@b,c@d", False),
        ("a b@example.com", False),
        ("@example.com", False),
        ("ombuds", False),
        ("", False),
    ],
)
def test_an_address_is_bare(text: str, right: bool) -> None:
    assert is_address(text) is right
