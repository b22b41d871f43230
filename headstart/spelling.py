"""Texts from elsewhere, made safe to look at: what cannot be seen is spelled out."""

import re
import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, marks of direction and the like, halves of characters
_NEEDED = frozenset("\t\n\r\u200c\u200d")  # white space, and what joins letters and emoji
_SPACES = str.maketrans({"\t": "\\t", "\n": "\\n", "\r": "\\r"})


def spelled(text: str) -> str:
    """A piece of a text from data with what cannot be seen spelled out."""
    return "".join(
        each.encode("unicode_escape").decode()
        if unicodedata.category(each) in _UNSEEN and each not in _NEEDED
        else each
        for each in text
    )


def harmless(line: str) -> str:
    """The line without what would move the cursor, colour the terminal, or turn the rest of it around."""
    return spelled(line).translate(_SPACES)


def scrubbed(text: str) -> str:
    """The text without credentials, wherever in it a URI stands, and without what cannot be printed."""
    hidden = re.sub(r"""://[^"'\n]*@""", "://***@", text)
    return hidden.encode("utf-8", errors="backslashreplace").decode()
