"""Every record becomes a row, is merged into a row, or is rejected with a reason: nothing is lost.

Records with the same content are one row, and their votes are counted together by the task's rule (:mod:`.rules`); a
tie is nobody's answer. Texts are compared after Unicode normalisation (NFKC), case folding and collapsing white space;
only where answers are about characters, and in a published validation or test split, must they be identical, so that
the rows of such a split stay those that others measured on. A text that also stands in a later split is rejected from
the earlier one.

What decides about a record is in memory (:class:`.index.Index`), its content is not. Most records stand alone with
one name, and are decided all at once; Python looks at the others.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from headstart.labels.reasons import REASONS
from headstart.labels.reconciling.index import NOBODY, WRITTEN, Index, Indices, runs
from headstart.labels.reconciling.rules import Rule
from headstart.labels.records import Value, Vote

OnConflict = Literal["majority", "drop", "error"]

ROW, MERGED = 0, -1  # fates; above them stand the reasons, in the order of REASONS
_CODES = {reason: number for number, reason in enumerate(REASONS, start=1)}
_REASONS = ("", *REASONS)
_MOST_ITEMS = 50_000  # for agreement: more say no more
_MOST_CONFLICTS = 50


class Conflict(NamedTuple):
    """Records of one content whose votes differ: their numbers, how many votes each answer has, and the outcome."""

    records: tuple[int, ...]
    votes: tuple[tuple[Value, int], ...]
    settled: Value | None


@dataclass
class Outcome:
    """What became of each record, by its number.

    ``fate`` is :data:`ROW`, :data:`MERGED` or the number of a reason; ``into`` is the row that a merged record went
    into. ``name`` is the number of a row's label where that is one name, and ``values`` has the other answers, but for
    rows of a single vote, whose answer that is. ``conflicts`` are the first of ``conflicting`` contents.
    """

    fate: npt.NDArray[np.int16]
    into: Indices
    name: npt.NDArray[np.int32]
    values: dict[int, Value] = field(default_factory=dict)
    outvoted: int = 0
    conflicting: int = 0
    conflicts: list[Conflict] = field(default_factory=list)
    several: list[Sequence[Vote]] = field(default_factory=list)
    """The votes of records or rows that have several: what agreement is told from."""

    @property
    def rows(self) -> Indices:
        """The numbers of the records that are rows."""
        return np.flatnonzero(self.fate == ROW)

    def reason(self, record: int) -> str:
        """Why a record was rejected."""
        return _REASONS[int(self.fate[record])]

    def reasons(self) -> Counter[str]:
        """How many records were rejected for each reason."""
        found, counts = np.unique(self.fate[self.fate > ROW], return_counts=True)
        return Counter({_REASONS[code]: int(count) for code, count in zip(found, counts, strict=True)})


class Ballot(NamedTuple):
    """The votes of a record, and its text: what the rule is asked about."""

    votes: tuple[Vote, ...]
    text: str


class Differing(Exception):  # noqa: N818 (found here, told by who knows the places)
    """Votes differ, and the spec wants that to be an error."""

    def __init__(self, conflict: Conflict) -> None:
        super().__init__()
        self.conflict = conflict


Ballots = Callable[[Indices], Iterator[tuple[int, Ballot]]]
"""Gives the ballots of records by their numbers, in rising order."""


def reconcile(
    index: Index, rule: Rule, on_conflict: OnConflict, ballots: Ballots, vocabulary: Collection[str] = ()
) -> Outcome:
    """Decide about every record.

    Args:
        index: What decides.
        rule: The task's rule.
        on_conflict: What to do where votes on one content differ.
        ballots: Gives the votes of those records whose votes are written.
        vocabulary: The labels that there may be; any where it is empty.

    Raises:
        Differing: Votes differ and ``on_conflict`` is ``error``.
    """
    outcome = Outcome(
        np.zeros(len(index), np.int16), np.full(len(index), -1, np.intp), np.where(index.name >= 0, index.name, NOBODY)
    )
    outcome.fate[index.name == NOBODY] = _CODES["not-labeled"]
    if vocabulary:
        unknown = np.array([name not in vocabulary for name in index.names] + [False])
        outcome.fate[unknown[np.maximum(index.name, -1)]] = _CODES["unknown-label"]
    outcome.fate[~index.visible] = _CODES["empty-text"]
    several = _screen(index, rule, outcome.fate, ballots, vocabulary)
    groups = list(_groups(index, rule, outcome.fate))
    wanted = several.copy()
    for group in groups:
        wanted[group] = True
    settling = _Settling(index, rule, on_conflict, outcome)
    shared = {int(record) for group in groups for record in group}
    read: dict[int, tuple[Vote, ...]] = {}
    for record, ballot in ballots(np.flatnonzero(wanted & (index.name == WRITTEN) & (outcome.fate == ROW))):
        if record in shared:
            read[record] = ballot.votes
        else:
            settling.settle((record,), {record: ballot.votes})
    for group in groups:
        settling.settle(group.tolist(), read)
    return outcome


def _screen(
    index: Index, rule: Rule, fate: npt.NDArray[np.int16], ballots: Ballots, vocabulary: Collection[str]
) -> npt.NDArray[np.bool]:
    """Reject records with a vote that cannot be an answer; says which have several votes."""
    several = np.zeros(len(index), dtype=bool)
    for record, ballot in ballots(np.flatnonzero((index.name == WRITTEN) & (fate == ROW))):
        problem = next(filter(None, (rule.problem(vote.value, ballot.text) for vote in ballot.votes)), None)
        if problem is None and vocabulary and not all(_are_in(vocabulary, vote.value) for vote in ballot.votes):
            problem = "unknown-label"
        if problem is not None:
            fate[record] = _CODES[problem]
        several[record] = len(ballot.votes) > 1
    return several


def _are_in(vocabulary: Collection[str], value: Value) -> bool:
    parts = value if isinstance(value, tuple) else ()
    return all((part if isinstance(part, str) else part.label) in vocabulary for part in parts)


def _groups(index: Index, rule: Rule, fate: npt.NDArray[np.int16]) -> Iterator[Indices]:
    """Records that are about one content, where there are several; those that leak into a later split are rejected.

    They come in the order of their contents' digests, so that the order of the export decides nothing.
    """
    live = np.flatnonzero(fate == ROW)
    order, begins = runs(index.same[live])
    run = np.cumsum(begins) - 1
    alike = np.bincount(run, minlength=1)[run] > 1 if len(run) else np.zeros(0, dtype=bool)
    members, run = live[order][alike], run[alike]
    if not len(members):
        return
    split = np.maximum(index.split[members], 0)
    latest = np.zeros(run[-1] + 1, np.int8)
    np.maximum.at(latest, run, split)
    leaks = split < latest[run]
    fate[members[leaks]] = _CODES["leak"]
    members, run, split = members[~leaks], run[~leaks], split[~leaks]
    exact = np.ascontiguousarray(index.ids[members, :8]).view(np.uint64)[:, 0]
    if not rule.is_exact:
        exact = np.where(split > 0, exact, 0)
    order = np.lexsort((exact, run))
    members, run, exact = members[order], run[order], exact[order]
    cuts = np.flatnonzero((np.diff(run) != 0) | (np.diff(exact) != 0)) + 1
    yield from (group for group in np.split(members, cuts) if len(group) > 1)


class _Settling:
    """From the votes on one content to its row."""

    def __init__(self, index: Index, rule: Rule, on_conflict: OnConflict, outcome: Outcome) -> None:
        self._index = index
        self._rule = rule
        self._on_conflict = on_conflict
        self._outcome = outcome

    def settle(self, records: Sequence[int], read: Mapping[int, tuple[Vote, ...]]) -> None:
        """Settle the votes on one content; ``read`` has those that are written."""
        outcome, name = self._outcome, self._index.name
        votes = {record: read[record] if name[record] == WRITTEN else self._vote(name[record]) for record in records}
        values = [vote.value for each in votes.values() for vote in each]
        if len(values) > 1 and len(outcome.several) < _MOST_ITEMS:
            outcome.several.append([vote for each in votes.values() for vote in each])
        settled = self._rule.settle(values)
        if len(set(values)) > 1:
            self._tell(records, values, settled.value)
            if settled.value is None or self._on_conflict == "drop":
                reason = "conflict" if self._on_conflict == "drop" else "tie"
                outcome.fate[list(records)] = _CODES[reason]
                return
        agreeing = [record for record in records if any(vote.value == settled.value for vote in votes[record])]
        first = min(agreeing or records, key=self._rank)
        others = [record for record in records if record != first]
        outcome.fate[others], outcome.into[others] = MERGED, first
        outcome.outvoted += settled.outvoted
        self._keep(first, cast("Value", settled.value))

    def _rank(self, record: int) -> tuple[bytes, bytes]:
        """Which of several records is the row follows from what they say, so that the order of the export does not."""
        return self._index.ids[record].tobytes(), self._index.group[record].tobytes()

    def _vote(self, name: int) -> tuple[Vote]:
        return (Vote((self._index.names[name],)),)

    def _keep(self, record: int, value: Value) -> None:
        only = value[0] if isinstance(value, tuple) and len(value) == 1 else None
        number = self._index.number_of.get(only) if isinstance(only, str) else None
        self._outcome.name[record] = NOBODY if number is None else number
        if number is None:
            self._outcome.values[record] = value

    def _tell(self, records: Sequence[int], values: Sequence[Value], settled: Value | None) -> None:
        conflict = Conflict(tuple(records), tuple(Counter(values).most_common()), settled)
        if self._on_conflict == "error":
            raise Differing(conflict)
        self._outcome.conflicting += 1
        if len(self._outcome.conflicts) < _MOST_CONFLICTS:
            self._outcome.conflicts.append(conflict)
