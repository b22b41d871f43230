"""Text files as they come: in UTF-8, with or without a mark, or in UTF-16 or UTF-32, as a mark or zeros tell."""

import codecs
import shutil
from pathlib import Path
from typing import TextIO

BOM = codecs.BOM_UTF8
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOK = 4096  # bytes; even, so that no character is cut
_ZEROS = 0.1  # of the characters, the least that are ASCII: also a table in Chinese has commas and line ends
# A byte that is not UTF-8 becomes half a character, which no record may have: so it costs its record, not the file.
ERRORS = "surrogateescape"


def open_text(path: Path) -> TextIO:
    """Open a text file for line-wise reading, its byte-order mark dropped, line ends kept."""
    return path.open(encoding="utf-8-sig", errors=ERRORS, newline="")


def decoded(data: bytes) -> str:
    """Bytes as text, in the same way."""
    return data.removeprefix(BOM).decode(errors=ERRORS)


def encoding_of(path: Path) -> str | None:
    """The encoding that a byte-order mark announces, where it is not UTF-8, or UTF-16 without one.

    In UTF-16 each character of ASCII, such as every comma and line end, has a byte of zero, the first or the second one
    of its two; text in UTF-8 has none.
    """
    with path.open("rb") as stream:
        start = stream.read(_LOOK)
    # The mark of UTF-32 begins as that of UTF-16 does.
    announced = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    return announced or _unannounced(start)


def _unannounced(start: bytes) -> str | None:
    first, second = start[::2].count(0), start[1::2].count(0)
    if max(first, second) <= _ZEROS * len(start) / 2:
        return None
    encoding = "utf-16-be" if first > second else "utf-16-le"
    text = start.decode(encoding, "ignore")
    # Binary files and stray zeros in UTF-8 have no lines in UTF-16.
    is_text = "\n" in text and not any(each < " " and each not in "\t\r\n" for each in text)
    return encoding if is_text else None


def transcode(source: Path, encoding: str, target: Path) -> None:
    """Write a text file in UTF-8; half a character of UTF-16 becomes bytes that are not, which cost their record alone.

    Raises:
        UnicodeError: It is not in this encoding.
    """
    halves = "surrogatepass"
    with (
        source.open(encoding=encoding, errors=halves, newline="") as read,
        target.open("w", encoding="utf-8", errors=halves, newline="") as write,
    ):
        shutil.copyfileobj(read, write)
