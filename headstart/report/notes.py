"""What a person should look at first in an import, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from headstart.dataset import Dataset
from headstart.evaluation.agreement import SPANS
from headstart.labels.reasons import REASONS
from headstart.labels.reconciling.account import Reconciliation, Vocabulary
from headstart.labels.reconciling.vocabulary import blanks
from headstart.passport import Leak
from headstart.report.templates import number, share, visible

_MUCH = 0.05  # of the records rejected
USABLE, RELIABLE = 0.667, 0.8  # agreement that allows for tentative conclusions, and for firm ones (Krippendorff 2004)
_SHOWN = 5  # labels that a note names
_LONGEST = 60  # characters of each
_SINGLE = ("text-classification", "image-classification")

LEAKS: Mapping[str, str] = MappingProxyType(
    {"near-duplicate": "Near duplicates", "group": "Parted groups", "label-in-text": "Labels in texts"}
)


@dataclass(frozen=True)
class Note:
    """What to look at, in a word or two, then why. ``strong`` where results built on it may be wrong."""

    title: str
    text: str
    strong: bool = False


def notes(dataset: Dataset) -> list[Note]:
    """Everything that calls for attention, the gravest first."""
    found = (*_doubts(dataset), *_leaks(dataset.passport.leaks), *_lacks(dataset), *_odd(dataset.reconciliation))
    return sorted(found, key=lambda note: not note.strong)


def _doubts(dataset: Dataset) -> Iterator[Note]:
    account = dataset.reconciliation
    if not account.adds_up():
        yield Note("The account does not add up", "This is a defect of Headstart. Please report it", strong=True)
    if account.rejected_records > _MUCH * account.records:
        most = max(account.rejected, key=lambda each: each.records)
        told = f"{_of(account.rejected_records, account.records)} records; most often, {number(most.records)} times: "
        yield Note("Much is rejected", told + REASONS[most.reason], strong=True)
    agreed = account.agreement
    if agreed is not None and agreed.value is not None and agreed.value < USABLE:
        custom = "" if agreed.name == SPANS else f"; labels of less than {USABLE} are customarily not relied on"
        yield Note("Low agreement", f"{agreed.name} is {agreed.value:.3f}{custom}", strong=True)


def _leaks(leaks: Sequence[Leak]) -> Iterator[Note]:
    for leak in leaks:
        yield Note(LEAKS[leak.kind], f"{number(leak.count)} of {number(leak.of)} {leak.words}", strong=True)


def _lacks(dataset: Dataset) -> Iterator[Note]:
    for note in dataset.passport.notes:
        yield Note("Incomplete split", visible(note), strong=not all(dataset.sizes.values()))
    if found := blanks(dataset.labels):
        yield Note("Missing labels", f"{_named(found)} among the labels reads as a missing value")
    if len(dataset.labels) == 1 and dataset.task in _SINGLE:
        yield Note("One label", f"Every row has {_named(dataset.labels)}; a classifier needs two labels", strong=True)


def _odd(account: Reconciliation) -> Iterator[Note]:
    ties = sum(each.records for each in account.rejected if each.reason == "tie")
    if ties:
        yield Note("Ties", f"{_of(ties, account.records)} records are rejected because {REASONS['tie']}")
    yield from _vocabulary(account.vocabulary)


def _vocabulary(vocabulary: Vocabulary) -> Iterator[Note]:
    if vocabulary.look_alikes:
        pairs = [f"{_quoted(label)} and {_quoted(meant)}" for label, meant, _ in vocabulary.look_alikes]
        yield Note("Look-alike labels", f"Perhaps misspelled: {_listed(pairs)}")
    if vocabulary.new:
        yield Note("New labels", f"Not in the earlier import: {_named(vocabulary.new)}")
    if vocabulary.gone:
        yield Note("Gone labels", f"No row has them any more: {_named(vocabulary.gone)}")


def _of(part: int, whole: int) -> str:
    return f"{number(part)} ({share(part, whole)}) of {number(whole)}"


def _named(labels: Sequence[str]) -> str:
    return _listed([_quoted(label) for label in labels[:_SHOWN]], len(labels))


def _listed(said: Sequence[str], count: int = 0) -> str:
    more = max(count, len(said)) - _SHOWN
    return ", ".join(said[:_SHOWN]) + (f" and {number(more)} more" if more > 0 else "")


def _quoted(label: str) -> str:
    # Isolated in plain text: a label turns around neither the quotes nor what follows.
    return f"\u2068“{visible(label, _LONGEST)}”\u2069"
