"""Where the ledger lies: a SQLite file in the data folder, or a PostgreSQL database."""

from __future__ import annotations

__all__ = ["open_ledger"]

from pathlib import Path

from runbooks.adapters.ledger.sqlite import SqliteLedger
from runbooks.adapters.references import read_secret
from runbooks.errors import SettingsError
from runbooks.ports import LedgerStore


def open_ledger(setting: str, password: str, *, home: Path) -> LedgerStore:
    """The store that a setting names: `sqlite:`, or the `postgresql://` address of a database.

    `password` is the reference of the account's password, or nothing. Raises SettingsError, LedgerError.
    """
    if setting == "sqlite:":
        return SqliteLedger(home / "ledger.sqlite")
    if not setting.startswith(("postgresql://", "postgres://")):
        raise SettingsError(f"ledger: expected sqlite: or an address postgresql://…, got {setting!r}")
    try:
        from runbooks.adapters.ledger.postgres import PostgresLedger
    except ImportError as error:
        hint = "install intelgraph-runbooks[postgres]"
        raise SettingsError(f"ledger: PostgreSQL needs the package psycopg; {hint}") from error
    return PostgresLedger(setting, password=read_secret(password, "the ledger's password") if password else None)
