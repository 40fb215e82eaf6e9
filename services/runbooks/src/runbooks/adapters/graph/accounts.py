"""The embedded server's accounts: one that writes, one that only reads, and nobody who administers.

The passwords are random and live in `credentials.json` (0600) beside the data, so that a person can look into the graph
with a Bolt client while the service runs. The server gets salted hashes, in files written before every start: no
password is ever on a command line, and a damaged or widened account file does not survive a restart.
"""

from __future__ import annotations

__all__ = ["DATABASE", "read_or_create_accounts", "write_account_files"]

import base64
import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Any

from runbooks.errors import SettingsError

DATABASE = "graph"

_ITERATIONS = 65_536
_ALL = ["createRecord", "readRecord", "updateRecord", "deleteRecord"]


def read_or_create_accounts(path: Path) -> dict[str, str]:
    """User name → password, for `runbooks` and `runbooks_reader`; makes the file when it is missing."""
    if not path.exists():
        _write_private(path, json.dumps({name: secrets.token_urlsafe(32) for name in ("runbooks", "runbooks_reader")}))
    try:
        accounts = json.loads(path.read_text("utf-8"))
        return {name: str(accounts[name]) for name in ("runbooks", "runbooks_reader")}
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{path} is damaged; delete it and new passwords are made at the next start") from error


def write_account_files(folder: Path, accounts: dict[str, str]) -> None:
    """Write the server's user and group files into `folder`, as ArcadeDB 26 reads them."""
    rights = {"runbooks": "writer", "runbooks_reader": "reader"}
    # The server insists on a root user and would ask for a password; nobody knows this one.
    users = [_user("root", {"*": ["admin"]}, secrets.token_urlsafe(32))]
    users += [_user(name, {DATABASE: [rights[name]]}, password) for name, password in accounts.items()]
    groups = {
        "admin": _group(["updateSecurity", "updateSchema", "updateDatabaseSettings"], _ALL),
        # A new label is a new type in ArcadeDB, so whoever writes must be able to change the schema.
        "writer": _group(["updateSchema"], _ALL),
        "reader": _group([], ["readRecord"]),
        "*": _group([], []),
    }
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_private(folder / "server-users.jsonl", "".join(json.dumps(user) + "\n" for user in users))
    _write_private(folder / "server-groups.json", json.dumps({"databases": {"*": {"groups": groups}}, "version": 2}))


def _user(name: str, databases: dict[str, list[str]], password: str) -> dict[str, Any]:
    salt = base64.b64encode(secrets.token_bytes(32)).decode()
    # ArcadeDB salts with the base64 text itself, not with the bytes it stands for.
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), _ITERATIONS, 32)
    hashed = f"PBKDF2WithHmacSHA256${_ITERATIONS}${salt}${base64.b64encode(key).decode()}"
    return {"name": name, "databases": databases, "password": hashed}


def _group(access: list[str], records: list[str]) -> dict[str, Any]:
    return {"resultSetLimit": -1, "readTimeout": -1, "access": access, "types": {"*": {"access": records}}}


def _write_private(path: Path, text: str) -> None:
    """Replace the file in one step, readable by its owner only."""
    temporary = path.with_name(path.name + ".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)
