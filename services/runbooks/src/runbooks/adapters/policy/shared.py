"""One engine for all executions over the same bundle: what an engine costs to start is paid once a bundle."""

from __future__ import annotations

__all__ = ["SharedPolicies"]

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from runbooks.canonical import digest_of
from runbooks.ports import PolicyEngine

_KEPT = 4


class _Used:
    """An engine, and how many have it now."""

    def __init__(self, engine: PolicyEngine) -> None:
        self.engine = engine
        self.by = 0


class SharedPolicies:
    """Opens engines as `open_engine` does; `close` of one releases it, and the newest few stay open for the next.

    Questions to one engine come one after another, so a policy that hangs holds up all executions that pinned it.
    """

    def __init__(self, open_engine: Callable[[Mapping[str, Any]], PolicyEngine], *, kept: int = _KEPT) -> None:
        self._open_engine = open_engine
        self._kept = kept
        self._used: OrderedDict[str, _Used] = OrderedDict()

    def __call__(self, bundle: Mapping[str, Any]) -> PolicyEngine:
        """An engine that answers from this bundle and from no other."""
        return _Lease(self, bundle)

    async def close(self) -> None:
        """Release all engines."""
        while self._used:
            _, used = self._used.popitem()
            await used.engine.close()

    def used(self, bundle: Mapping[str, Any]) -> _Used:
        """The engine over that bundle, opened if it is not."""
        name = digest_of(bundle)
        if name not in self._used:
            self._used[name] = _Used(self._open_engine(bundle))
        self._used.move_to_end(name)
        return self._used[name]

    async def release(self) -> None:
        """Close those that nobody has, but the newest few."""
        idle = [name for name, used in self._used.items() if not used.by]
        for name in idle[: max(0, len(idle) - self._kept)]:
            await self._used.pop(name).engine.close()


class _Lease:
    """See the port; it has an engine from its first question to its close."""

    def __init__(self, pool: SharedPolicies, bundle: Mapping[str, Any]) -> None:
        self._pool = pool
        self._bundle = bundle
        self._used: _Used | None = None
        self.engine = pool.used(bundle).engine.engine

    async def decide(self, query: str, document: dict[str, Any]) -> str:
        """See the port."""
        if self._used is None:
            self._used = self._pool.used(self._bundle)
            self._used.by += 1
        return await self._used.engine.decide(query, document)

    async def close(self) -> None:
        """See the port."""
        if self._used is not None:
            self._used.by -= 1
            self._used = None
        await self._pool.release()
