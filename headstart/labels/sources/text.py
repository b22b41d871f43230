"""Text files as they come: in UTF-8, with or without a byte-order mark, or in what another mark announces."""

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
# A byte that is not UTF-8 becomes half a character, which no record may have: so it costs its record, not the file.
ERRORS = "surrogateescape"


def open_text(path: Path) -> TextIO:
    """Open a text file for line-wise reading, its byte-order mark dropped, line ends kept."""
    return path.open(encoding="utf-8-sig", errors=ERRORS, newline="")


def decoded(data: bytes) -> str:
    """Bytes as text, in the same way."""
    return data.removeprefix(BOM).decode(errors=ERRORS)


def encoding_of(path: Path) -> str | None:
    """The encoding that a byte-order mark announces, where it is not UTF-8."""
    with path.open("rb") as stream:
        start = stream.read(4)
    # The mark of UTF-32 begins as that of UTF-16 does.
    return next((name for mark, name in _MARKS if start.startswith(mark)), None)


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
