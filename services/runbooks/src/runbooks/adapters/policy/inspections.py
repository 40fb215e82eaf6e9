"""What a bundle is before it is asked, found out once for each digest by the embedded engine."""

from __future__ import annotations

__all__ = ["Inspections"]

import asyncio
from collections.abc import Mapping
from typing import Any

from runbooks.adapters.policy.rego import SECONDS, EmbeddedRego, Inspection
from runbooks.canonical import digest_of
from runbooks.errors import SettingsError


class Inspections:
    """Inspections by digest. One that did not end within `seconds` is not kept, so it is tried again."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self._known: dict[str, Inspection] = {}
        self._lock = asyncio.Lock()

    async def refusal(self, bundle: Mapping[str, Any]) -> str | None:
        """Why no question about this bundle is answered; None when there is no reason."""
        return self._refusal(await self._inspect(bundle))

    async def warnings(self, bundle: Mapping[str, Any]) -> list[str]:
        """What an operator must know before the first question.

        Raises SettingsError (`policy.faulty`) for policies that the embedded engine would evaluate and OPA would not:
        a rule without a possible value makes every `not` of it true.
        """
        if not bundle["modules"]:
            return ["there is no policy, so every authority question is denied"]
        found = await self._inspect(bundle)
        if found is not None and found.faults:
            raise SettingsError(f"policies: {'; '.join(found.faults[:10])}", code="policy.faulty")
        refusal = self._refusal(found)
        return [] if refusal is None else [f"{refusal}; every authority question is denied"]

    def _refusal(self, found: Inspection | None) -> str | None:
        return found.refusal if found else f"the policies did not load within {self.seconds:g} s"

    async def _inspect(self, bundle: Mapping[str, Any]) -> Inspection | None:
        digest = digest_of(bundle)
        async with self._lock:
            if digest not in self._known:
                engine = EmbeddedRego(bundle, seconds=self.seconds)
                try:
                    found = await engine.inspect()
                finally:
                    await engine.close()
                if found is None:
                    return None
                self._known[digest] = found
            return self._known[digest]
