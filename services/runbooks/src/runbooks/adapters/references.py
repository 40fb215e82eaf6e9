"""Secrets by reference: `env:NAME`, `file:PATH` or `vault:MOUNT/PATH#KEY`, so that none lies in the settings."""

from __future__ import annotations

__all__ = ["read_secret"]

import os
from pathlib import Path

from runbooks.adapters.vault import read_vault
from runbooks.errors import SettingsError


def read_secret(reference: str, what: str) -> str:
    """The secret that `reference` leads to; `what` names it in errors, which never hold it. Raises SettingsError."""
    kind, _, name = reference.partition(":")
    if kind == "env":
        if name not in os.environ:
            raise SettingsError(f"{what} is expected in the environment variable {name}, which is not set")
        return os.environ[name]
    if kind == "vault":
        return read_vault(name, what)
    if kind != "file":
        raise SettingsError(f"{what} must be a reference, env:NAME, file:PATH or vault:MOUNT/PATH#KEY")
    try:
        return Path(name).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        # A decoding error's text quotes a byte of the secret.
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise SettingsError(f"the file of {what} cannot be read: {name}: {why}") from None
