"""`time_window`: only then and only at these hours (spec/provers.md, 12)."""

from __future__ import annotations

__all__ = ["TimeWindow"]

from datetime import datetime, timedelta
from typing import Any

from runbooks.evidence import Scope, instant, is_time
from runbooks.provers.prover import Claim, Prover, Verdict

_TIME = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?Z$"}
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

    def judge(self, claim: Claim, scope: Scope, answer: Any) -> Verdict:
        """From logicalTime alone."""
        del answer
        now = instant(scope.logical_time)
        local = now + _offset(claim.get("offset", "+00:00"))
        hour = local.strftime("%H:%M:%S")
        evidence = {"now": scope.logical_time, "day": local.isoweekday(), "time": hour}
        begin, end = claim.get("from"), claim.get("to")
        dates = (claim[member] for member in ("notBefore", "notAfter") if member in claim)
        is_window = (begin is None) == (end is None) and (begin is None or begin != end)
        if not is_window or not all(is_time(date) for date in dates):
            return Verdict("error", "time_window.malformed", evidence)
        closed = _date_problem(claim, now)
        if closed:
            return Verdict("fail", closed, evidence)
        if "days" in claim and local.isoweekday() not in claim["days"]:
            return Verdict("fail", "time_window.wrong_day", evidence)
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


def _offset(text: str) -> timedelta:
    shift = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return shift if text[0] == "+" else -shift
