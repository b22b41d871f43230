"""Times as exports write them."""

from datetime import UTC, date, datetime, time

from headstart.labels.tables.pieces import number

_MILLISECONDS = 1e11  # a number of seconds beyond the year 5000 is one of milliseconds
_MICROSECONDS = 1e14


def seconds(value: object) -> float | None:
    """Seconds since 1970 of an ISO 8601 time, of a date, or of a number of seconds, milliseconds or microseconds.

    A time without a zone is taken for UTC. None where the value is no time.
    """
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC).timestamp()
    found = number(value)
    if found is not None:
        scale = 1e6 if abs(found) >= _MICROSECONDS else 1e3 if abs(found) >= _MILLISECONDS else 1.0
        return found / scale
    if not isinstance(value, str):
        return None
    try:
        return seconds(datetime.fromisoformat(value.strip()))
    except (ValueError, OverflowError):
        return None


def said(moment: float) -> str:
    """A time in ISO 8601, or the number where it is beyond all calendars."""
    try:
        return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return f"{moment:g}"
