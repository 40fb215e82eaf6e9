"""Which store a setting opens, and one execution that is at home in either."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pcq_verify import verify
from runbooks.adapters.ledger import open_ledger
from runbooks.adapters.ledger.sqlite import SqliteLedger
from runbooks.canonical import dumps
from runbooks.errors import LedgerError, SettingsError
from runbooks.ledger import verify_chain

from services.runbooks.tests.example import example, example_world
from services.runbooks.tests.ledger.conftest import Store


def test_the_default_is_a_file_in_the_data_folder(tmp_path: Path) -> None:
    ledger = open_ledger("sqlite:", "", home=tmp_path)
    assert isinstance(ledger, SqliteLedger)
    assert (tmp_path / "ledger.sqlite").exists()
    ledger.close()


@pytest.mark.parametrize("setting", ["", "sqlite", "mysql://host/ledger", "/var/lib/ledger.sqlite"])
def test_another_setting_is_refused_with_what_is_possible(setting: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="sqlite: or an address postgresql:"):
        open_ledger(setting, "", home=tmp_path)


def test_a_missing_driver_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "runbooks.adapters.ledger.postgres", raising=False)
    with pytest.raises(SettingsError, match=r"intelgraph-runbooks\[postgres\]"):
        open_ledger("postgresql://host/ledger", "", home=tmp_path)


def test_a_missing_password_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LEDGER_PASSWORD", raising=False)
    with pytest.raises(SettingsError, match=r"the ledger's password .* LEDGER_PASSWORD"):
        open_ledger("postgresql://host/ledger", "env:LEDGER_PASSWORD", home=tmp_path)


async def test_an_execution_that_dies_goes_on_from_the_record_and_verifies(store: Store, tmp_path: Path) -> None:
    world = example_world(tmp_path / "home")
    ledger = store.open()
    ports = replace(world.ports(), ledger=ledger)
    world.runner(ports=ports).start(example(), {}, executed_by="ann")
    execution_id = ledger.entries(kind="ExecutionStarted")[0].draft.execution_id
    ledger.close()
    with pytest.raises(LedgerError):
        await world.runner(ports=ports).resume(execution_id)
    again = store.open()
    runner = world.runner(ports=replace(world.ports(), ledger=again))
    execution = await runner.resume(execution_id)
    assert execution.outcome == "completed"
    assert (await runner.replay(execution_id)).is_identical
    assert verify_chain(again.entries()) == len(again.entries())
    assert verify(dumps(runner.manifest(execution_id).build()), world.trust()).exit_code == 0
    again.close()
