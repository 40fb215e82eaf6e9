"""Licence registries: one setting names the one that says what is revoked; its adapter is imported when it is."""

from __future__ import annotations

__all__ = ["open_licences"]

from pathlib import Path

from runbooks.errors import SettingsError
from runbooks.ports import LicenceRegistry


def open_licences(address: str, *, folder: Path) -> LicenceRegistry:
    """The registry that a setting names: `folder:` is the file in the installation's licences `folder`, else HTTP.

    Nothing is asked yet, so a server that is down is no error. Raises SettingsError for any other address.
    """
    if address == "folder:":
        from runbooks.adapters.licences.embedded import FolderLicences

        return FolderLicences(folder)
    if address.startswith(("http://", "https://")):
        from runbooks.adapters.licences.http import HttpLicences

        return HttpLicences(address)
    raise SettingsError(
        f"licence_registry {address}: expected folder: (the licences folder) or a registry's address, http(s)://…"
    )
