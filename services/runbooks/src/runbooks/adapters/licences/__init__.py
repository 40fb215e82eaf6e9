"""Licence registries: one setting names the one that says what is revoked; its adapter is imported when it is."""

from __future__ import annotations

__all__ = ["open_licences"]

from pathlib import Path
from urllib.parse import urlsplit

from runbooks.errors import SettingsError
from runbooks.ports import LicenceRegistry


def open_licences(address: str, *, folder: Path) -> LicenceRegistry:
    """The registry that a setting names: `folder:` is the file in the installation's licences `folder`, else HTTP.

    Nothing is asked yet, so a server that is down is no error. Raises SettingsError for any other address, and for one
    with a user, a query or a fragment: it stands in messages, and a path is put after it.
    """
    if address == "folder:":
        from runbooks.adapters.licences.embedded import FolderLicences

        return FolderLicences(folder)
    if _is_plain(address):
        from runbooks.adapters.licences.http import HttpLicences

        return HttpLicences(address)
    raise SettingsError(
        f"licence_registry {_without_user(address)}: expected folder: (the licences folder) or a registry's address, "
        "http(s)://host[:port][/path], without a user, a query or a fragment"
    )


def _is_plain(address: str) -> bool:
    try:
        parts = urlsplit(address)
        is_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    is_http = parts.scheme in ("http", "https") and bool(parts.hostname)
    return is_http and is_port and "@" not in parts.netloc and not {"?", "#", "\\"} & set(address)


def _without_user(address: str) -> str:
    # A password must not come into a log by the sentence that refuses it.
    scheme, mark, rest = address.partition("://")
    return f"{scheme}{mark}…@{rest.rpartition('@')[2]}" if mark and "@" in rest else address
