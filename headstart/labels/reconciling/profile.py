"""What an import shows beside its rows: conflicts and agreement, lengths, and what stands on both sides of a split."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from headstart.evaluation.agreement import Agreement, Measure, agreement
from headstart.labels.reconciling import audit
from headstart.labels.reconciling.account import Conflict, Lengths
from headstart.labels.reconciling.index import Index
from headstart.labels.reconciling.reconcile import Outcome
from headstart.labels.reconciling.rows import Rows
from headstart.labels.reconciling.spool import Spool
from headstart.labels.records import Kind, Span, Value, Vote
from headstart.passport import Leak

_SHOWN = 200  # characters of a text
_CONFLICTS = 20
_PLACES = 5
_SHORTEST_BIN = 10
_MEASURES: dict[tuple[Kind, bool], Measure] = {
    ("names", True): "nominal",
    ("names", False): "masi",
    ("spans", False): "spans",
    ("number", False): "interval",
}


def conflicts(outcome: Outcome, spool: Spool) -> tuple[Conflict, ...]:
    """The first contents on which annotators differ, side by side."""
    chosen = outcome.conflicts[:_CONFLICTS]
    wanted = np.unique([record for each in chosen for record in each.records]).astype(np.intp)
    places, texts = spool.places(wanted), dict(spool.taken(wanted, ["text"]))
    return tuple(
        Conflict(
            text=texts[each.records[0]][0][:_SHOWN],
            votes=tuple(
                sorted(((said(value), count) for value, count in each.votes), key=lambda vote: (-vote[1], vote))
            ),
            settled=None if each.settled is None else said(each.settled),
            places=tuple(places[record] for record in each.records[:_PLACES]),
        )
        for each in chosen
    )


def said(value: Value) -> str:
    """An answer in words."""
    if not isinstance(value, tuple):
        return f"{value:g}"
    return (
        ", ".join(part if isinstance(part, str) else f"{part.label} {part.start}-{part.end}" for part in value)
        or "(none)"
    )


def agreement_of(outcome: Outcome, kind: Kind, is_single: bool) -> Agreement | None:
    """How far annotators agree, where some content has several votes."""
    return agreement(
        [[_ballot(vote, is_single) for vote in votes] for votes in outcome.several], _MEASURES[kind, is_single]
    )


def _ballot(vote: Vote, is_single: bool) -> tuple[str | None, str | float | frozenset[str | Span]]:
    if not isinstance(vote.value, tuple):
        return vote.by, vote.value
    if is_single and vote.value and isinstance(vote.value[0], str):
        return vote.by, vote.value[0]
    return vote.by, frozenset(vote.value)


def lengths(characters: npt.NDArray[np.int32]) -> Lengths:
    """How long texts are, in bins whose ends double."""
    longest = int(characters.max(initial=0))
    ends = [_SHORTEST_BIN]
    while ends[-1] < longest:
        ends.append(2 * ends[-1])
    counts = np.bincount(np.searchsorted(ends, characters), minlength=len(ends))
    median = int(np.median(characters)) if len(characters) else 0
    return Lengths(ends=tuple(ends), rows=tuple(map(int, counts)), longest=longest, median=median)


def leaks(spool: Spool, index: Index, rows: Rows) -> Iterator[Leak]:
    """What stands on both sides of a split."""
    if not rows.images:
        chosen = audit.sample(rows.places)
        texts = [_joined(*each) for _, each in spool.taken(rows.records[chosen], ["text", "pair"])]
        yield from _some(audit.near_duplicates(texts, rows.places[chosen], len(rows.places)))
        if rows.is_single:
            names = [rows.answers.names[label] for label in rows.answers.label[chosen]]
            yield from _some(audit.labels_in_text(texts, names))
    if index.group[rows.records].any():
        groups: Sequence[str | None] = [each[0] for _, each in spool.taken(rows.records, ["group"])]
        yield from _some(audit.groups(groups, rows.places))


def _joined(text: str, pair: str | None) -> str:
    return text if pair is None else f"{text} {pair}"


def _some(leak: Leak | None) -> Iterator[Leak]:
    if leak is not None:
        yield leak
