"""Importing: from the files of an export to a dataset, with every record accounted for."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from headstart.blobs import File
from headstart.dataset import FIELDS, PLACES, Dataset, in_split, require_trainable
from headstart.digest import sha256_file
from headstart.division import divide
from headstart.errors import DataError
from headstart.labels.gathering import Gathered, gather, task_of
from headstart.labels.reconciling import profile
from headstart.labels.reconciling import rows as last_pass
from headstart.labels.reconciling.account import Reconciliation, Rejected, Vocabulary
from headstart.labels.reconciling.answers import Answers, answers
from headstart.labels.reconciling.nothing import no_rows
from headstart.labels.reconciling.reconcile import Differing, Outcome, reconcile
from headstart.labels.reconciling.rejects import Rejects
from headstart.labels.reconciling.rows import Rows
from headstart.labels.reconciling.rules import RULES, Rule
from headstart.labels.reconciling.shards import Shard
from headstart.labels.reconciling.vocabulary import look_alikes, pinned
from headstart.labels.slicing import fields_of
from headstart.labels.sources.files import SourceFile
from headstart.spec import SPLITS, DataSpec, Split, TaskName
from headstart.workspace import Workspace

_SINGLE: tuple[TaskName, ...] = ("text-classification", "image-classification")
_SHOWN_PLACES = 3
_UPLOADS = 4  # files at a time


def import_dataset(
    data: DataSpec,
    task: TaskName | Literal["auto"],
    files: Sequence[SourceFile],
    workspace: Workspace,
    earlier: Dataset | None = None,
    to_train: bool = False,
    slices: Sequence[str] = (),
) -> Dataset:
    """Read an export, account for every record, divide the rows, and store them.

    Args:
        data: What the spec says of the data.
        task: What the records are for.
        files: The export.
        workspace: Where the dataset goes.
        earlier: A dataset whose vocabulary and whose division are kept.
        to_train: Whether the rows must be such that a model can be trained on them.
        slices: Fields whose values are kept for the test rows.

    Raises:
        DataError: The export cannot be read or none of it becomes a row, or not enough; or the spec wants an error
            where there is a conflict or a reject.
        SpecError: The task cannot be trained yet, and is to be.
    """
    with tempfile.TemporaryDirectory(prefix="headstart-import-") as name:
        folder = Path(name)
        with Rejects(folder / "rejected.jsonl") as rejects:
            gathered = gather(data, task, files, folder / "records.arrow", rejects)
            found, why = task_of(task, gathered)
            outcome = _reconciled(data, RULES[found], gathered)
            if not len(outcome.rows):
                raise no_rows(gathered, outcome, rejects)
            said = answers(gathered.kind, gathered.index, outcome, gathered.spool)
            vocabulary, said = _vocabulary(data, earlier, said)
            places, passport = divide(
                data.split, gathered.index, outcome.rows, said, not RULES[found].is_exact, workspace, earlier
            )
            rows = Rows(
                outcome.rows, said, places, gathered.kind, found in _SINGLE, gathered.spool.pairs, gathered.spool.images
            )
            with ThreadPoolExecutor(1) as pool:
                leaks = pool.submit(lambda: tuple(profile.leaks(gathered.spool, gathered.index, rows)))
                shards, ids, content = last_pass.written(gathered.spool, gathered.index, outcome, rows, rejects, folder)
        counts, sizes = _counts(rows), {split: int((places == number).sum()) for number, split in enumerate(SPLITS)}
        if to_train:
            require_trainable(found, counts, sizes, gathered.where)
        if data.strict and rejects.counts:
            raise _strict(rejects, workspace, gathered.where)
        stored = _stored(shards, workspace)
        return Dataset(
            task=found,
            labels=said.names,
            counts=counts,
            sizes=sizes,
            content=content,
            files=(*stored, *_fields(slices, stored, data, found, files, workspace, folder)),
            reconciliation=_account(gathered, outcome, rows, rejects, why, vocabulary, workspace),
            passport=passport.model_copy(update={"rows": ids, "leaks": leaks.result()}),
        )


def _reconciled(data: DataSpec, rule: Rule, gathered: Gathered) -> Outcome:
    try:
        return reconcile(gathered.index, rule, data.on_conflict, gathered.ballots, frozenset(data.labels))
    except Differing as differing:
        records = np.array(sorted(differing.conflict.records), np.intp)
        places = gathered.spool.places(records[:_SHOWN_PLACES]).values()
        votes = differing.conflict.votes
        tally = ", ".join(sorted(f"{profile.said(value)!r} {count}" for value, count in votes))
        remedy = "Settle it in the labeling tool, or set data.on_conflict to majority or drop."
        raise DataError("data/conflict", f"votes differ: {tally}.", remedy=remedy, where="; ".join(places)) from None


def _vocabulary(data: DataSpec, earlier: Dataset | None, said: Answers) -> tuple[Vocabulary, Answers]:
    """The labels in the order of their ids, and the answers in these numbers."""
    counts = Counter({said.names[label]: int(rows) for label, rows in enumerate(np.bincount(said.label)) if rows})
    before = earlier.labels if earlier else ()
    labels = data.labels or pinned(before, counts)
    known = [label for label in before if label in labels]
    alike = look_alikes(counts, data.labels or [label for label in known if label in counts])
    return Vocabulary(
        new=tuple(sorted(set(counts).difference(before))) if before else (),
        gone=tuple(label for label in before if label not in counts),
        look_alikes=tuple((each.label, each.meant, counts[each.label]) for each in alike),
    ), said.renamed(labels)


def _counts(rows: Rows) -> Mapping[Split, Mapping[str, int]]:
    places = rows.places[rows.answers.row_of] if rows.kind != "number" else np.empty(0, np.int8)
    counts = {}
    for number, split in enumerate(SPLITS):
        found = np.bincount(rows.answers.label[places == number], minlength=len(rows.answers.names))
        counts[split] = {rows.answers.names[label]: int(found[label]) for label in np.flatnonzero(found)}
    return {split: dict(sorted(each.items())) for split, each in counts.items()}


def _stored(shards: Sequence[Shard], workspace: Workspace) -> tuple[File, ...]:
    of = Counter(shard.split for shard in shards)
    numbers: Counter[int] = Counter()
    named = []
    for shard in shards:
        name = f"{SPLITS[shard.split]}-{numbers[shard.split]:05d}-of-{of[shard.split]:05d}.parquet"
        numbers[shard.split] += 1
        named += [(shard.path, name), (shard.places, f"{PLACES}/{name}")]
    with ThreadPoolExecutor(_UPLOADS) as pool:
        return tuple(pool.map(lambda each: workspace.blobs.add(*each), named))


def _fields(
    names: Sequence[str],
    stored: Sequence[File],
    data: DataSpec,
    task: TaskName,
    files: Sequence[SourceFile],
    workspace: Workspace,
    folder: Path,
) -> Iterator[File]:
    """The file of what the export says of the test rows in these fields; none where no field is named."""
    if names:
        test = [pq.read_table(workspace.blobs.fetch(file), columns=["id"]) for file in in_split(stored, "test")]
        ids = pa.concat_tables(test)["id"].combine_chunks()
        pq.write_table(fields_of(names, ids, data, task, files, folder), folder / "fields.parquet", compression="zstd")
        yield workspace.blobs.add(folder / "fields.parquet", FIELDS)


def _account(
    gathered: Gathered,
    outcome: Outcome,
    rows: Rows,
    rejects: Rejects,
    why: str,
    vocabulary: Vocabulary,
    workspace: Workspace,
) -> Reconciliation:
    rejected = sum(rejects.counts.values())
    return Reconciliation(
        sources=gathered.sources,
        task_reason=why,
        records=sum(source.records for source in gathered.sources),
        rows=len(rows.records),
        merged=int((outcome.into >= 0).sum()),
        outvoted=outcome.outvoted,
        rejected=tuple(
            Rejected(reason=reason, records=count, examples=tuple(rejects.examples[reason]))
            for reason, count in sorted(rejects.counts.items())
        ),
        rejects=workspace.blobs.add(rejects.path, "rejected.jsonl") if rejected else None,
        is_closed=gathered.is_closed,
        conflicting=outcome.conflicting,
        conflicts=profile.conflicts(outcome, gathered.spool),
        agreement=profile.agreement_of(outcome, rows.kind, rows.is_single),
        vocabulary=vocabulary,
        lengths=profile.lengths(last_pass.lengths(gathered.spool, outcome)),
    )


def _strict(rejects: Rejects, workspace: Workspace, where: str) -> DataError:
    told = ", ".join(f"{count} {reason}" for reason, count in rejects.counts.most_common())
    key = f"imports/rejected-{sha256_file(rejects.path)[:8]}/rejected.jsonl"  # no blob: people edit it
    workspace.store.upload(rejects.path, key)
    kept = workspace.store.local_path(key) or f"{workspace.uri}/{key}"
    remedy = f"Mend them in {kept} and import that file too, or leave out strict."
    return DataError(
        "data/rejected", f"{sum(rejects.counts.values())} records were rejected ({told}).", remedy=remedy, where=where
    )
