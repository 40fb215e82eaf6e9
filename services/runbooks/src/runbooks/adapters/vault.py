"""Secrets in HashiCorp Vault or OpenBao: the KV store, version 2, over HTTP.

Where it is and who asks are what its own tools use: `VAULT_ADDR`, `VAULT_TOKEN` or `VAULT_TOKEN_FILE` (as an agent
renews it), `VAULT_NAMESPACE`. Each use reads anew, so a rotated secret serves from the next start.
"""

from __future__ import annotations

__all__ = ["read_vault"]

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from runbooks.adapters.fetch import fetch, is_protected
from runbooks.canonical import loads
from runbooks.errors import CanonicalError, PortError, SettingsError

_PLACE = re.compile(r"(?P<mount>[^/#?]+)/(?P<path>[^#?]+)#(?P<key>[^#]+)")
_WHY = {
    400: "it does not understand the request; is that mount a KV store of version 2?",
    403: "the token may not read it, or has expired",
    404: "there is no such secret, or its newest version is deleted; is that mount a KV store of version 2?",
    503: "it is sealed",
}


def read_vault(place: str, what: str) -> str:
    """The secret at `mount/path#key`; `what` names it in errors, which never hold it. Raises SettingsError."""
    found = _PLACE.fullmatch(place)
    if found is None or {"", ".", ".."} & set(found["path"].split("/")):
        raise SettingsError(f"{what}: expected vault:MOUNT/PATH#KEY, e.g. vault:secret/runbooks/mail#password")
    address = os.environ.get("VAULT_ADDR", "").rstrip("/")
    if not is_protected(address):
        raise SettingsError(
            f"{what}: VAULT_ADDR must be the https:// address of Vault; http:// is for this machine only"
        )
    url = f"{address}/v1/{quote(found['mount'], safe='')}/data/{quote(found['path'])}"
    try:
        status, data = fetch(url, _headers(what))
    except PortError as error:
        raise SettingsError(f"{what}: Vault: {error}") from None
    if status != 200:
        raise SettingsError(f"{what}: Vault answered {status} for {url}: {_WHY.get(status, 'look at its log')}")
    value = _value(data, found["key"])
    if value is None:
        raise SettingsError(f"{what}: Vault has no text {found['key']} at {url}")
    return value


def _headers(what: str) -> dict[str, str]:
    token = os.environ.get("VAULT_TOKEN", "")
    file = os.environ.get("VAULT_TOKEN_FILE")
    if not token and file:
        try:
            token = Path(file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            # A decoding error's text quotes a byte of the secret.
            why = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise SettingsError(f"{what}: VAULT_TOKEN_FILE cannot be read: {file}: {why}") from None
    if not token or not token.isascii() or not token.isprintable():
        raise SettingsError(f"{what}: VAULT_TOKEN, or the file that VAULT_TOKEN_FILE names, must hold Vault's token")
    namespace = os.environ.get("VAULT_NAMESPACE")
    return {
        "X-Vault-Token": token,
        "X-Vault-Request": "true",
        **({"X-Vault-Namespace": namespace} if namespace else {}),
    }


def _value(data: bytes, key: str) -> str | None:
    """The text under that key of the newest version; None for what has none."""
    try:
        found: Any = loads(data)
    except CanonicalError:
        return None
    for name in ("data", "data", key):
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) and found else None
