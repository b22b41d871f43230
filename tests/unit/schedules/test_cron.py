"""Cron across time zones: the same moments, or an honest refusal."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from cronsim import CronSim
from hypothesis import assume, given
from hypothesis import strategies as st

from headstart.schedules import cron
from tests.support.steady import STEADY

NOW = datetime(2026, 11, 27, 12, 34, tzinfo=UTC)
# No clocks are changed there: ahead, behind, by half an hour, by three quarters.
STILL = ["UTC", "Asia/Tokyo", "America/Phoenix", "Asia/Kolkata", "Asia/Kathmandu"]


@pytest.mark.parametrize(
    ("expression", "zone", "moved"),
    [
        ("0 3 * * *", "UTC", "0 0 3 * * *"),
        ("0 3 * * *", "Asia/Tokyo", "0 0 18 * * *"),
        ("0 3 * * 1-5", "Asia/Tokyo", "0 0 18 * * 0,1,2,3,4"),
        ("0 22 * * SUN", "America/Phoenix", "0 0 5 * * 1"),
        ("0 9 * * 7", "UTC", "0 0 9 * * 0"),
        ("*/15 * * * *", "Europe/Berlin", "0 0,15,30,45 * * * *"),
        ("30 12 1 * *", "Asia/Kolkata", "0 0 7 1 * *"),
    ],
)
def test_an_expression_is_moved_into_the_controllers_zone(expression: str, zone: str, moved: str) -> None:
    assert cron.moved(expression, zone, "UTC", NOW) == moved


def test_where_the_controller_runs_in_the_same_zone_nothing_is_moved() -> None:
    assert cron.moved("30 2 1 * *", "Europe/Berlin", "Europe/Berlin", NOW) == "0 30 2 1 * *"


@pytest.mark.parametrize(
    ("expression", "zone", "why"),
    [
        ("0 3 * * *", "Europe/Berlin", "are not always the same time apart"),
        ("0 */2 * * *", "America/New_York", "are not always the same time apart"),
        ("0 3 1 * *", "Asia/Tokyo", "its days begin at another time"),
        ("0 3,12 * * 1", "Asia/Tokyo", "its days begin at another time"),
    ],
)
def test_what_cannot_be_moved_exactly_is_refused_with_the_reason(expression: str, zone: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        cron.moved(expression, zone, "UTC", NOW)


@pytest.mark.parametrize(
    "expression", ["", "* * * *", "0 0 3 * * *", "61 * * * *", "0 3 L * *", "0 3 * * 1#2", "@daily"]
)
def test_what_is_no_expression_of_five_fields_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match="cron expression"):
        cron.check(expression)


@pytest.mark.parametrize("name", ["", "Berlin", "Europe/Nowhere", "../etc/passwd"])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a time zone is a name"):
        cron.zone(name)


def _field(least: int, most: int) -> st.SearchStrategy[str]:
    numbers = st.lists(st.integers(least, most), min_size=1, max_size=3, unique=True).map(
        lambda chosen: ",".join(map(str, chosen))
    )
    return st.just("*") | numbers | st.integers(2, 9).map(lambda step: f"*/{step}")


@STEADY
@given(
    minute=_field(0, 59),
    hour=_field(0, 23),
    day=st.just("*") | _field(1, 28),
    weekday=st.just("*") | _field(0, 7),
    zone=st.sampled_from([*STILL, "Europe/Berlin", "America/New_York"]),
    start=st.datetimes(datetime(2026, 11, 27), datetime(2028, 11, 1)).map(lambda moment: moment.replace(tzinfo=UTC)),
)
def test_what_is_moved_is_due_at_the_same_moments(
    minute: str, hour: str, day: str, weekday: str, zone: str, start: datetime
) -> None:
    expression = cron.check(f"{minute} {hour} {day} * {weekday}")
    try:
        moved = cron.moved(expression, zone, "UTC", NOW)
    except ValueError:
        assume(False)
    here = [each.astimezone(UTC) for each in cron.first(expression, zone, start, 30)]
    there = [each.astimezone(UTC) for each in islice(CronSim(moved, start), 30)]
    assert here == there


@pytest.mark.parametrize("zone", STILL)
def test_a_nightly_run_can_be_said_from_every_zone_whose_clocks_stand_still(zone: str) -> None:
    assert cron.moved("15 3 * * *", zone, "UTC", NOW)


def test_the_next_runs_are_told_in_the_schedules_own_zone() -> None:
    night = datetime(2027, 3, 27, 0, 0, tzinfo=UTC)  # clocks go forward the night after
    runs = cron.first("30 3 * * *", "Europe/Berlin", night, 2)
    assert [run.isoformat() for run in runs] == ["2027-03-27T03:30:00+01:00", "2027-03-28T03:30:00+02:00"]
    assert runs[1] - runs[0] == timedelta(days=1)
