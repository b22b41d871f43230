"""Reconciling a few records as an import does, and a plain way of doing the same to compare it with."""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headstart.digest import sha256
from headstart.labels.reconciling import blocks
from headstart.labels.reconciling.answers import answers
from headstart.labels.reconciling.normal import is_visible, normalise
from headstart.labels.reconciling.reconcile import Ballot, Outcome, reconcile
from headstart.labels.reconciling.rules import RULES
from headstart.labels.reconciling.spool import Spool
from headstart.labels.records import Record, Reject, Value, Vote
from headstart.spec import SPLITS, TaskName


@dataclass(frozen=True)
class Row:
    """A row: what it says, and where its record stands."""

    place: str
    text: str
    value: Value
    split: str | None
    group: str | None

    @property
    def label(self) -> str:
        """The only name."""
        assert isinstance(self.value, tuple)
        (name,) = self.value
        assert isinstance(name, str)
        return name


@dataclass
class Reconciled:
    """Rows in the order of their texts, and what became of every other record."""

    rows: list[Row] = field(default_factory=list)
    merged: list[tuple[str, str]] = field(default_factory=list)
    rejected: list[tuple[str, str]] = field(default_factory=list)
    outvoted: int = 0
    records: int = 0

    def ordered(self) -> "Reconciled":
        """The same, in an order that does not depend on how it was found."""
        rows = sorted(self.rows, key=lambda row: (row.text, row.split or "", row.place))
        return Reconciled(rows, sorted(self.merged), sorted(self.rejected), self.outvoted, self.records)


def reconciled(
    entries: Sequence[Record | Reject],
    on_conflict: Any = "majority",
    task: TaskName = "text-classification",
    vocabulary: Iterable[str] = (),
    block_rows: int = 3,
) -> Reconciled:
    """What an import makes of the records, some of them in a block."""
    rule = RULES[task]
    records = [each for each in entries if isinstance(each, Record)]
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder) / "records.arrow")
        for start in range(0, len(records), block_rows):
            spool.add(blocks.block(records[start : start + block_rows]))
        index = spool.close()

        def ballots(wanted: Any) -> Any:
            for record, (votes, text) in spool.taken(wanted, ["votes", "text"]):
                yield record, Ballot(blocks.read(votes, rule.kind), text)

        outcome = reconcile(index, rule, on_conflict, ballots, frozenset(vocabulary))
        values = _values(outcome, answers(rule.kind, index, outcome, spool), rule.kind)
    found = Reconciled(outvoted=outcome.outvoted, records=len(entries))
    found.rejected = [(each.place, each.reason) for each in entries if isinstance(each, Reject)]
    for number, record in enumerate(records):
        if number in values:
            found.rows.append(Row(record.place, record.text, values[number], record.split, record.group))
        elif outcome.into[number] >= 0:
            found.merged.append((record.place, records[outcome.into[number]].place))
        else:
            found.rejected.append((record.place, outcome.reason(number)))
    return found.ordered()


def _values(outcome: Outcome, said: Any, kind: str) -> dict[int, Value]:
    rows = outcome.rows.tolist()
    if kind == "number":
        return dict(zip(rows, said.number.tolist(), strict=True))
    found: dict[int, Value] = {}
    for position, row in enumerate(rows):
        here = slice(said.begins[position], said.begins[position + 1])
        names = tuple(said.names[label] for label in said.label[here])
        spans = zip(said.start[here].tolist(), said.end[here].tolist(), names, strict=False)
        found[row] = names if kind == "names" else tuple(spans)
    return found


def plainly(entries: Sequence[Record | Reject], on_conflict: str, task: TaskName = "text-classification") -> Reconciled:
    """The same with dictionaries, one record after the other."""
    rule, found = RULES[task], Reconciled(records=len(entries))
    usable = []
    for record in entries:
        if isinstance(record, Reject):
            found.rejected.append((record.place, record.reason))
            continue
        problems = [rule.problem(vote.value, record.text) for vote in record.votes]
        reason = next(filter(None, problems), None) if record.votes else "not-labeled"
        reason = reason if is_visible(record.text) else "empty-text"
        if reason:
            found.rejected.append((record.place, reason))
        else:
            usable.append(record)
    latest: Counter[str] = Counter()
    for record in usable:
        latest[normalise(record.text)] = max(latest[normalise(record.text)], SPLITS.index(record.split or "train"))
    groups: dict[Any, list[Record]] = defaultdict(list)
    for record in usable:
        place = SPLITS.index(record.split or "train")
        if place < latest[normalise(record.text)]:
            found.rejected.append((record.place, "leak"))
        else:
            exact = place > 0 or rule.is_exact
            groups[place, record.text if exact else normalise(record.text)].append(record)
    for members in groups.values():
        _merge(members, rule, on_conflict, found)
    return found.ordered()


def _merge(members: list[Record], rule: Any, on_conflict: str, found: Reconciled) -> None:
    values = [vote.value for record in members for vote in record.votes]
    settled = rule.settle(values)
    if len(set(values)) > 1 and (settled.value is None or on_conflict == "drop"):
        reason = "conflict" if on_conflict == "drop" else "tie"
        found.rejected += [(record.place, reason) for record in members]
        return
    agreeing = [record for record in members if any(vote.value == settled.value for vote in record.votes)]
    first = min(agreeing or members, key=lambda record: (sha256(record.text.encode()), _group(record)))
    found.rows.append(Row(first.place, first.text, settled.value, first.split, first.group))
    found.merged += [(record.place, first.place) for record in members if record is not first]
    found.outvoted += settled.outvoted


def _group(record: Record) -> str:
    """The digest that a group is compared by."""
    if record.group is None:
        return "0" * 32
    little = bytes.fromhex(sha256(record.group.encode()))[:16]
    return little.hex()


def voted(*labels: str | tuple[str, ...], by: Sequence[str | None] = ()) -> tuple[Vote, ...]:
    """A vote for each label or labels."""
    people = [*by, *(None for _ in labels)]
    return tuple(
        Vote((each,) if isinstance(each, str) else each, who) for each, who in zip(labels, people, strict=False)
    )
