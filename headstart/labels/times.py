"""Times as exports write them."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import parsedate_tz

from headstart.labels.tables.pieces import number

_SCALES = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""From which number on it counts what parts of a second: as seconds it would be beyond the year 5000."""

_REWRITES = (
    (re.compile(r"(\d{4})[/.](\d\d?)[/.](\d\d?)(?!\d)"), r"\1-\2-\3"),
    (re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4})(?!\d)"), r"\3-\2-\1"),  # with slashes the month might come first
    (re.compile(r"(\d{4}-\d\d)$"), r"\1-01"),
    (re.compile(r"(.*\d) ?(?:UTC|GMT)$"), r"\1+00:00"),
)
_DIGIT = re.compile(r"(?<=[-T ])(\d)(?!\d)")
_ZONE = re.compile(r"[+-]\d{4}\b|\b(?:UT|UTC|GMT|[ECMP][SD]T)\b")


def seconds(value: object) -> float | None:
    """Seconds since 1970 of a time in ISO 8601 or as mails have it, of a date, or of a number of seconds or the like.

    A time without a zone is taken for UTC, and a number for seconds, milliseconds, microseconds or nanoseconds, by its
    size. None where the value is no time, or one that means another day elsewhere (``02/03/2024``).
    """
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC).timestamp()
    found = number(value)
    if found is not None:
        return found / next((scale for least, scale in _SCALES if abs(found) >= least), 1.0)
    if not isinstance(value, str):
        return None
    try:
        return seconds(_iso(value.strip()) or _of_mail(value))
    except (ValueError, OverflowError):
        return None


def said(moment: float) -> str:
    """A time in ISO 8601, or the number where it is beyond all calendars."""
    try:
        return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return f"{moment:g}"


def _iso(text: str) -> datetime | None:
    """A time in ISO 8601, or with the same parts in another order or between other signs."""
    rewritten = text
    for pattern, as_iso in _REWRITES:
        rewritten = pattern.sub(as_iso, rewritten, count=1) if pattern.match(rewritten) else rewritten
    for each in (text, _DIGIT.sub(r"0\1", rewritten)):
        try:
            return datetime.fromisoformat(each)
        except ValueError:
            continue
    return None


def _of_mail(text: str) -> datetime | None:
    """A time as mails, logs and Twitter have it: with the month by name, and its zone.

    Raises:
        ValueError: It is none that a clock shows.
    """
    parts = parsedate_tz(text) if _ZONE.search(text) else None
    if parts is None or parts[9] is None:
        return None
    return datetime(*parts[:6], tzinfo=timezone(timedelta(seconds=parts[9])))
