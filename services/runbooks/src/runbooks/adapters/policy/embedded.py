"""The embedded engine as a factory: `policies(bundle)`, and what there is to say of a bundle beforehand."""

from __future__ import annotations

__all__ = ["EmbeddedPolicies"]

from collections.abc import Mapping
from typing import Any

from runbooks.adapters.policy.inspections import Inspections
from runbooks.adapters.policy.rego import EmbeddedRego


class EmbeddedPolicies(Inspections):
    """Engines that need nothing but this package."""

    def __call__(self, bundle: Mapping[str, Any]) -> EmbeddedRego:
        """An engine with a child process of its own."""
        return EmbeddedRego(bundle, seconds=self.seconds)
