"""Counts as bars in a table: the numbers stand beside each bar and say the same, so that a bar needs no words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Bar:
    """A row: its names, its counts, and for each count that is drawn where it begins and how wide it is, in percent."""

    names: tuple[str, ...]
    counts: tuple[int, ...]
    parts: tuple[tuple[float, float], ...]
    strong: bool = False


@dataclass(frozen=True)
class Bars:
    """Rows under each other, drawn to one scale. ``what`` names the rows and ``columns`` the counts.

    The first ``drawn`` counts of a row stand one after the other in its bar; the others are told only.
    """

    what: str
    columns: tuple[str, ...]
    drawn: int
    rows: tuple[Bar, ...]


def bars(
    what: str,
    columns: Sequence[str],
    rows: Iterable[tuple[tuple[str, ...], Sequence[int]]],
    drawn: int = 1,
    longest: int = 0,
    strong: Sequence[str] = (),
) -> Bars:
    """Rows of names and counts.

    Args:
        what: What the rows are.
        columns: What the counts are.
        rows: From the top.
        drawn: How many of the counts the bar shows.
        longest: What fills the whole width; by default the longest bar.
        strong: The names of a row to stress.
    """
    taken = [(names, tuple(counts)) for names, counts in rows]
    scale = max(longest, *(sum(counts[:drawn]) for _, counts in taken), 1)
    return Bars(
        what,
        tuple(columns),
        drawn,
        tuple(Bar(names, counts, _parts(counts[:drawn], scale), names == tuple(strong)) for names, counts in taken),
    )


def _parts(counts: Sequence[int], scale: int) -> tuple[tuple[float, float], ...]:
    ends = [0, *(sum(counts[: place + 1]) for place in range(len(counts)))]
    return tuple(
        (round(100 * start / scale, 3), round(100 * (end - start) / scale, 3)) for start, end in pairwise(ends)
    )
