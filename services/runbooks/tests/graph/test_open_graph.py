"""Addresses and credentials: what is refused before any server is asked, and what is not imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from runbooks.adapters.graph import open_graph
from runbooks.errors import SettingsError


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://localhost:7474", "starts with arcadedb:, bolt:// or neo4j://, got 'http'"),
        ("localhost:7687", "got 'localhost'"),
        ("", "got ''"),
        ("arcadedb:/somewhere", "lives in the data folder"),
    ],
)
async def test_an_address_that_names_no_graph_is_refused(url: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=message):
        await open_graph(url, data_folder=tmp_path)


async def test_credentials_in_an_address_are_refused_without_being_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds no credentials") as caught:
        await open_graph("bolt://neo4j:very-secret@localhost:7687", data_folder=tmp_path)
    assert "very-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("env:RUNBOOKS_NO_SUCH_VARIABLE", "environment variable RUNBOOKS_NO_SUCH_VARIABLE, which is not set"),
        ("file:/no/such/file", "cannot be read: /no/such/file"),
        ("very-secret", "must be a reference"),
        ("", "must be a reference"),
    ],
)
async def test_a_password_is_a_reference_that_leads_somewhere(reference: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        await open_graph("bolt://127.0.0.1:1", data_folder=tmp_path, password=reference)
    assert "very-secret" not in str(caught.value)


def test_importing_the_adapters_does_not_import_the_driver() -> None:
    code = "import sys, runbooks.adapters.graph, runbooks.adapters.graph.arcadedb; sys.exit('neo4j' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
