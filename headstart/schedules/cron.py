"""Cron expressions: what people write, in their time zone, and what Kubeflow's controller takes, in its own.

Kubeflow's recurring runs have six fields, seconds first, and no time zone: its controller has one, UTC unless it is
told otherwise. So an expression is moved to the controller's zone, which is not always possible: where clocks are
changed, a fixed hour there is two hours here. What cannot be moved exactly is refused.
"""

import functools
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice, product
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

_NAMES = r"[A-Z]{3}"
_FIELD = re.compile(rf"(\*|\d+|{_NAMES})(-(\d+|{_NAMES}))?(/\d+)?(,(\d+|{_NAMES})(-(\d+|{_NAMES}))?(/\d+)?)*")
_DAY = 24 * 60
_YEARS = 3  # in which the changes of clocks are looked for


def zone(name: str) -> ZoneInfo:
    """A time zone by its name, as in ``Europe/Berlin``.

    Raises:
        ValueError: There is none of this name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("a time zone is a name like UTC or Europe/Berlin") from None


def check(expression: str) -> str:
    """The expression itself, if it has five fields that both we and Kubeflow understand.

    Raises:
        ValueError: It has not.
    """
    fields = expression.upper().split()
    if len(fields) != 5 or not all(_FIELD.fullmatch(field) for field in fields):
        raise ValueError("a cron expression has five fields: minute, hour, day of month, month, day of week")
    try:
        CronSim(expression, datetime.now(UTC))
    except CronSimError as error:
        raise ValueError(f"no cron expression: {str(error).lower()}") from None
    return expression


def upcoming(expression: str, zone_name: str, after: datetime) -> Iterator[datetime]:
    """When an expression is due, in its time zone.

    Args:
        expression: Five fields, or six with seconds first.
        zone_name: The time zone that it is meant in.
        after: A moment, with its time zone.
    """
    yield from CronSim(expression, after.astimezone(zone(zone_name)))


def moved(expression: str, zone_name: str, controller: str, at: datetime) -> str:
    """The six fields with which a controller in another time zone is due at the same moments.

    Args:
        expression: Five fields.
        zone_name: The time zone that they are meant in.
        controller: The time zone of Kubeflow's controller.
        at: The time now: changes of clocks are looked for in the years after it.

    Raises:
        ValueError: There are no such fields.
    """
    if zone_name == controller:
        return f"0 {_spelled(expression)}"
    shifts = _shifts(zone_name, controller, at.date())
    found = {_shifted(expression, minutes) for minutes in shifts}
    if None in found or len(found) > 1:
        why = (
            f"the clocks of {zone_name} and {controller} are not always the same time apart"
            if len(shifts) > 1
            else f"its days begin at another time in {controller}"
        )
        raise ValueError(
            f"it cannot be said in Kubeflow's time zone, for {why}: give it in {controller}, or set "
            f"kubeflow.time_zone if the controller runs in {zone_name}"
        )
    (only,) = found
    return f"0 {only}"


@functools.lru_cache
def _shifts(zone_name: str, controller: str, day: date) -> frozenset[int]:
    """By how many minutes the controller's clocks are ahead, in all the hours of the years after a day."""
    here, there, start = zone(zone_name), zone(controller), datetime(day.year, day.month, day.day, tzinfo=UTC)
    hours = (start + timedelta(hours=hour) for hour in range(_YEARS * 366 * 24))
    return frozenset(_minutes(each.astimezone(there)) - _minutes(each.astimezone(here)) for each in hours)


def _minutes(moment: datetime) -> int:
    offset = moment.utcoffset()
    return int(offset.total_seconds() // 60) if offset is not None else 0


def _shifted(expression: str, shift: int) -> str | None:
    """Five fields that are due so many minutes later by the clock, or None where there are none."""
    if not shift:
        return _spelled(expression)
    parsed = CronSim(expression, datetime(2000, 1, 1, tzinfo=UTC))
    _, _, days, months, weekdays = _spelled(expression).split()
    times = {divmod(60 * hour + minute + shift, _DAY) for hour, minute in product(parsed.hours, parsed.minutes)}
    over, clock = {day for day, _ in times}, {minute for _, minute in times}
    hours, minutes = {minute // 60 for minute in clock}, {minute % 60 for minute in clock}
    if len(hours) * len(minutes) != len(clock):
        return None
    if (days, months, weekdays) != ("*", "*", "*") and over != {0}:
        if len(over) > 1 or (days, months) != ("*", "*"):
            return None
        (day,) = over
        numbers = {each for each in parsed.weekdays if isinstance(each, int)}
        weekdays = _listed({(each + day) % 7 for each in numbers}, 7)
    return f"{_listed(minutes, 60)} {_listed(hours, 24)} {days} {months} {weekdays}"


def _listed(numbers: set[int], whole: int) -> str:
    return "*" if len(numbers) == whole else ",".join(map(str, sorted(numbers)))


def _spelled(expression: str) -> str:
    """The five fields as Kubeflow's parser knows them: Sunday is 0, and never 7."""
    *fields, weekdays = expression.upper().split()
    if re.search(r"(?<!/)7", weekdays):
        parsed = CronSim(expression, datetime(2000, 1, 1, tzinfo=UTC)).weekdays
        weekdays = _listed({each % 7 for each in parsed if isinstance(each, int)}, 7)
    return " ".join([*fields, weekdays])


def first(expression: str, zone_name: str, after: datetime, count: int) -> list[datetime]:
    """The next moments at which an expression is due."""
    return list(islice(upcoming(expression, zone_name, after), count))
