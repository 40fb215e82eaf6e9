"""What is due: each time of a schedule is started or skipped just once, whenever and however often somebody looks."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runbooks.canonical import dumps
from runbooks.errors import LedgerError
from runbooks.ledger import GENESIS, Draft, Entry, chain
from runbooks.schedules import (
    CATCH_UP,
    Due,
    Schedule,
    ScheduleEvent,
    SchedulePaused,
    ScheduleRemoved,
    ScheduleResumed,
    ScheduleSet,
    ScheduleSkipped,
    due,
    fold_schedules,
    parameters_at,
    to_draft,
)

START = datetime(2026, 3, 27, 12, tzinfo=UTC)
NEVER = "2026-03-27T12:00:00Z"


def text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def planned(missed: str = "latest", cron: str = "0 6 * * *", **members: object) -> ScheduleSet:
    given_: dict[str, object] = {"parameters": {}, "compute": {}, **members}
    return ScheduleSet("S1", "R", cron, "Europe/Vienna", missed, "ann", at=NEVER, **given_)  # type: ignore[arg-type]


def entries(*events: ScheduleEvent) -> list[Entry]:
    return chain(0, GENESIS, [to_draft(event) for event in events])


def stands(*events: ScheduleEvent, fired: str | None = None) -> Schedule:
    return fold_schedules(entries(planned(), *events), lambda name: fired)["S1"]


@settings(max_examples=60, deadline=None)
@given(
    missed=st.sampled_from(["latest", "skip", "all"]),
    cron=st.sampled_from(["0 6 * * *", "30 2 * * *", "*/20 * * * *", "0 */7 * * *", "0 0 * * 1"]),
    # Minutes by which the clock moves between two looks, set back now and then.
    moves=st.lists(st.integers(-300, 2500), min_size=1, max_size=8),
    lost=st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_each_time_is_settled_once_and_none_is_lost(missed: str, cron: str, moves: list[int], lost: list[bool]) -> None:
    plan = planned(missed, cron)
    events: list[ScheduleEvent] = [plan]
    started: list[str] = []
    skipped: Counter[str] = Counter()
    now = latest = START
    for move, is_lost in zip(moves, lost, strict=False):
        now += timedelta(minutes=move)
        latest = max(latest, now)
        while True:
            schedule = fold_schedules(entries(*events), lambda name, got=started: got[-1] if got else None)["S1"]
            found = due(schedule, text(now))
            if found == Due():
                break
            if found.skip is not None:
                skipped.update(schedule.timetable.times(_before(found.skip[0]), found.skip[1]))
                events.append(ScheduleSkipped("S1", "R", *found.skip, text(now)))
            # A process that dies in between leaves the rest to the next look.
            started += found.start[: len(found.start) // 2 if is_lost and len(found.start) > 1 else None]
    every = list(plan_times(plan, text(latest)))
    assert len(set(started)) == len(started)
    assert started == sorted(started)
    settled = Counter(started) + skipped
    assert set(settled) <= set(every)
    assert all(count == 1 for count in settled.values())
    assert sorted(settled) == every
    if missed == "all":
        assert started == every


def _before(at: str) -> str:
    return text(datetime.fromisoformat(at) - timedelta(seconds=1))


def plan_times(plan: ScheduleSet, until: str) -> list[str]:
    return list(Schedule(plan, plan.at).timetable.times(plan.at, until))


@pytest.mark.parametrize(
    ("missed", "now", "expected"),
    [
        ("latest", "2026-03-28T04:59:59Z", Due()),
        ("latest", "2026-03-28T05:00:00Z", Due(start=("2026-03-28T05:00:00Z",))),
        ("latest", "2026-03-28T23:00:00Z", Due(start=("2026-03-28T05:00:00Z",))),
        (
            "latest",
            "2026-03-31T23:00:00Z",
            Due(("2026-03-28T05:00:00Z", "2026-03-30T04:00:00Z"), ("2026-03-31T04:00:00Z",)),
        ),
        ("skip", "2026-03-28T05:05:00Z", Due(start=("2026-03-28T05:00:00Z",))),
        ("skip", "2026-03-28T05:05:01Z", Due(("2026-03-28T05:00:00Z", "2026-03-28T05:00:00Z"))),
        (
            "skip",
            "2026-03-30T04:00:01Z",
            Due(("2026-03-28T05:00:00Z", "2026-03-29T04:00:00Z"), ("2026-03-30T04:00:00Z",)),
        ),
        ("all", "2026-03-29T12:00:00Z", Due(start=("2026-03-28T05:00:00Z", "2026-03-29T04:00:00Z"))),
        ("all", "2026-03-20T12:00:00Z", Due()),
    ],
)
def test_what_is_due_of_times_that_were_missed(missed: str, now: str, expected: Due) -> None:
    assert due(Schedule(planned(missed), NEVER), now) == expected


def test_one_look_starts_a_hundred_at_most_oldest_first() -> None:
    found = due(Schedule(planned("all", "* * * * *"), NEVER), "2026-03-28T12:00:00Z").start
    assert (len(found), found[0], found[-1]) == (CATCH_UP, "2026-03-27T12:01:00Z", "2026-03-27T13:40:00Z")


def test_nothing_is_due_of_a_paused_or_removed_schedule_and_what_a_pause_took_is_settled() -> None:
    later = "2026-04-02T12:00:00Z"
    paused = SchedulePaused("S1", "R", "ann", "2026-03-28T12:00:00Z")
    resumed = ScheduleResumed("S1", "R", "ann", "2026-03-30T12:00:00Z")
    assert due(stands(paused), later) == Due()
    assert stands(paused).upcoming is None
    assert stands(paused, resumed).upcoming == "2026-03-31T04:00:00Z"
    assert due(stands(paused, resumed), "2026-03-30T13:00:00Z") == Due()
    assert due(stands(ScheduleRemoved("S1", "R", "ann", NEVER)), later) == Due()
    assert not stands(paused).is_open(later)


def test_a_clock_that_was_set_back_starts_nothing_again() -> None:
    schedule = stands(fired="2026-03-29T04:00:00Z")
    assert due(schedule, "2026-03-28T12:00:00Z") == due(schedule, "2026-03-29T23:00:00Z") == Due()
    assert not schedule.is_open("2026-03-29T04:00:00Z")
    assert schedule.is_open("2026-03-30T04:00:00Z")


def test_parameters_are_computed_from_the_time() -> None:
    plan = planned(parameters={"n": 1}, compute={"period": "scheduled.previousWeek", "none": "scheduled.x"})
    assert parameters_at(plan, "2026-03-30T04:00:00Z") == {"n": 1, "period": "2026-W13", "none": None}


def test_an_entry_that_no_version_writes_is_said() -> None:
    body = dumps({"members": {"schedule_id": "S1", "by": "ann"}, "blobs": {}})
    [entry] = chain(0, GENESIS, [Draft("", "R", "SchedulePaused", None, body)])
    with pytest.raises(LedgerError, match="entry 1"):
        fold_schedules([entry], lambda name: None)
