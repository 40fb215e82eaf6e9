"""Policy engines: one setting names the one that is asked; its adapter is imported when it is.

Both evaluate the same bundle of an execution and answer with the same decisions (docs/adr/0007).
"""

from __future__ import annotations

__all__ = ["Policies", "open_policies"]

from collections.abc import Mapping
from typing import Any, Protocol

from runbooks.errors import SettingsError
from runbooks.ports import PolicyEngine


class Policies(Protocol):
    """Opens engines, each over one bundle."""

    def __call__(self, bundle: Mapping[str, Any]) -> PolicyEngine:
        """An engine that answers from this bundle and from no other."""
        ...

    async def warnings(self, bundle: Mapping[str, Any]) -> list[str]:
        """Why questions about this bundle will be denied, whatever they are, in sentences.

        Raises SettingsError (`policy.faulty`) for policies that only the embedded engine would evaluate.
        """
        ...


def open_policies(address: str) -> Policies:
    """The engines that a setting names: `rego:` is embedded, `http://…` and `https://…` an OPA server.

    Nothing is asked yet, so a server that is down is no error. Raises SettingsError for any other address.
    """
    if address == "rego:":
        from runbooks.adapters.policy.embedded import EmbeddedPolicies

        return EmbeddedPolicies()
    if address.startswith(("http://", "https://")):
        from runbooks.adapters.policy.opa_server import OpaPolicies

        return OpaPolicies(address)
    raise SettingsError(f"policy {address}: expected rego: (embedded) or the address of an OPA server, http(s)://…")
