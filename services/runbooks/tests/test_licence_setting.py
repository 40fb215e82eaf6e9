"""The setting `licence_registry`, from settings.json to the verdict: the registry it names is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from runbooks.definition import Definition
from runbooks.errors import SettingsError
from runbooks.service import open_runner
from runbooks.settings import Settings, load_settings

from services.runbooks.tests.example import LICENCE, PROVERS
from services.runbooks.tests.licence_server import serving_licences
from services.runbooks.tests.simulator import define, step


def write_licences(home: Path, status: str) -> None:
    (home / "licences").mkdir(parents=True, exist_ok=True)
    (home / "licences" / "licences.json").write_text(json.dumps({"licences": [{**LICENCE, "status": status}]}))


def files(home: Path) -> list[Path]:
    return sorted(home.rglob("*"))


def settings_of(home: Path, **members: str) -> Settings:
    """An installation with one licence in force, and these settings."""
    write_licences(home, "active")
    (home / "settings.json").write_text(json.dumps({"licences": "licences", **members}))
    return load_settings(home)


def licensed() -> Definition:
    """A step that needs no product and one licence."""
    return define(step("use", "transform", expression="1", preconditions=["license:api"]), provers=PROVERS)


async def reasons(settings: Settings, change: Any) -> list[str]:
    """What the licence's proof says before and after the `change`, in two executions of one runner."""
    said = []
    async with open_runner(settings) as runner:
        for act in (lambda: None, change):
            act()
            execution = await runner.execute(licensed(), {}, executed_by="ann")
            said += [proof["reason"] for proof in execution.steps["use"].preconditions]
    return said


async def test_without_the_setting_the_licences_folder_is_asked_and_an_edit_acts_at_once(memory_path: Path) -> None:
    found = await reasons(settings_of(memory_path), lambda: write_licences(memory_path, "revoked"))
    assert found == ["licence.permitted", "licence.revoked"]


async def test_an_address_is_asked_and_not_the_folder(memory_path: Path) -> None:
    async with serving_licences({"api@1": "active"}) as server:
        settings = settings_of(memory_path, licence_registry=server.url)
        found = await reasons(settings, lambda: server.statuses.update({"api@1": "suspended"}))
        assert found == ["licence.permitted", "licence.revoked"]
        assert len(server.requests) == 2


async def test_a_registry_that_is_not_there_denies_and_the_runner_opens_all_the_same(memory_path: Path) -> None:
    settings = settings_of(memory_path, licence_registry="http://127.0.0.1:1/v1")
    assert await reasons(settings, lambda: None) == ["licence.registry_unavailable"] * 2


async def test_an_address_of_no_registry_is_refused_before_anything_is_made(memory_path: Path) -> None:
    settings = settings_of(memory_path, licence_registry="ftp://licences.example.com")
    before = files(memory_path)
    with pytest.raises(SettingsError, match="licence_registry"):
        async with open_runner(settings):
            pass
    assert files(memory_path) == before
