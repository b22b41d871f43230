"""The account of an import, as a terminal shows it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from headstart.listing import listed
from headstart.spelling import harmless

if TYPE_CHECKING:
    from headstart.dataset import Dataset
    from headstart.workspace import Workspace

_MOST = 5  # lines of a kind
_SHOWN = 60  # characters of a text


def tell(dataset: "Dataset", workspace: "Workspace", name: str) -> None:
    """Print what became of the records, what is odd about them, and where everything is."""
    for line in (*_read(dataset), *_became(dataset), *_odd(dataset), *_where(dataset, workspace, name)):
        click.echo(harmless(line))


def _read(dataset: "Dataset") -> Iterator[str]:
    sources = dataset.reconciliation.sources
    for each in sources[:_MOST]:
        yield (
            f"{each.name}: {each.format} ({each.reason}); {each.fields}"
            if each.format
            else f"{each.name}: {each.reason}"
        )
        if each.aside:
            yield f"  left aside: {', '.join(f'{count} {what}' for what, count in each.aside.items())}"
    if len(sources) > _MOST:
        yield f"and {len(sources) - _MOST} more files"


def _became(dataset: "Dataset") -> Iterator[str]:
    from headstart.labels.reasons import REASONS

    account = dataset.reconciliation
    yield f"{dataset.task}: {account.task_reason}"
    yield dataset.summary()
    for each in account.rejected:
        yield f"  rejected {each.records:>5}  {REASONS[each.reason]}; first: {each.examples[0][0]}"
    if account.outvoted:
        yield f"  outvoted {account.outvoted:>5}  votes that the majority overruled"


def _odd(dataset: "Dataset") -> Iterator[str]:
    account, passport = dataset.reconciliation, dataset.passport
    if account.agreement is not None:
        yield f"Agreement: {account.agreement.summary()}"
    if account.conflicting:
        yield f"Conflicts: annotators differ on {account.conflicting} contents"
        for each in account.conflicts[:_MOST]:
            votes = ", ".join(f"{answer} {count}" for answer, count in each.votes)
            yield f"  {_short(each.text)}: {votes}"
    vocabulary = account.vocabulary
    if vocabulary.new:
        yield f"New labels: {_listed(vocabulary.new)}"
    if vocabulary.gone:
        yield f"Labels that are gone and keep their ids: {_listed(vocabulary.gone)}"
    for label, meant, rows in vocabulary.look_alikes[:_MOST]:
        yield f"Misspelled? {label!r} ({rows} rows) looks like {meant!r}"
    yield from _missing(dataset.labels)
    if passport.earlier:
        yield f"Splits: {passport.kept} rows are where the last import put them"
    for note in passport.notes:
        yield f"Splits: {note}"
    for leak in passport.leaks:
        yield f"Leaks? {leak.count} of {leak.of} {leak.words}; first: {' | '.join(map(_short, leak.examples[0]))}"


def _missing(labels: Sequence[str]) -> Iterator[str]:
    from headstart.labels.reconciling.vocabulary import blanks

    if found := blanks(labels):
        yield f"Missing? {_listed(found)} among the labels reads as a missing value; remove it if it is one"


def _where(dataset: "Dataset", workspace: "Workspace", name: str) -> Iterator[str]:
    from headstart.report import imported

    folder = f"{workspace.uri}/{imported.folder(dataset, name)}"
    if dataset.reconciliation.rejects:
        yield f"Rejected records, to be mended: {folder}/rejected.jsonl"
    yield f"Report: {folder}/report.html"
    yield f"Dataset {dataset.digest} in {workspace.uri}"


def _listed(labels: Sequence[str]) -> str:
    return listed([repr(label) for label in labels], _MOST)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
