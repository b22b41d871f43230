"""A file that is one JSON document: what it begins with, told from its start alone, and what it holds."""

import json
import re
from typing import Any, Final, NamedTuple

from headstart.errors import DataError
from headstart.labels.sources.files import SourceFile
from headstart.labels.sources.text import decoded

_SIZE = 1 << 20  # bytes that are looked at
_SPACE = re.compile(r"[ \t\r\n]*")

CUT: Final = object()
"""What stands for a member's value that goes on beyond the start, or is broken."""


class Start(NamedTuple):
    """Whether the file is a list of objects, and the members of the first one as far as the start shows them."""

    is_list: bool
    members: dict[str, Any]


def first_object(file: SourceFile) -> Start | None:
    """The object that the file begins with, alone or in a list; None where it begins with anything else."""
    text = file.start(_SIZE).decode("utf-8", errors="replace")
    at = _next(text, 0)
    is_list = text.startswith("[", at)
    if is_list:
        at = _next(text, at + 1)
    return Start(is_list, _members(text, at + 1)) if text.startswith("{", at) else None


def is_list_of_lists(file: SourceFile) -> bool:
    """Whether the file begins with a list of which the first item is a list of several plain values."""
    text = file.start(_SIZE).decode("utf-8", errors="replace")
    at = _next(text, 0)
    if not text.startswith("[", at):
        return False
    try:
        found, _ = json.JSONDecoder().raw_decode(text, _next(text, at + 1))
    except (ValueError, RecursionError):
        return False
    return isinstance(found, list) and len(found) > 1 and not any(isinstance(cell, dict | list) for cell in found)


def document(file: SourceFile) -> Any:
    """What the file holds.

    Raises:
        DataError: It is not JSON.
    """
    try:
        return json.loads(decoded(file.path.read_bytes()))
    except json.JSONDecodeError as error:
        raise _unreadable(f"{error.msg} at character {error.colno}", f"{file.name}, line {error.lineno}") from None
    except RecursionError:
        raise _unreadable("nested too deeply", file.name) from None
    except ValueError as error:  # a number of thousands of digits
        raise _unreadable(str(error).partition(";")[0], file.name) from None


def _unreadable(reason: str, where: str) -> DataError:
    return DataError("data/unreadable", f"not JSON: {reason}.", remedy="Export it again.", where=where)


def _members(text: str, at: int) -> dict[str, Any]:
    members: dict[str, Any] = {}
    decode = json.JSONDecoder().raw_decode
    try:
        while text.startswith('"', at := _next(text, at)):
            name, at = decode(text, at)
            members[name] = CUT
            if not text.startswith(":", at := _next(text, at)):
                break
            members[name], at = decode(text, _next(text, at + 1))
            if not text.startswith(",", at := _next(text, at)):
                break
            at += 1
    except (ValueError, RecursionError):
        pass
    return members


def _next(text: str, at: int) -> int:
    """Where the next character stands that is no white space."""
    match = _SPACE.match(text, at)
    return match.end() if match else at
