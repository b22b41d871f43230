"""Dividing the rows of an import: with what an earlier import has decided, and with a passport to show."""

from collections.abc import Iterator

import numpy as np
import pyarrow.parquet as pq

from headstart.dataset import Dataset
from headstart.labels import times
from headstart.labels.reconciling.answers import Answers
from headstart.labels.reconciling.index import Digests, Index, Indices, runs
from headstart.labels.reconciling.rows import units
from headstart.labels.reconciling.shards import raw
from headstart.listing import listed
from headstart.passport import Passport
from headstart.spec import SPLITS, Split, SplitSpec
from headstart.split import NOTHING_KNOWN, TEST, TRAIN, VALIDATION, Known, Placeable, Places, assign
from headstart.workspace import Workspace

_NAMED = 10  # labels that a note names


def divide(
    spec: SplitSpec,
    index: Index,
    records: Indices,
    said: Answers,
    are_distinct: bool,
    workspace: Workspace,
    earlier: Dataset | None,
) -> tuple[Places, Passport]:
    """The split of each row, and the passport without what is only known later (``rows`` and ``leaks``).

    Args:
        spec: What the spec says of splits.
        index: What is known of all records.
        records: The numbers of those that are rows.
        said: Their answers.
        are_distinct: Whether no two rows have the same normalised content, but for those of published splits.
        workspace: Where the earlier dataset is.
        earlier: A dataset whose division is kept.
    """
    unit, published = units(index, records), index.split[records]
    is_kept = earlier is not None and spec.time is None and _settings(spec) == _settings_of(earlier.passport)
    known = _known(earlier, workspace) if earlier is not None and is_kept else NOTHING_KNOWN
    are_apart = are_distinct and not index.group[records].any() and not (published > TRAIN).any()
    rows = Placeable(unit, said.rarest(), published, index.time[records], are_apart)
    places = assign(rows, spec, known)
    carved = published <= TRAIN
    kept = known.places(unit[carved])
    return places, Passport(
        method="time" if spec.time is not None else "content",
        published=tuple(split for number, split in enumerate(SPLITS) if (published == number).any()),
        test=spec.test,
        validation=spec.validation,
        seed=spec.seed,
        group_by=spec.group_by,
        time=spec.time,
        cuts=_cuts(places, rows.time) if spec.time is not None else {},
        rows={},
        kept=int((kept >= 0).sum()),
        earlier=earlier.digest if earlier is not None and is_kept else "",
        notes=(*_notes(said, places), *_uneven(spec, unit[carved], places[carved], published)),
        leaks=(),
    )


def are_placed_alike(one: Dataset, other: Dataset, workspace: Workspace) -> bool:
    """Whether rows of both datasets are in the same split; where their settings differ they need not be."""
    settings = _settings_of(one.passport)
    if settings != _settings_of(other.passport) or one.passport.time is not None:
        return True
    if one.passport.published != other.passport.published:
        return True
    here, there = _known(one, workspace), _known(other, workspace)
    places = there.places(here.unit)
    return bool(((places < 0) | (places == here.place)).all())


def _settings(spec: SplitSpec) -> tuple[object, ...]:
    return spec.test, spec.validation, spec.seed, spec.group_by, spec.time


def _settings_of(passport: Passport) -> tuple[object, ...]:
    return passport.test, passport.validation, passport.seed, passport.group_by, passport.time


def _known(earlier: Dataset, workspace: Workspace) -> Known:
    """Where an earlier import has placed each unit."""
    unit, place = [np.empty((0, 2), np.uint64)], [np.empty(0, np.int8)]
    for number, split in enumerate(SPLITS):
        for file in earlier.files_of(split):
            table = pq.read_table(workspace.blobs.fetch(file), columns=["unit"])
            for chunk in table["unit"].chunks:
                unit.append(np.ascontiguousarray(raw(chunk)).view(np.uint64))
                place.append(np.full(len(chunk), number, np.int8))
    return Known.of(np.concatenate(unit), np.concatenate(place))


def _cuts(places: Places, time: np.ndarray[tuple[int], np.dtype[np.float64]]) -> dict[Split, str]:
    """The earliest time of the rows that choose and of those that judge."""
    cuts: dict[Split, str] = {}
    for number in (VALIDATION, TEST):
        if (places == number).any():
            cuts[SPLITS[number]] = times.said(float(time[places == number].min()))
    return cuts


def _uneven(spec: SplitSpec, unit: Digests, places: Places, published: Places) -> Iterator[str]:
    """Whether a split has less than half or more than twice of what was asked for, because groups are large."""
    if spec.group_by is None or not len(places):
        return
    test = 0.0 if (published == TEST).any() else spec.test
    validation = 0.0 if (published == VALIDATION).any() else spec.validation
    asked = np.array([1 - test - validation, validation, test]) * len(places)
    found = np.bincount(places, minlength=len(SPLITS))
    if ((found < asked / 2) | (found > asked * 2)).any():
        largest = np.diff(np.flatnonzero([*runs(unit)[1], True])).max()
        given, wanted = (" / ".join(f"{rows:.0f}" for rows in each) for each in (found, asked))
        yield (
            f"of {len(places)} rows {given} are for {' / '.join(SPLITS)}, where {wanted} were asked for: "
            f"the largest group by {spec.group_by} has {largest}"
        )


def _notes(said: Answers, places: Places) -> Iterator[str]:
    """Which labels a split lacks."""
    of_row = places[said.row_of] if len(said.label) else np.empty(0, np.int8)
    present = set(np.unique(said.label).tolist())
    for number, split in enumerate(SPLITS):
        if not (places == number).any():
            yield f"there are no {split} rows"
            continue
        lacking = sorted(present.difference(said.label[of_row == number].tolist()))
        if lacking:
            yield f"no {split} row has {listed([said.names[label] for label in lacking], _NAMED)}"
