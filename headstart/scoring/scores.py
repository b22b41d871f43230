"""The account of a scoring."""

from collections.abc import Mapping
from typing import ClassVar

from headstart.evaluation.disagreement import Disagreement
from headstart.evaluation.drift import Drift
from headstart.listing import listed
from headstart.values import Value

RECEIPT = "_scores.json"
_NAMED = 5  # files that a note names
REPORT = "_report.html"  # whoever reads the folder as one table passes over what begins so


class Scores(Value):
    """The account of a scoring: ``out`` is the folder of its ``parts``, ``labels`` the rows that got each label.

    ``unread`` are files of a folder that hold no texts or are of another kind. ``drift`` is None where nothing could be
    compared, and ``undrifted`` then says why. ``shadow`` is there where a second version answered the same texts.
    """

    kind: ClassVar[str] = "scores"

    model: str
    version: int
    out: str
    rows: int
    labels: Mapping[str, int]
    parts: tuple[str, ...]
    unread: tuple[str, ...] = ()  # an account of before there was this has none
    drift: Drift | None
    undrifted: str
    shadow: Disagreement | None

    @property
    def report(self) -> str:
        """Where the page for people is."""
        return f"{self.out}/{REPORT}"

    def summary(self) -> str:
        """One line for people."""
        shares = ", ".join(f"{label} {rows}" for label, rows in sorted(self.labels.items(), key=lambda each: -each[1]))
        return f"{self.rows} rows by {self.model} version {self.version}: {shares}"

    def notes(self) -> list[str]:
        """What there is to say besides, each in a line."""
        drift = f"drift unknown: {self.undrifted}" if self.drift is None else self.drift.summary()
        shadow = [] if self.shadow is None else [self.shadow.summary()]
        unread = [f"not read, for they hold no texts: {listed(self.unread, _NAMED)}"] if self.unread else []
        return [drift, *shadow, *unread]
