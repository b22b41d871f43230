"""Pages from templates: every text from data is escaped, and what one could not see of it is spelled out."""

import re
import unicodedata
from datetime import UTC, datetime

from jinja2 import Environment, PackageLoader, StrictUndefined

from headstart.version import __version__

_LONGEST = 300  # characters of a text from data
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, marks of direction and the like, halves of characters
_NEEDED = frozenset("\t\n\r\u200c\u200d")  # white space, and what joins letters and emoji


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
        "number": number,
        "share": share,
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


def visible(text: str, longest: int = _LONGEST) -> str:
    """A text from data with what cannot be seen spelled out, as ``\\x1b`` or ``\\u202e``, and with an end."""
    more = f"… ({number(len(text))} characters)" if len(text) > longest else ""
    text = text[:longest]
    if not text.strip():
        return f"{ascii(text)}{more}"
    return "".join(map(_spelled, text)) + more


def _spelled(character: str) -> str:
    if unicodedata.category(character) not in _UNSEEN or character in _NEEDED:
        return character
    return character.encode("unicode_escape").decode()
