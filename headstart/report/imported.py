"""The report of an import: what became of every record, on one page that needs nothing from outside."""

from itertools import groupby
from typing import NamedTuple

from headstart.dataset import Dataset
from headstart.evaluation.agreement import SPANS, Agreement
from headstart.evaluation.estimate import CONFIDENCE
from headstart.labels.reasons import REASONS
from headstart.labels.reconciling.account import Lengths, Rejected, Source
from headstart.report import plots, splits
from headstart.report.balance import balance
from headstart.report.bars import Bars, bars
from headstart.report.notes import LEAKS, RELIABLE, USABLE, notes
from headstart.report.templates import number, rendered, share
from headstart.spec import SPLITS
from headstart.workspace import Workspace

REJECTED = "rejected.jsonl"
_NAMED = 3  # files
_UNIT_AXIS, _SIGNED_AXIS = (0.0, 0.5, 1.0), (-1.0, -0.5, 0.0, 0.5, 1.0)


class Kindred(NamedTuple):
    """Files that were read in the same way."""

    format: str
    reason: str
    fields: str
    files: tuple[Source, ...]


def folder(dataset: Dataset, name: str) -> str:
    """Where in a workspace an import's report and rejected records are."""
    return f"imports/{name}-{dataset.digest[:8]}"


def publish(dataset: Dataset, workspace: Workspace, name: str) -> str:
    """Write the report, and the rejected records where there are any, to where people find them; gives the page."""
    here = folder(dataset, name)
    page = render(dataset, f"{workspace.uri}/{here}")
    workspace.store.put(f"{here}/report.html", page.encode())
    if dataset.reconciliation.rejects:
        workspace.store.upload(workspace.blobs.fetch(dataset.reconciliation.rejects), f"{here}/{REJECTED}")
    return page


def render(dataset: Dataset, where: str) -> str:
    """The page as HTML; every text from data is escaped.

    Args:
        dataset: What was imported.
        where: The folder in which the page and the rejected records are.
    """
    account, passport = dataset.reconciliation, dataset.passport
    rejected = sorted(account.rejected, key=lambda each: (-each.records, each.reason))
    return rendered(
        "imported.html",
        dataset=dataset,
        account=account,
        passport=passport,
        called=_called(account.sources),
        where=where,
        file=REJECTED,
        notes=notes(dataset),
        kindred=_kindred(account.sources),
        became=_became(dataset),
        balance=balance(dataset),
        lengths=None if dataset.task == "image-classification" else _lengths(account.lengths),
        confidence=share(CONFIDENCE),
        agreement_plot=_agreement_plot(account.agreement),
        confused=None if "regression" in dataset.task else _confused(account.agreement),
        bounds=None if account.agreement is None or account.agreement.name == SPANS else (USABLE, RELIABLE),
        is_dropped=any(each.reason == "conflict" for each in rejected),
        rejected=rejected,
        reasons_plot=_reasons_plot(rejected),
        division=splits.division(dataset),
        carved=[split for split in SPLITS[1:] if split not in passport.published],
        leaks={leak.kind: leak for leak in passport.leaks},
        leak_names=LEAKS,
        clean=splits.clean(dataset),
        pairs=splits.pairs(dataset),
        reasons=REASONS,
    )


def _called(sources: tuple[Source, ...]) -> list[str]:
    """What the export is called: its files, or the first of them and how many more there are."""
    names = [each.name for each in sources]
    return names if len(names) <= _NAMED else [names[0], f"{number(len(names) - 1)} more files"]


def _kindred(sources: tuple[Source, ...]) -> list[Kindred]:
    """The files in their order, those together that are read alike."""
    return [
        Kindred(*how, tuple(files))
        for how, files in groupby(sources, lambda each: (each.format, each.reason, each.fields))
    ]


def _became(dataset: Dataset) -> Bars:
    """What became of all records, as one bar."""
    account = dataset.reconciliation
    counts = (account.rows, account.merged, account.rejected_records)
    return bars("records", ("rows", "merged", "rejected"), [(("records",), counts)], drawn=3)


def _lengths(lengths: Lengths) -> Bars:
    """How many texts are how long; the bin of the median is stressed."""
    firsts = [1, *(end + 1 for end in lengths.ends)]
    names = [f"{number(first)} to {number(last)}" for first, last in zip(firsts, lengths.ends, strict=False)]
    middle = next(name for name, end in zip(names, lengths.ends, strict=True) if lengths.median <= end)
    rows = [((name,), (count,)) for name, count in zip(names, lengths.rows, strict=True)]
    return bars("characters", ("rows",), rows, strong=(middle,))


def _agreement_plot(agreement: Agreement | None) -> plots.Intervals | None:
    """The coefficient on its scale, where it has an interval."""
    if agreement is None or agreement.interval is None:
        return None
    axis = _UNIT_AXIS if agreement.interval.low >= 0 else _SIGNED_AXIS
    rows = [(agreement.name, agreement.interval, True)]
    if agreement.name == SPANS:
        return plots.intervals(rows, "1 is always the same spans, 0 never", axis=axis)
    title = "1 is always the same answer, 0 no more often than by chance"
    return plots.intervals(rows, title, (RELIABLE, f"{RELIABLE:g}, customarily called reliable"), axis)


def _confused(agreement: Agreement | None) -> Bars | None:
    if agreement is None or not agreement.confused:
        return None
    rows = [((each.first, each.second), (each.items, each.pairs)) for each in agreement.confused]
    return bars("labels", ("items", "pairs of votes"), rows)


def _reasons_plot(rejected: list[Rejected]) -> Bars:
    return bars("reason", ("records",), [((REASONS[each.reason],), (each.records,)) for each in rejected])
