"""Lists as text spells them: in JSON, as Python writes them (``['a', 'b']``), and as NumPy does (``['a' 'b']``)."""

import json
import re
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
      | (?P<word>True|False|None|true|false|null|nan)
      | (?P<open>[\[({])
      | (?P<close>[\])}])
      | (?P<mark>[,:])
    )\s*""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
_WORDS = {"True": "true", "False": "false", "None": "null", "nan": "NaN"}
_LISTS = str.maketrans("()", "[]")


def decoded(cell: Any) -> Any:
    """The list that a text spells; anything else as it is."""
    if not isinstance(cell, str) or cell.lstrip()[:1] != "[":
        return cell
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(_as_json(cell))
    except (ValueError, OverflowError, RecursionError):
        return cell


def _as_json(text: str) -> str:
    """What Python or NumPy spelt, in JSON.

    Raises:
        ValueError: It is neither's spelling.
    """
    parts: list[str] = []
    at, is_after_value = 0, False
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            raise ValueError(f"at {at}")
        kind, at = token.lastgroup, token.end()
        if kind == "close" and parts[-1:] == [","]:  # as in ('a',)
            parts.pop()
        elif is_after_value and kind not in ("close", "mark"):  # NumPy writes no commas
            parts.append(",")
        parts.append(_part(str(kind), token[str(kind)]))
        is_after_value = kind not in ("open", "mark")
    return "".join(parts)


def _part(kind: str, said: str) -> str:
    if kind == "string":
        return json.dumps(_ESCAPE.sub(_unescaped, said[1:-1]))
    if kind == "number":
        return said if said.lstrip("-").isdecimal() else repr(float(said))
    return _WORDS.get(said, said) if kind == "word" else said.translate(_LISTS)


def _unescaped(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2] or escape[3]
    return chr(int(code, 16)) if code else _ESCAPED.get(escape[4], escape[4])
