"""Secrets by reference to Vault's KV store, version 2: what is read, and errors that say where and never what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from runbooks.adapters.references import read_secret
from runbooks.errors import SettingsError

from services.runbooks.tests.vault import Vault, vault_serving

TOKEN = "hvs.a-token-that-nobody-may-see"
SECRET = "a password that nobody may see"
PLACE = "vault:secret/team/mail server#password"


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vault]:
    for name in ("VAULT_TOKEN_FILE", "VAULT_NAMESPACE"):
        monkeypatch.delenv(name, raising=False)
    with vault_serving(TOKEN) as found:
        monkeypatch.setenv("VAULT_ADDR", found.url)
        monkeypatch.setenv("VAULT_TOKEN", TOKEN)
        found.secrets["secret/team/mail%20server"] = {"password": SECRET, "port": 25, "empty": ""}
        yield found


def refused(reference: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read_secret(reference, "the mail account's password")
    assert str(caught.value).startswith("the mail account's password")
    assert SECRET not in str(caught.value)
    assert TOKEN not in str(caught.value)
    return str(caught.value)


def test_a_secret_is_read_where_the_reference_says(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_secret(PLACE, "it") == SECRET
    monkeypatch.setenv("VAULT_NAMESPACE", "team-a")
    assert read_secret(PLACE, "it") == SECRET
    [(path, first), (_, second)] = vault.asked
    assert path == "/v1/secret/data/team/mail%20server"
    assert ("x-vault-namespace" in first, second["x-vault-namespace"]) == (False, "team-a")


def test_the_token_may_lie_in_a_file(vault: Vault, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("VAULT_TOKEN")
    monkeypatch.setenv("VAULT_TOKEN_FILE", str(tmp_path / "token"))
    assert "cannot be read" in refused(PLACE)
    for data, said in ((b"\xff", "not UTF-8"), (b"\n", "must hold"), (b"two\nlines", "must hold")):
        (tmp_path / "token").write_bytes(data)
        assert said in refused(PLACE)
    assert vault.asked == []
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    assert read_secret(PLACE, "it") == SECRET


def test_what_vault_does_not_give_is_said(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no such secret" in refused("vault:secret/none#password")
    vault.secrets["secret/gone"] = None
    assert "deleted" in refused("vault:secret/gone#password")
    for key in ("none", "port", "empty"):
        assert f"no text {key}" in refused(f"vault:secret/team/mail server#{key}")
    monkeypatch.setenv("VAULT_TOKEN", "hvs.another")
    assert "may not read it" in refused(PLACE)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (503, b'{"errors":["Vault is sealed"]}', "sealed"),
        (500, SECRET.encode(), "look at its log"),
        (302, b"", "answered 302"),
        (200, b"[]", "no text password"),
        (200, b'{"data": {"data": {"password": "a", "password": "b"}}}', "no text password"),
        (200, b'{"data": {"password": "version 1"}}', "no text password"),
        (200, SECRET.encode(), "no text password"),
        (200, b" " * (1024 * 1024 + 1), "more than"),
    ],
)
def test_an_answer_of_another_form_is_no_secret(status: int, body: bytes, said: str, vault: Vault) -> None:
    vault.broken = (status, body)
    assert said in refused(PLACE)


@pytest.mark.parametrize(
    "place", ["", "secret", "secret/x", "#k", "secret/#k", "secret/../sys/x#k", "secret//x#k", "a/b?c#k"]
)
def test_a_reference_that_is_none_asks_nobody(place: str, vault: Vault) -> None:
    assert "vault:MOUNT/PATH#KEY" in refused(f"vault:{place}")
    assert vault.asked == []


@pytest.mark.parametrize(
    "address", ["", "http://vault.example.com", "vault.example.com", "http://127.0.0.1.example.com"]
)
def test_a_token_goes_over_tls_or_to_this_machine(address: str, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_ADDR", address)
    assert "https://" in refused(PLACE)
    assert vault.asked == []


def test_a_vault_that_is_down_is_said(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULT_ADDR", "http://127.0.0.1:1")
    assert "cannot be reached" in refused(PLACE)
