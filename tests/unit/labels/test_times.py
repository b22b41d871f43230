"""Times as exports write them."""

import datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.labels.times import said, seconds
from tests.support.steady import ANYTHING, STEADY

MOMENT = 1424777752.0  # 2015-02-24, 11:35:52 UTC
DAY = 1424736000.0


@pytest.mark.parametrize(
    "written",
    [
        "2015-02-24T11:35:52Z",
        "2015-02-24T11:35:52",
        " 2015-02-24 11:35:52 ",
        "2015-02-24 11:35:52.000000000",
        "2015-02-24T12:35:52+01:00",
        "2015-02-24 03:35:52 -0800",
        "2015-02-24 11:35:52 UTC",
        "2015-02-24 11:35:52 GMT",
        "20150224T113552Z",
        "2015/02/24 11:35:52",
        "2015/2/24 11:35:52",
        "2015.02.24 11:35:52",
        "24.02.2015 11:35:52",
        "24.2.2015 11:35:52",
        "Tue, 24 Feb 2015 11:35:52 +0000",
        "Tue, 24 Feb 2015 11:35:52 GMT",
        "Tue Feb 24 11:35:52 +0000 2015",
        "Tue Feb 24 04:35:52 MST 2015",
        "1424777752",
        "1424777752.0",
        1424777752,
        1424777752_000,
        1424777752_000_000,
        1424777752_000_000_000,
        datetime.datetime(2015, 2, 24, 11, 35, 52),
        datetime.datetime(2015, 2, 24, 12, 35, 52, tzinfo=datetime.timezone(datetime.timedelta(hours=1))),
    ],
)
def test_a_moment_is_the_same_however_it_is_written(written: object) -> None:
    assert seconds(written) == MOMENT


@pytest.mark.parametrize(
    "written", ["2015-02-24", "2015/02/24", "2015-2-24", "24.02.2015", "2015-W09-2", datetime.date(2015, 2, 24)]
)
def test_a_day_is_its_start(written: object) -> None:
    assert seconds(written) == DAY


def test_a_month_is_its_start() -> None:
    assert seconds("2015-02") == seconds("2015-02-01")


@pytest.mark.parametrize(
    "written",
    [
        "02/03/2015",  # in March or in February
        "Feb 24, 2015 11:35 PM",
        "Tue Feb 24 11:35:52 CET 2015",  # a zone that nobody here knows
        "11:35:52",
        "2015-02-30",
        "24.13.2015",
        "Tue, 24 Feb 2015 25:00:00 GMT",
        "1 Feb 3 4:5:6 +99999999",
        "soon",
        "",
        "nan",
        None,
        True,
        float("nan"),
        float("inf"),
        10**400,
        [2015],
        {"year": 2015},
        b"2015-02-24",
        datetime.time(11, 35),
        datetime.timedelta(days=1),
    ],
)
def test_what_is_no_time_or_means_another_one_elsewhere_is_none(written: object) -> None:
    assert seconds(written) is None


@pytest.mark.parametrize("counted", [0, -5, 3.5, 2024, 99_999_999_999])
def test_a_number_that_only_grows_is_kept(counted: float) -> None:
    assert seconds(counted) == counted


@STEADY
@given(st.datetimes(timezones=st.timezones() | st.none()))
def test_iso_times_are_read_as_they_were_written(moment: datetime.datetime) -> None:
    expected = (moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)).timestamp()
    assert seconds(moment.isoformat()) == pytest.approx(expected, abs=1e-6)
    assert seconds(moment) == pytest.approx(expected, abs=1e-6)


@STEADY
@given(st.datetimes(min_value=datetime.datetime(1900, 1, 1), timezones=st.just(datetime.UTC)))
def test_mail_times_are_read_as_they_were_written(moment: datetime.datetime) -> None:
    assert seconds(format_datetime(moment)) == moment.replace(microsecond=0).timestamp()


@STEADY
@given(st.floats(-6e10, 2e11).map(round))
def test_what_is_said_of_a_moment_is_read_as_the_same(moment: int) -> None:
    assert seconds(said(moment)) == moment


def test_a_moment_beyond_all_calendars_is_said_as_a_number() -> None:
    assert said(1e20) == "1e+20"


@STEADY
@given(ANYTHING | st.text(alphabet="0123456789 :-+./,TZGMTPDTJanFebMonTue", max_size=30))
def test_anything_is_a_time_or_none(written: object) -> None:
    found = seconds(written)
    assert found is None or found == found
