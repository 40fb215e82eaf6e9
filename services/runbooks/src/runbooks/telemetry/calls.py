"""Ports whose calls are told to observers: how long they take and whether they fail, and nothing of what they carry."""

from __future__ import annotations

__all__ = ["CallObserver", "observed"]

import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Protocol

from runbooks.performer import Ports

_WATCHED: Mapping[str, frozenset[str]] = {
    "ledger": frozenset({"append"}),
    "graph": frozenset({"query", "mutate"}),
    "http": frozenset({"call"}),
    "licences": frozenset({"revoked"}),
    "reports": frozenset({"render"}),
}


class CallObserver(Protocol):
    """Is told of calls."""

    def call(self, port: str, operation: str) -> AbstractContextManager[None]:
        """Entered before the call and left after it, by its error if it raised one."""
        ...


def observed(world: Ports, observer: CallObserver) -> Ports:
    """The same world, whose calls `observer` is told of."""
    wrapped: dict[str, Any] = {
        name: _Observed(getattr(world, name), name, operations, observer) for name, operations in _WATCHED.items()
    }
    policy: Callable[[Mapping[str, Any]], Any] = world.policy
    decide = frozenset({"decide"})
    return replace(world, **wrapped, policy=lambda bundle: _Observed(policy(bundle), "policy", decide, observer))


class _Observed:
    """A port that is otherwise as it was."""

    def __init__(self, port: Any, name: str, operations: frozenset[str], observer: CallObserver) -> None:
        self._port = port
        for operation in operations:
            make = _async if inspect.iscoroutinefunction(getattr(port, operation)) else _sync
            setattr(self, operation, make(getattr(port, operation), observer, name, operation))

    def __getattr__(self, member: str) -> Any:
        return getattr(self._port, member)


def _sync(call: Callable[..., Any], observer: CallObserver, name: str, operation: str) -> Callable[..., Any]:
    def watched(*arguments: Any, **named: Any) -> Any:
        with observer.call(name, operation):
            return call(*arguments, **named)

    return watched


def _async(call: Callable[..., Any], observer: CallObserver, name: str, operation: str) -> Callable[..., Any]:
    async def watched(*arguments: Any, **named: Any) -> Any:
        with observer.call(name, operation):
            return await call(*arguments, **named)

    return watched
