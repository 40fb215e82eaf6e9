"""The wall clock."""

from __future__ import annotations

__all__ = ["SystemClock"]

import asyncio
from datetime import UTC, datetime


class SystemClock:
    """A Clock."""

    def now(self) -> str:
        """See the port."""
        return datetime.now(UTC).isoformat(timespec="microseconds")[:-6] + "Z"

    async def sleep(self, seconds: float) -> None:
        """See the port."""
        await asyncio.sleep(seconds)
