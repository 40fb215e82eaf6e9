"""What the settings say of steps that notify: what is refused at once, and what only the step that needs it is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from runbooks.adapters.blobs import FolderBlobs
from runbooks.channels import open_courier
from runbooks.effects import SendMessage
from runbooks.errors import PermanentPortError, SettingsError
from runbooks.letters import Letterhead
from runbooks.service import open_runner
from runbooks.settings import load_settings

ORDER = SendMessage("mail", ("a@example.com",), "s", "t", ())
HEAD = Letterhead("sha256:00", "R", "1", "R-1", "tell", "2026-03-01T12:00:00Z")


@pytest.mark.parametrize(
    "name", ["", "*", "*.example.com", "@example.com", "Ann <a@example.com>", "a@b@c", "ex ample.com"]
)
async def test_an_allow_list_with_what_is_no_address_and_no_domain_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "settings.json").write_text(json.dumps({"mail_allowed": ["example.com", name]}))
    with pytest.raises(SettingsError, match="mail_allowed"):
        async with open_runner(load_settings(tmp_path)):
            pass


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "set `mail` in settings.json"),
        ({"mail": "smtp://h", "mail_sender": "r@example.com"}, "mail_recipients"),
        ({"mail": "h", "mail_sender": "r@example.com", "mail_recipients": ["a@example.com"]}, "not an address"),
        ({"slack": "https://hooks.example.com/canary"}, "must be a reference"),
    ],
)
async def test_settings_that_cannot_send_fail_the_step_and_nothing_else(
    tmp_path: Path, values: dict[str, object], message: str
) -> None:
    (tmp_path / "settings.json").write_text(json.dumps(values))
    settings = load_settings(tmp_path)
    async with open_runner(settings):
        pass
    assert not (tmp_path / "outbox.sqlite").exists()
    courier = open_courier(settings, FolderBlobs(tmp_path / "blobs"))
    with pytest.raises(PermanentPortError, match=message) as caught:
        await courier.send(ORDER, HEAD)
    assert caught.value.code == "notify.no_channel"
    assert "canary" not in str(caught.value)
    await courier.close()
