"""From docstrings to Markdown."""

import inspect
import re
from collections.abc import Iterable, Sequence


def marked(text: str | None) -> str:
    """Docstring markup (roles and double backticks) as Markdown, on one line."""
    without_roles = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text or "")
    return " ".join(re.sub(r"``([^`]+)``", r"`\1`", without_roles).split())


def paragraphs(docstring: str | None) -> list[str]:
    """A docstring's paragraphs, as they are written."""
    return [part for part in re.split(r"\n\s*\n", inspect.cleandoc(docstring or "")) if part]


def first(docstring: str | None) -> str:
    """A docstring's first paragraph."""
    return marked(next(iter(paragraphs(docstring)), ""))


def prose(docstring: str | None) -> list[str]:
    """A docstring in Google's style."""
    lines: list[str] = []
    for part in paragraphs(docstring):
        title, _, body = part.partition("\n")
        if title == "Example:":
            code = re.sub(r" *# doctest:.*", "", inspect.cleandoc(f"\n{body}"))
            lines += block("python", re.sub(r"^>>> ", "", code, flags=re.MULTILINE))
        elif title in ("Args:", "Raises:"):
            items = re.split(r"\n(?=\S)", inspect.cleandoc(f"\n{body}"))
            lines += [title, "", *(re.sub(r"^(\w+): ", r"- `\1`: ", marked(item)) for item in items), ""]
        else:
            lines += [marked(part), ""]
    return lines


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table; a bar inside a cell does not end it."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return [*(f"| {' | '.join(line)} |" for line in lines), ""]


def block(language: str, code: str) -> list[str]:
    """A block of code."""
    return [f"```{language}", *code.rstrip().splitlines(), "```", ""]


def wrapped(parts: Sequence[str], width: int = 100) -> str:
    """Parts of a command on one line, or on more where they do not fit."""
    rows = [parts[0]]
    for part in parts[1:]:
        if len(rows[-1]) + 1 + len(part) > width:
            rows.append("   ")
        rows[-1] += f" {part}"
    return "\n".join(rows)
