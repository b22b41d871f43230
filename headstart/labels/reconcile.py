"""Every record becomes a row, is merged into a row, or is rejected with a reason: nothing is lost.

Records with the same text are one row. Their votes are counted together; the majority decides, and a tie
is nobody's label. Texts are compared after Unicode normalisation (NFKC), case folding and collapsing white
space; only in a published validation or test split must they be identical, so that its rows stay those
that others measured on. A text that also stands in a later split is rejected from the earlier one.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from headstart.digest import sha256
from headstart.errors import DataError
from headstart.labels.records import Record, Reject
from headstart.spec import SPLITS, Split

REASONS = {
    "no-text": "the record has no text field, or its text is not a string",
    "empty-text": "the text is empty",
    "not-labeled": "nobody labeled it",
    "skipped": "every annotator skipped it",
    "several-labels": "several labels where the task takes one",
    "bad-label": "the label is not a name",
    "tie": "annotators disagree and no label has a majority",
    "conflict": "annotators disagree (on_conflict: drop)",
    "leak": "the same text stands in a later split",
    "broken-unicode": "the text or label cannot be written as UTF-8",
    "unknown-split": "its split is none of train, validation, test",
    "wrong-columns": "the row has not as many cells as the header",
    "not-json": "the line is not JSON",
    "not-an-object": "the line is not a JSON object",
    "not-a-task": "the entry is not a Label Studio task with data",
}

_PLACES = 3  # places of a conflict that an error names
_INVISIBLE = {"Zs", "Zl", "Zp", "Cc", "Cf"}  # Unicode's categories of spaces, controls and zero-width characters


@dataclass(frozen=True, slots=True)
class Row:
    """A labeled text, ready to be split. ``id`` is the sha256 of its text in hexadecimal."""

    id: str
    text: str
    label: str
    split: Split | None
    group: str | None


@dataclass
class Reconciled:
    """The rows, and what became of every record that is none."""

    rows: list[Row] = field(default_factory=list)
    merged: list[tuple[str, str]] = field(default_factory=list)  # (place, place of the row it went into)
    outvoted: int = 0
    rejected: list[Reject] = field(default_factory=list)
    records: int = 0

    def reject(self, record: Record, reason: str) -> None:
        """Account for a record that cannot be a row."""
        self.rejected.append(Reject(record.place, reason, {"text": record.text, "labels": record.votes}))


def normalise(text: str) -> str:
    """The text as it is compared: NFKC and case-folded, runs of white space collapsed, ends trimmed."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())  # folding can undo the normal form


def reconcile(
    records: Iterable[Record | Reject],
    vote_problem: Callable[[tuple[str, ...]], str | None],
    on_conflict: Literal["majority", "drop", "error"],
) -> Reconciled:
    """Account for every record.

    Args:
        records: What the readers yield.
        vote_problem: The reason why a vote cannot be this task's target, or None if it can.
        on_conflict: What to do where votes on one text differ.

    Raises:
        DataError: Votes differ and ``on_conflict`` is ``error``.
    """
    outcome = Reconciled()
    usable: list[Record] = []
    for record in records:
        outcome.records += 1
        if isinstance(record, Reject):
            outcome.rejected.append(record)
        elif reason := _problem(record, vote_problem):
            outcome.reject(record, reason)
        else:
            usable.append(record)
    groups: dict[tuple[Split, str], list[Record]] = defaultdict(list)
    for record in usable:
        split = record.split or "train"
        groups[split, normalise(record.text) if split == "train" else record.text].append(record)
    for members in _without_leaks(groups, outcome):
        _merge(members, on_conflict, outcome)
    return outcome


def _problem(record: Record, vote_problem: Callable[[tuple[str, ...]], str | None]) -> str | None:
    if not any(unicodedata.category(character) not in _INVISIBLE for character in record.text):
        return "empty-text"
    if not record.votes:
        return "not-labeled"
    return next(filter(None, map(vote_problem, record.votes)), None)


def _without_leaks(groups: dict[tuple[Split, str], list[Record]], outcome: Reconciled) -> Iterable[list[Record]]:
    """The groups, less those whose text also stands in a later published split."""
    latest: dict[str, int] = {}
    for (split, _), members in groups.items():
        text = normalise(members[0].text)
        latest[text] = max(latest.get(text, 0), SPLITS.index(split))
    for (split, _), members in groups.items():
        if SPLITS.index(split) < latest[normalise(members[0].text)]:
            for record in members:
                outcome.reject(record, "leak")
        else:
            yield members


def _merge(members: list[Record], on_conflict: str, outcome: Reconciled) -> None:
    votes = Counter(vote[0] for record in members for vote in record.votes)
    (label, most), *others = votes.most_common()
    if others and on_conflict == "error":
        tally = ", ".join(f"{name!r} {count}" for name, count in sorted(votes.items()))
        remedy = "Settle it in the labeling tool, or set data.on_conflict to majority or drop."
        places = "; ".join(record.place for record in members[:_PLACES])
        raise DataError("data/conflict", f"votes differ: {tally}.", remedy=remedy, where=places)
    if others and (on_conflict == "drop" or others[0][1] == most):
        for record in members:
            outcome.reject(record, "conflict" if on_conflict == "drop" else "tie")
        return
    # The row keeps the text and group of a record that voted for the label that won; which one follows from
    # the records' content, so that the order of the export decides nothing.
    won = (record for record in members if any(vote[0] == label for vote in record.votes))
    first = min(won, key=lambda record: (record.text, record.group or ""))
    outcome.rows.append(Row(sha256(first.text.encode()), first.text, label, first.split, first.group))
    outcome.merged += [(record.place, first.place) for record in members if record is not first]
    outcome.outvoted += sum(count for _, count in others)
