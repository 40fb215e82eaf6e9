"""How much one subject may ask of the service, and how long a question may take."""

from __future__ import annotations

__all__ = ["Limits", "RateLimit", "read_limits"]

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from runbooks.errors import SettingsError


@dataclass(frozen=True)
class Limits:
    """`body` in bytes; `rate` in requests a second, `burst` at once; `executions` under way or queued.

    `seconds` to answer in.
    """

    body: int = 1024 * 1024
    rate: float = 50.0
    burst: int = 200
    executions: int = 100
    seconds: float = 60.0


def read_limits(stated: Mapping[str, Any]) -> Limits:
    """The limits of settings.json, the defaults where nothing is stated; raises SettingsError."""
    kinds = {item.name: type(item.default) for item in fields(Limits)}
    for name, value in stated.items():
        if name not in kinds:
            raise SettingsError(f"limits: unknown limit {name}; known: {', '.join(kinds)}")
        is_number = type(value) is int or (kinds[name] is float and isinstance(value, float))
        if not is_number or not 0 < value < 2**53:
            what = "whole number" if kinds[name] is int else "number"
            raise SettingsError(f"limits: {name} must be a {what} above 0, got {value!r}")
    return Limits(**stated)


@dataclass
class _Bucket:
    tokens: float
    at: float
    refused: int = 0


@dataclass
class RateLimit:
    """A token bucket for each name; `clock` gives monotonic seconds. Names are those that have a token, so few."""

    rate: float
    burst: int
    clock: Callable[[], float]
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def wait(self, name: str) -> int:
        """0 when it may go on, else after how many whole seconds to try again."""
        now = self.clock()
        bucket = self._buckets.setdefault(name, _Bucket(self.burst, now))
        bucket.tokens = min(self.burst, bucket.tokens + (now - bucket.at) * self.rate)
        bucket.at = now
        if bucket.tokens < 1:
            bucket.refused += 1
            return math.ceil((1 - bucket.tokens) / self.rate)
        bucket.tokens -= 1
        return 0

    def take_refused(self, name: str) -> int:
        """How many were turned away since this was asked the last time."""
        bucket = self._buckets.get(name)
        if bucket is None:
            return 0
        found, bucket.refused = bucket.refused, 0
        return found
