"""Pages from templates: every text from data is escaped, and what one could not see of it is spelled out."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from headstart.spelling import spelled
from headstart.version import __version__

_LONGEST = 300  # characters of a text from data
_MARKS = re.compile(r"[\\`*_\[\]<>&|~$]")
_UNITS = ("B", "kB", "MB", "GB")


def rendered(template: str, **values: object) -> str:
    """The page that a template of this package makes of the values."""
    environment = Environment(
        loader=PackageLoader("headstart.report", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {
        "said": said,
        "sentence": sentence,
        "moment": moment,
        "visible": visible,
        "spelled": spelled,
        "breakable": breakable,
        "number": number,
        "share": share,
        "ratio": ratio,
        "listed": listed,
        "md": markdown,
    }
    return environment.get_template(template).render(version_of_headstart=__version__, **values)


def said(text: str) -> str:
    """A metric as people write it, alone or in a sentence."""
    return re.sub(r"\bmacro_f1\b", "macro F1", text)


def sentence(text: str) -> str:
    """A reason as a sentence of its own."""
    return f"{text[:1].upper()}{text[1:]}."


def moment(text: str) -> str:
    """An ISO time to the second, in UTC."""
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def number(count: int) -> str:
    """A count; the digits of a long one in groups of three."""
    return str(count) if abs(count) < 10_000 else f"{count:,}".replace(",", "\u202f")


def share(part: float, whole: float = 1.0) -> str:
    """How much of the whole the part is, in percent; what is not nothing and not all is not said to be."""
    percent = 100 * part / whole if whole else 0.0
    if 0 < percent < 0.1:
        return "under 0.1\u00a0%"
    if 99.9 < percent < 100:
        return "over 99.9\u00a0%"
    return f"{percent:.1f}".removesuffix(".0") + "\u00a0%"


def size(count: int) -> str:
    """Bytes, in the unit that leaves few digits."""
    amount, unit = float(count), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.3g}\u00a0{_UNITS[unit]}"


def ratio(times: float) -> str:
    """How many times as much one thing is as another."""
    return f"{times:.1f}:1" if times < 10 else f"{number(round(times))}:1"


def listed(names: Sequence[str]) -> str:
    """The names as a sentence has them."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def visible(text: str, longest: int = _LONGEST) -> str:
    """A text from data with what cannot be seen spelled out as in a Python literal, and with an end."""
    more = f"… ({number(len(text))} characters)" if len(text) > longest else ""
    text = text[:longest]
    if not text.strip():
        return f"{text!a}{more}"
    return spelled(text) + more


def markdown(text: str, longest: int = _LONGEST) -> Markup:
    """A text from data in one line of Markdown, where it is nothing but text."""
    return Markup(_MARKS.sub(r"\\\g<0>", " ".join(visible(text, longest).split())))  # noqa: S704 (marks are escaped)


def breakable(text: str) -> Markup:
    """A text that may go on in the next line where a name of several words is joined."""
    return Markup(re.sub("([_/])", r"\1<wbr>", str(escape(text))))  # noqa: S704 (escaped, and the tag is put in here)
