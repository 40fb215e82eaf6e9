"""R3 goes to its stakeholders over a real SMTP server: the report attached, once; and the server refuses."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest

from services.runbooks.tests.endtoend.conftest import Ended, Proof, export, pcq_verify, runbooks
from services.runbooks.tests.receivers import MailSink, content, smtp_server

pytestmark = pytest.mark.real

STAKEHOLDERS = ["desk@example.com", "lead@example.com"]


def office(demo_home: Path, folder: Path, port: int) -> Path:
    """The demo's data folder with a mail server of its own."""
    home = folder / "home"
    shutil.copytree(demo_home, home)
    path = home / "settings.json"
    known = json.loads(path.read_bytes()) if path.exists() else {}
    mail = {"mail": f"smtp://127.0.0.1:{port}", "mail_sender": "r@example.com", "mail_recipients": STAKEHOLDERS}
    path.write_text(json.dumps({**known, **mail}))
    return home


async def run(home: Path, *arguments: str) -> Ended:
    return await asyncio.to_thread(runbooks, home, "run", "R3", "--input", "notify=true", *arguments)


async def test_the_stakeholders_get_the_report_that_the_proof_names(demo_home: Path, tmp_path: Path) -> None:
    sink = MailSink()
    async with smtp_server(sink) as port:
        home = office(demo_home, tmp_path, port)
        ended = await run(home)
        assert ended.code == 0, ended.out + ended.err
        proof: Proof = await asyncio.to_thread(export, home)
        [mail] = sink.mails
        assert sorted(sink.recipients[0]) == STAKEHOLDERS
        assert mail["Subject"] == "Weekly report: week 9 of 2021 (1 to 7 March 2021)"
        assert "Documents dated in week 9 of 2021" in content(mail.get_body())  # type: ignore[arg-type]
        [attached] = mail.iter_attachments()
        [made] = (home / "exports" / proof.execution_id).rglob("weekly-report.pdf")
        assert (attached.get_filename(), attached.get_content()) == ("weekly-report.pdf", made.read_bytes())
        outputs = proof.step("notify-stakeholders")["attestation"]["outputs"]
        assert outputs["recipients"] == STAKEHOLDERS
        assert outputs["attachments"] == [proof.step("report")["attestation"]["outputs"]["digest"]]
        assert (await asyncio.to_thread(pcq_verify, proof)).code == 0
        again = await asyncio.to_thread(runbooks, home, "replay", "last")
        assert again.code == 0, again.out
        assert len(sink.mails) == 1, "a replay sends nothing"


async def test_a_server_that_refuses_fails_the_step_and_nobody_gets_a_part(demo_home: Path, tmp_path: Path) -> None:
    sink = MailSink(replies=("250 OK", "550 no such user"))
    async with smtp_server(sink) as port:
        home = office(demo_home, tmp_path, port)
        ended = await run(home)
        assert ended.code == 4, ended.out
        assert "mail.refused" in ended.out
        assert sink.mails == []
        assert list((home / "exports").rglob("weekly-report.pdf")), "what was exported before stays"
        proof: Proof = await asyncio.to_thread(export, home)
        assert proof.manifest["outcome"] == "failed"
        assert (await asyncio.to_thread(pcq_verify, proof)).code == 0
