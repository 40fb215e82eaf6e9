"""`time_window`: only then and only at these hours (spec/provers.md, 12)."""

from __future__ import annotations

__all__ = ["TimeWindow"]

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from runbooks.evidence import Scope, instant, is_time
from runbooks.provers.prover import Claim, Prover, Verdict

_TIME = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?Z$"}
_FIRST = datetime.min.replace(tzinfo=UTC)
_HOUR = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}


class TimeWindow(Prover):
    """Judged at logicalTime, shifted by the claim's offset for day and hour; no time zone data is read."""

    kind = "time_window"
    phase = "preconditions"
    members = {
        "notBefore": _TIME,
        "notAfter": _TIME,
        "days": {"type": "array", "uniqueItems": True, "items": {"type": "integer", "minimum": 1, "maximum": 7}},
        "from": _HOUR,
        "to": _HOUR,
        "offset": {"type": "string", "pattern": "^[+-]([01][0-9]|2[0-3]):[0-5][0-9]$"},
    }
    one_of_required = ("notBefore", "notAfter", "days", "from")

    def claim_problems(self, claim: Claim) -> Iterable[tuple[str, str]]:
        """Dates of no calendar, and hours that bound nothing."""
        for member in ("notBefore", "notAfter"):
            if member in claim and not is_time(claim[member]):
                yield member, f"{claim[member]} is no date and hour of the calendar"
        begin, end = claim.get("from"), claim.get("to")
        if begin is not None and begin == end:
            yield "to", f"from {begin} to {end} is no time at all"
        elif begin is None and end is not None:
            yield "to", "to stands without from"
        elif end is None and begin is not None:
            yield "from", "from stands without to"

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """From logicalTime alone."""
        del answer
        now = instant(scope.logical_time)
        day, hour = _local(now, claim.get("offset", "+00:00"))
        evidence = {"now": scope.logical_time, "day": day, "time": hour}
        if any(self.claim_problems(claim)):
            return Verdict("error", "time_window.malformed", evidence)
        closed = _date_problem(claim, now)
        if closed:
            return Verdict("fail", closed, evidence)
        if "days" in claim and day not in claim["days"]:
            return Verdict("fail", "time_window.wrong_day", evidence)
        begin, end = claim.get("from"), claim.get("to")
        if begin is not None and end is not None and not _is_within(hour, begin, end):
            return Verdict("fail", "time_window.wrong_hour", evidence)
        return Verdict("pass", "time_window.open", evidence)


def _date_problem(claim: Claim, now: datetime) -> str | None:
    if "notBefore" in claim and now < instant(claim["notBefore"]):
        return "time_window.too_early"
    if "notAfter" in claim and now >= instant(claim["notAfter"]):
        return "time_window.too_late"
    return None


def _is_within(hour: str, begin: str, end: str) -> bool:
    after, before = hour >= begin, hour < end
    return (after and before) if begin < end else (after or before)


def _local(now: datetime, offset: str) -> tuple[int, str]:
    """Day of the week from 1 Monday, and time of day."""
    # Counted in seconds, for a shifted date may lie before the year 1 or after 9999. Its first day was a Monday.
    since = now - _FIRST
    shift = int(offset[1:3]) * 3600 + int(offset[4:6]) * 60
    days, second = divmod(since.days * 86_400 + since.seconds + (shift if offset[0] == "+" else -shift), 86_400)
    return days % 7 + 1, f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
