"""`runbooks notify` as a timer would call it: what it prints, and its exit code."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
from runbooks.service import open_notifier
from runbooks.settings import load_settings

from services.runbooks.tests.receivers import MailSink, notice, smtp_server

RUNBOOKS = Path(sys.executable).parent / "runbooks"


async def notify(home: Path, *options: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        RUNBOOKS, "notify", "--home", home, *options, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    return process.returncode, (out + err).decode()


async def test_it_delivers_what_is_due_and_ends_with_1_while_something_is_dead(tmp_path: Path) -> None:
    sink = MailSink(replies=["550 no such user", "250 OK"])
    async with smtp_server(sink) as port:
        values = {
            "mail": f"smtp://127.0.0.1:{port}",
            "mail_sender": "runbooks@example.com",
            "mail_recipients": ["o@example.com", "p@example.com"],
        }
        (tmp_path / "settings.json").write_text(json.dumps(values))
        async with open_notifier(load_settings(tmp_path)) as notifier:
            await notifier.announce([notice()], 1)
        code, out = await notify(tmp_path)
        assert code == 1
        assert out.startswith("sent 1, pending 0, dead 1\n  dead    mail  <")
        assert "replied 550: recipient refused: no such user [mail.refused]" in out
        assert await notify(tmp_path, "--retry-dead") == (0, "sent 1, pending 0, dead 0\n")
    assert [len(sink.of(name)) for name in ("o@example.com", "p@example.com")] == [1, 1]


async def test_a_message_that_waits_is_no_failure(tmp_path: Path) -> None:
    async with smtp_server(MailSink()) as port:
        pass
    values = {"mail": f"smtp://127.0.0.1:{port}", "mail_sender": "r@example.com", "mail_recipients": ["o@example.com"]}
    (tmp_path / "settings.json").write_text(json.dumps(values))
    async with open_notifier(load_settings(tmp_path)) as notifier:
        await notifier.announce([notice()], 1)
    code, out = await notify(tmp_path)
    assert code == 0
    assert "[mail.unreachable]" in out


@pytest.mark.parametrize("values", [{"slack": "https://hooks.example.com/canary"}, {"mail": "canary"}])
async def test_settings_that_cannot_notify_are_one_sentence(values: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text(json.dumps(values))
    code, out = await notify(tmp_path)
    assert code == 1
    assert out.startswith("error: ")
    assert out.count("\n") == 1
    assert "canary" not in out
