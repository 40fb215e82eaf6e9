"""The wall clock tells time as the format wants it (spec/pcq-v1.md, 1.4)."""

from __future__ import annotations

from datetime import UTC, datetime

from pcq_verify.encoding import instant
from runbooks.adapters.clock import SystemClock


def test_the_time_is_utc_with_microseconds_and_goes_on() -> None:
    before, told, after = datetime.now(UTC), SystemClock().now(), datetime.now(UTC)
    assert before <= datetime.fromisoformat(told) <= after
    assert told.endswith("Z")
    assert len(told) == len("2026-03-01T12:00:00.000000Z")
    assert instant(told) is not None


async def test_waiting_takes_at_least_as_long_as_it_should() -> None:
    before = datetime.now(UTC)
    await SystemClock().sleep(0.02)
    assert (datetime.now(UTC) - before).total_seconds() >= 0.02
