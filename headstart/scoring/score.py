"""Scoring: which parts there are, which of them are missing, and the account of all."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from headstart.compute import Compute, Report
from headstart.digest import canonical_json, digest_of, sha256_file
from headstart.errors import UsageError
from headstart.evaluation.disagreement import Tally
from headstart.evaluation.drift import ROWS
from headstart.labels.sources import source as sources
from headstart.labels.texts import texts_of
from headstart.registry import Registry, Version
from headstart.report import scored
from headstart.scoring.part import Part, answer, answered, compare
from headstart.scoring.sample import Sample
from headstart.scoring.scores import RECEIPT, REPORT, Scores
from headstart.scoring.watch import watch
from headstart.spec import DataSpec
from headstart.store import open_store
from headstart.version import code_digest

PART_ROWS = 4096


def score(
    reference: str,
    source: str,
    out: str,
    registry: str,
    compute: Compute,
    text: str = "auto",
    report: Report = lambda done, total, note: None,
    part_rows: int = PART_ROWS,
    shadow: str = "",
) -> Scores:
    """Answer every text of a source, and write the answers as Parquet.

    The answers go to a folder of their own below ``out``, which is named by model, version and what was read; parts of
    it that an earlier call has written are not written again. Each file has the columns ``source``, ``row`` (the
    number of the text in its file, from 1 on; blank lines are none), ``text``, ``label`` and ``probability``.
    ``_report.html`` is for people; ``_scores.json`` is written last: where it stands, the folder is whole. The answers
    of a shadow go to the folder that scoring with it would give.

    Args:
        reference: ``name@alias``, ``name@3``, or ``name`` for the latest version.
        source: A .txt, .csv, .json, .jsonl or .parquet file, a folder, a glob, or a URI, as in ``data.source``.
        out: A folder or ``s3://`` prefix that every worker can write to.
        registry: Where the model is.
        compute: Where work runs.
        text: The field that holds the text; ``auto`` is the one that the version's spec names where it is there, and
            else derives it.
        report: Is told how many files are done.
        part_rows: How many rows are one part.
        shadow: The alias or number of another version of the model, which answers the same texts to be compared.

    Raises:
        UsageError: There is no such version, a row has no text, there are no texts, the answers would lie among them,
            or the shadow is the version itself.
        DataError: The source cannot be found or read.
        StoreError: The registry or ``out`` cannot be reached.
    """
    versions = _versions(reference, shadow, registry)
    trained = versions[0].lineage.text_field
    _check_apart(source, out)
    with sources.gather(DataSpec(source=source)) as files:
        read = [[file.name, sha256_file(file.path)] for file in files]
        scorings = [
            _scoring(each, [read, text, trained, part_rows, code_digest()], out, registry, compute) for each in versions
        ]
        ours, sample, tally, unread = scorings[0], Sample(ROWS), Tally(), list[str]()
        for number, file in enumerate(files):
            texts = texts_of(file, text, trained)
            if not texts:
                unread.append(file.name)
            parts = list(_parts(number, file.name, texts, part_rows))
            sample.add(texts)
            for scoring in scorings:
                scoring.answer(parts)
            if shadow:
                shared = {"ours": ours.out, "others": scorings[1].out}
                tally = sum(compute.map(compare, parts, shared, lambda done, total, note: None), tally)
            report(number + 1, len(files), file.name)
    if not ours.parts:
        problem, remedy = f"none of its {len(files)} files holds texts.", "Give it at least one that does."
        raise UsageError("predict/unreadable", problem, remedy=remedy, where=source)
    drift, undrifted = watch(ours.version, registry, sample.texts(), compute)
    scores = Scores(
        model=ours.version.name,
        version=ours.version.version,
        out=ours.out,
        rows=ours.labels.total(),
        labels=dict(sorted(ours.labels.items())),
        parts=tuple(ours.parts),
        unread=tuple(unread),
        drift=drift,
        undrifted=undrifted,
        shadow=tally.told(scorings[1].name, scorings[1].out) if shadow else None,
    )
    store = open_store(scores.out)
    store.put(REPORT, scored.render(scores).encode())
    store.put(RECEIPT, canonical_json(scores.said()))
    return scores


@dataclass
class _Scoring:
    """One version's answers while they are made: its folder, and what is in it by now."""

    version: Version
    out: str
    registry: str
    compute: Compute
    labels: Counter[str] = field(default_factory=Counter)
    parts: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.version.name}@{self.version.version}"

    def answer(self, parts: list[Part]) -> None:
        """Answer those parts of a file that an earlier call has not."""
        store = open_store(self.out)
        found = [(part, answered(part, store)) for part in parts]
        shared = {"registry": self.registry, "reference": self.name, "out": self.out}
        missing = [part for part, there in found if there is None]
        made = self.compute.map(answer, missing, shared, lambda done, total, note: None)
        for there in (*made, *(there for _, there in found if there is not None)):
            self.labels.update(there)
        self.parts += [part.key for part in parts]


def _versions(reference: str, shadow: str, registry: str) -> list[Version]:
    opened = Registry(registry)
    version = opened.resolve(reference)
    if not shadow:
        return [version]
    other = opened.resolve(f"{version.name}@{shadow}")
    if other.version == version.version:
        problem = f"the shadow {shadow!r} is version {version.version} itself."
        remedy = "Name another alias or number of the model."
        raise UsageError("usage", problem, remedy=remedy, where=f"{version.name}@{shadow}")
    return [version, other]


def _check_apart(source: str, out: str) -> None:
    """Answers in the folder of the texts would be taken for texts the next time."""
    inner, outer = out.removeprefix("file://"), source.removeprefix("file://")
    if "://" not in inner + outer:
        inner, outer = str(Path(inner).resolve()), str(Path(outer).resolve())
    if f"{inner.rstrip('/')}/".startswith(f"{outer.rstrip('/')}/"):
        problem = f"the answers would lie in {source!r}, among the texts."
        raise UsageError("usage", problem, remedy="Name a folder beside it for the answers.", where=out)


def _scoring(version: Version, read: list[object], out: str, registry: str, compute: Compute) -> _Scoring:
    digest = digest_of([version.digest, *read])
    folder = f"{out.rstrip('/')}/{version.name}-{version.version}-{digest[:12]}"
    return _Scoring(version, folder, registry, compute)


def _parts(number: int, name: str, texts: list[str], rows: int) -> Iterator[Part]:
    for start in range(0, len(texts), rows):
        key = f"part-{number:05d}-{start // rows:05d}.parquet"
        yield Part(key, name, start + 1, tuple(texts[start : start + rows]))
