"""How many rows each label has, and in which split: readable for two labels and for ten thousand."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from headstart.dataset import Dataset
from headstart.report.bars import Bars, bars
from headstart.report.templates import number
from headstart.spec import SPLITS

_MOST_SHOWN = 30  # labels: of more, the most frequent and the rarest
_ENDS = 12
_FEW_BINS = 2
_MOST_FOLDED = 500  # labels between them that can be unfolded

Counted = tuple[str, tuple[int, ...]]
"""A label and its rows: of each split, and of all."""


@dataclass(frozen=True)
class Balance:
    """The labels, the most frequent first.

    ``first`` is in sight; where there are very many labels ``rest`` can be unfolded and ``last`` are the rarest.
    ``left_out`` counts labels of which nothing is shown but what ``spread`` says: how many labels have so many rows.
    """

    first: Bars
    rest: Bars | None
    last: Bars | None
    left_out: int
    spread: Bars | None
    most: tuple[str, int]
    least: tuple[str, int]
    unused: int

    @property
    def ratio(self) -> float:
        """How many times as many rows the most frequent label has as the rarest."""
        return self.most[1] / self.least[1]


def balance(dataset: Dataset) -> Balance | None:
    """The balance of a dataset's labels; None where no row has any."""
    counted = _counted(dataset)
    used = [(label, counts[-1]) for label, counts in counted if counts[-1]]
    if not used:
        return None
    what = "spans" if dataset.task == "token-classification" else "rows"
    is_long = len(counted) > _MOST_SHOWN
    between = counted[_ENDS:-_ENDS] if is_long else []
    is_folded = 0 < len(between) <= _MOST_FOLDED
    return Balance(
        first=_table(counted[:_ENDS] if is_long else counted, used[0][1]),
        rest=_table(between, used[0][1]) if is_folded else None,
        last=_table(counted[-_ENDS:], used[0][1]) if is_long else None,
        left_out=0 if is_folded else len(between),
        spread=_spread([counts[-1] for _, counts in counted], what) if is_long else None,
        most=used[0],
        least=used[-1],
        unused=len(counted) - len(used),
    )


def _counted(dataset: Dataset) -> list[Counted]:
    by_split = [[dataset.counts[split].get(label, 0) for label in dataset.labels] for split in SPLITS]
    found = [(label, (*each, sum(each))) for label, *each in zip(dataset.labels, *by_split, strict=True)]
    return sorted(found, key=lambda each: (-each[1][-1], each[0]))


def _table(counted: Sequence[Counted], longest: int) -> Bars:
    rows = [((label,), counts) for label, counts in counted]
    return bars("label", (*SPLITS, "all"), rows, drawn=len(SPLITS), longest=longest)


def _spread(rows: Sequence[int], what: str) -> Bars | None:
    """How many labels have how many rows, in bins whose ends double; nothing where almost all have as many."""
    bins = Counter(count.bit_length() for count in rows)
    found = [((_bin(size),), (bins[size],)) for size in range(min(bins), max(bins) + 1)]
    return bars(f"{what} of a label", ("labels",), found) if len(bins) > _FEW_BINS else None


def _bin(size: int) -> str:
    first, last = (1 << size) >> 1, (1 << size) - 1
    return number(first) if first >= last else f"{number(first)} to {number(last)}"
