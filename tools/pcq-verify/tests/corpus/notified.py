"""Steps that notify: what their outputs must be, and outputs that no such step can have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import scenarios
import small
from keyring import digest_of
from maker import draft, redact, seal, step

from corpus.cases import Case

Json = Any

NOT_REPRODUCED = 4
FILE = {"file": "r3.pdf", "mediaType": "application/pdf", "digest": "sha256:" + "ab" * 32, "size": 1234}
INPUTS: Json = {"found": 3, "report": {**FILE, "engine": "typst"}}
SHOWN: Json = {
    "channel": "mail",
    "recipients": ["a@example.com", "b@example.com"],
    "subject": "3 entities",
    "attachments": [FILE["digest"]],
    "contentDigest": digest_of(
        {
            "channel": "mail",
            "recipients": ["a@example.com", "b@example.com"],
            "subject": "3 entities",
            "text": "Dear all,\n3 were found.",
            "attachments": [FILE],
        }
    ),
}
TELL: Json = {
    "stepId": "only",
    "type": "notify",
    "inputs": {"found": "3", "report": "{'engine': 'typst', " + str(FILE)[1:-1] + "}"},
    "channel": "mail",
    "to": ["b@example.com", "a@example.com"],
    "subject": "found & ' entities'",
    "text": "'Dear all,\n' & found & ' were found.'",
    "attachments": "report",
}


def valid_cases() -> Iterator[Case]:
    """What must be accepted."""
    yield Case("notify-mail", 0, "a mail with an artifact, to those that the step names", _told())
    yield Case("notify-default", 0, "a mail to the installation's own recipients", _told(to=None))
    outputs = {
        "channel": "slack",
        "recipients": [],
        "subject": "3 entities",
        "attachments": [],
        "contentDigest": digest_of(
            {"channel": "slack", "recipients": [], "subject": "3 entities", "text": "", "attachments": []}
        ),
    }
    slack = _told(outputs, channel="slack", to=None, text=None, attachments=None)
    yield Case("notify-slack", 0, "a Slack message of a subject alone", slack)
    hidden = redact(_told(), "only", "outputs", "recipients")
    yield Case("notify-redacted", 0, "the recipients hidden after sealing", hidden, options=("--profile", "disclosure"))


def attack_cases() -> Iterator[Case]:
    """What must not."""
    for name, desc, change in _LIES:
        yield _lie(name, desc, change)
    yield _lie("nobody", "a mail to the installation's own recipients, who are none", _set(recipients=[]), to=None)
    yield _lie("unsorted", "own recipients in another order", _set(recipients=SHOWN["recipients"][::-1]), to=None)
    yield _lie("no-artifact", "an attachment that is no artifact", _set(), attachments="found")
    yield _lie("subject-of-no-text", "a subject that is a number", _set(), subject="found")


def _set(**members: Json) -> Callable[[Json], None]:
    return lambda outputs: outputs.update(members)


_LIES: list[tuple[str, str, Callable[[Json], Any]]] = [
    ("recipient-more", "a recipient that the step does not name", lambda o: o["recipients"].append("c@example.com")),
    ("recipient-less", "one of the recipients left out", lambda o: o["recipients"].pop()),
    ("channel", "another channel", _set(channel="slack")),
    ("subject", "another subject than the expression gives", _set(subject="4 entities")),
    ("attachment-other", "another artifact", _set(attachments=["sha256:" + "cd" * 32])),
    ("attachment-none", "the attachment left out", _set(attachments=[])),
    ("content", "a digest of another text", _set(contentDigest=digest_of("another"))),
    ("time", "outputs that tell a time", _set(sentAt="2026-02-03T04:05:06Z")),
]


def _lie(name: str, desc: str, change: Callable[[Json], Any], **members: Json) -> Case:
    outputs = {**SHOWN, "recipients": list(SHOWN["recipients"])}
    change(outputs)
    return Case(f"notify-{name}", NOT_REPRODUCED, desc, _told(outputs, **members))


def _told(outputs: Json = None, **members: Json) -> Json:
    only = {name: value for name, value in {**TELL, **members}.items() if value is not None}
    definition = {**small.runbook({}), "steps": [only]}
    return seal(draft(definition, [step("only", "done", INPUTS, outputs or SHOWN, [], [])], scenarios.documents()))
