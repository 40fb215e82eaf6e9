"""What a log line is about: names of the request, the subject, the execution and the step that is at work here.

Identifiers only, never a value. A task that is created inherits them.
"""

from __future__ import annotations

__all__ = ["about", "add", "names"]

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

_NOTHING: Mapping[str, str] = MappingProxyType({})
_names: ContextVar[Mapping[str, str]] = ContextVar("names of a log line", default=_NOTHING)


def names() -> Mapping[str, str]:
    """Those of here: `requestId`, `subject`, `executionId`, `stepId`, `attempt`, as far as there are any."""
    return _names.get()


def add(**found: str) -> None:
    """From here on in this task it is also about these."""
    _names.set({**_names.get(), **found})


@contextmanager
def about(**found: str) -> Iterator[None]:
    """Inside the block it is also about these."""
    token = _names.set({**_names.get(), **found})
    try:
        yield
    finally:
        _names.reset(token)
