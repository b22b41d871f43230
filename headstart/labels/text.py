"""Text files as they come: with or without a byte-order mark, in UTF-8."""

from pathlib import Path
from typing import TextIO

from headstart.errors import DataError


def open_text(path: Path, name: str) -> TextIO:
    """Open a UTF-8 text file for line-wise reading, its byte-order mark dropped, line ends kept.

    Raises:
        DataError: It is not UTF-8.
    """
    check_utf8(path, name)
    return path.open(encoding="utf-8-sig", newline="")


def check_utf8(path: Path, name: str) -> None:
    """Find the first line that is not UTF-8.

    Raises:
        DataError: There is one; the error names its line and byte.
    """
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                guess = " The file looks like UTF-16." if number == 1 and line[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
                raise DataError(
                    "data/unreadable",
                    f"byte 0x{line[error.start]:02x} at position {error.start + 1} is not UTF-8.{guess}",
                    remedy="Save the file as UTF-8 and import it again.",
                    where=f"{name}, line {number}",
                ) from None
