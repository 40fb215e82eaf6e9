"""When schedules are due: cron in a zone, over the days on which the clocks change, and what is no cron."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runbooks.errors import ScheduleError
from runbooks.timetable import parse_timetable

VIENNA = "Europe/Vienna"
CRONS = ["0 6 * * 1", "30 2 * * *", "*/30 * * * *", "15 */4 * * *", "0,30 1-3 * * *", "0 0 1 * *", "59 23 L * *"]


def times(cron: str, zone: str, after: str, until: str) -> list[str]:
    return list(parse_timetable(cron, zone).times(after, until))


# In Vienna 02:00 to 03:00 is missing on 2026-03-29 and comes twice on 2026-10-25.
@pytest.mark.parametrize(
    ("cron", "after", "until", "expected"),
    [
        ("0 6 * * *", "2026-03-27T12:00:00Z", "2026-03-30T12:00:00Z", ["28T05:00", "29T04:00", "30T04:00"]),
        ("30 2 * * *", "2026-03-27T12:00:00Z", "2026-03-30T12:00:00Z", ["28T01:30", "29T01:00", "30T00:30"]),
        ("0,30 2,3 * * *", "2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z", ["29T01:00", "29T01:30"]),
        (
            "*/30 * * * *",
            "2026-03-29T00:00:00Z",
            "2026-03-29T02:00:00Z",
            ["29T00:30", "29T01:00", "29T01:30", "29T02:00"],
        ),
        ("30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z", ["25T00:30", "26T01:30"]),
        ("*/30 2 * * *", "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z", ["25T00:30", "25T01:00", "25T01:30"]),
        ("30 * * * *", "2026-10-24T23:00:00Z", "2026-10-25T02:00:00Z", ["24T23:30", "25T00:30", "25T01:30"]),
    ],
)
def test_the_days_on_which_the_clocks_change(cron: str, after: str, until: str, expected: list[str]) -> None:
    month = after[:8]
    assert times(cron, VIENNA, after, until) == [f"{month}{item}:00Z" for item in expected]


def test_a_time_that_comes_twice_is_not_due_again_for_who_looks_in_between() -> None:
    assert times("30 2 * * *", VIENNA, "2026-10-25T01:10:00Z", "2026-10-26T00:00:00Z") == []


def test_a_zone_without_summer_time_has_no_such_days() -> None:
    found = times("30 2 * * *", "Asia/Tokyo", "2026-03-20T00:00:00Z", "2026-11-20T00:00:00Z")
    assert len(found) == 245
    assert {item[11:] for item in found} == {"17:30:00Z"}


def looks() -> list[datetime]:
    """Moments all over the year, and close together where clocks change in Vienna, New York and Auckland."""
    found = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=30_011 * n) for n in range(17)]
    for month, day in ((3, 8), (3, 29), (4, 4), (9, 26), (10, 25), (11, 1)):
        found += [datetime(2026, month, day, tzinfo=UTC) + timedelta(minutes=35 * n) for n in range(40)]
    return found


@pytest.mark.parametrize("zone", [VIENNA, "America/New_York", "Asia/Kolkata", "Pacific/Auckland"])
@pytest.mark.parametrize("cron", CRONS)
def test_who_begins_to_look_later_sees_the_same_times(cron: str, zone: str) -> None:
    table = parse_timetable(cron, zone)
    whole = list(table.times("2026-01-01T00:00:00Z", "2027-01-20T00:00:00Z"))
    for look in looks():
        after, until = (item.isoformat().replace("+00:00", "Z") for item in (look, look + timedelta(days=1)))
        found = list(table.times(after, until))
        assert found == [item for item in whole if after < item <= until], after
        assert table.newest(after, until, 2) == found[-2:]


def test_the_newest_is_found_after_a_year_without_looking_at_each() -> None:
    table = parse_timetable("* * * * *", "UTC")
    found = table.newest("2020-01-01T00:00:00.5Z", "2026-01-01T00:00:30Z", 2)
    assert found == ["2025-12-31T23:59:00Z", "2026-01-01T00:00:00Z"]
    assert parse_timetable("0 0 29 2 *", "UTC").newest("2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z", 2) == [
        "2020-02-29T00:00:00Z",
        "2024-02-29T00:00:00Z",
    ]


def test_what_an_expression_sees_of_a_time_is_the_day_in_the_zone() -> None:
    # 2026-12-31 23:30 in UTC is 2027-01-01 00:30 in Vienna, in the last ISO week of 2026.
    assert parse_timetable("30 0 1 * *", VIENNA).named("2026-12-31T23:30:00Z") == {
        "at": "2026-12-31T23:30:00Z",
        "date": "2027-01-01",
        "week": "2026-W53",
        "previousWeek": "2026-W52",
        "month": "2027-01",
        "previousMonth": "2026-12",
    }


@pytest.mark.parametrize(
    "cron",
    [
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* * * * 8",
        "a * * * *",
        "*/0 * * * *",
        "0 0 31 2 *",
        "@daily",
        "5-1 * * * *",
        "0 0 * * " + "1," * 200 + "1",
        "9" * 150 + " * * * *",
    ],
)
def test_what_is_no_cron_expression_is_refused(cron: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_timetable(cron, "UTC")
    assert caught.value.code == "schedule.cron"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "Europe", "UTC\0", "utc+1"])
def test_what_is_no_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_timetable("0 6 * * 1", zone)
    assert caught.value.code == "schedule.time_zone"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text("0123456789*/,-#LWMONjan? ", min_size=1, max_size=6), min_size=4, max_size=6).map(" ".join))
def test_any_text_is_a_timetable_or_one_clear_error(cron: str) -> None:
    try:
        table = parse_timetable(cron, VIENNA)
    except ScheduleError:
        return
    first = table.upcoming("2026-03-28T12:00:00.000001Z")
    assert first is None or first > "2026-03-28T12:00:00Z"
