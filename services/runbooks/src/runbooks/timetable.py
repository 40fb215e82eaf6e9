"""When a schedule is due: a cron expression of five fields in a time zone. Pure, given the zone's rules.

The times are those of Debian's cron, as cronsim documents them: a job at a fixed time that the clocks skip in spring
runs right after the gap, and one that comes twice in autumn runs the first time; a job that runs every hour or more
often keeps its distance. Every time is an instant in UTC, written `2026-03-30T04:00:00Z`.
"""

from __future__ import annotations

__all__ = ["Timetable", "parse_timetable"]

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from runbooks.errors import ScheduleError
from runbooks.evidence import instant

_FIELDS = 5
_LONGEST = 200
_SPANS = (2, 40, 800, 16_000)  # days


@dataclass(frozen=True)
class Timetable:
    """A cron expression in a zone; `parse_timetable` makes it."""

    cron: str
    zone: ZoneInfo

    def times(self, after: str, until: str) -> Iterator[str]:
        """The times behind `after` up to `until`, itself included, in their order."""
        last, end = instant(after), instant(until)
        # Where the clocks are set back the library begins with times that have been.
        for found in CronSim(self.cron, last.astimezone(self.zone)):
            at = found.astimezone(UTC)
            if at > end:
                return
            if at > last:
                last = at
                yield _text(at)

    def newest(self, after: str, until: str, count: int) -> list[str]:
        """The last `count` of `times`, oldest first, found without going through all of them."""
        start, end = instant(after), instant(until)
        found: list[str] = []
        for days in _SPANS:
            since = max(start, end - timedelta(days=days))
            found = list(self.times(_text(since), until))[-count:]
            if len(found) == count or since == start:
                break
        return found

    def upcoming(self, after: str) -> str | None:
        """The first time behind `after`; None when there is none within fifty years."""
        return next(self.times(after, "9999-12-31T00:00:00Z"), None)

    def named(self, at: str) -> dict[str, str]:
        """What an expression sees of a time as `scheduled`: the day, ISO week and month that it is in the zone."""
        day = instant(at).astimezone(self.zone).date()
        return {
            "at": at,
            "date": day.isoformat(),
            "week": f"{day:%G-W%V}",
            "previousWeek": f"{day - timedelta(days=7):%G-W%V}",
            "month": f"{day:%Y-%m}",
            "previousMonth": f"{day.replace(day=1) - timedelta(days=1):%Y-%m}",
        }


def parse_timetable(cron: str, time_zone: str) -> Timetable:
    """The timetable; raises ScheduleError (`schedule.cron`, `schedule.time_zone`)."""
    try:
        zone = ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        raise ScheduleError(
            f"time zone {time_zone!r} is unknown: expected a name such as Europe/Vienna", code="schedule.time_zone"
        ) from None
    if len(cron) > _LONGEST or len(cron.split()) != _FIELDS:
        raise _unusable(cron, "expected five fields: minute, hour, day of the month, month, day of the week")
    try:
        CronSim(cron, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise _unusable(cron, str(error)) from None
    return Timetable(cron, zone)


def _unusable(cron: str, why: str) -> ScheduleError:
    return ScheduleError(f"cron expression {cron!r}: {why}", code="schedule.cron")


def _text(at: datetime) -> str:
    return at.isoformat(timespec="auto").replace("+00:00", "Z")
