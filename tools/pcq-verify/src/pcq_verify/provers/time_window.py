"""`time_window`: the logical time lies between two instants, on a day, between two hours (spec/provers.md, 12)."""

from __future__ import annotations

__all__ = ["judge_time_window"]

from collections.abc import Mapping
from typing import Any

from pcq_verify.encoding import instant
from pcq_verify.provers.judgement import Judgement, Scope

_DAY_SECONDS = 86_400


def judge_time_window(claim: Mapping[str, Any], scope: Scope, recorded: Mapping[str, Any]) -> Judgement:
    """From the logical time and the claim."""
    del recorded
    now = instant(scope.logical_time) or 0
    days, second = divmod(now // 1_000_000 + _offset(claim.get("offset", "+00:00")), _DAY_SECONDS)
    # Instants are counted from 0000-03-01, which was a Wednesday.
    day = (days + 2) % 7 + 1
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    result, reason = _verdict(claim, now, day, clock)
    return Judgement(result, reason, {"now": scope.logical_time, "day": day, "time": clock})


def _offset(text: str) -> int:
    """Seconds east of UTC."""
    seconds = int(text[1:3]) * 3600 + int(text[4:6]) * 60
    return -seconds if text[0] == "-" else seconds


def _verdict(claim: Mapping[str, Any], now: int, day: int, clock: str) -> tuple[str, str]:
    start, end = claim.get("from"), claim.get("to")
    not_before, not_after = instant(claim.get("notBefore")), instant(claim.get("notAfter"))
    are_dates = ("notBefore" in claim) == (not_before is not None) and ("notAfter" in claim) == (not_after is not None)
    if not are_dates or (start is None) != (end is None) or (start is not None and start == end):
        return "error", "time_window.malformed"
    if not_before is not None and now < not_before:
        return "fail", "time_window.too_early"
    if not_after is not None and now >= not_after:
        return "fail", "time_window.too_late"
    if day not in claim.get("days", (day,)):
        return "fail", "time_window.wrong_day"
    if start is not None and end is not None and not _is_within(clock, start, end):
        return "fail", "time_window.wrong_hour"
    return "pass", "time_window.open"


def _is_within(clock: str, start: str, end: str) -> bool:
    # `HH:MM` sorts before every `HH:MM:SS` of its minute, so texts compare as times of day do.
    if start < end:
        return start <= clock < end
    return clock >= start or clock < end
