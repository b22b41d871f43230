"""Scoring: which parts there are, which of them are missing, and the account of all."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import ClassVar

from headstart.compute import Compute, Report
from headstart.digest import canonical_json, digest_of, sha256_file
from headstart.labels.sources import source as sources
from headstart.labels.texts import read_texts
from headstart.registry import Registry
from headstart.scoring.part import Part, answer, answered
from headstart.spec import DataSpec
from headstart.store import open_store
from headstart.values import Value
from headstart.version import code_digest

PART_ROWS = 4096


class Scores(Value):
    """The account of a scoring: ``out`` is the folder of its ``parts``, ``labels`` the rows that got each label."""

    kind: ClassVar[str] = "scores"

    model: str
    version: int
    out: str
    rows: int
    labels: Mapping[str, int]
    parts: tuple[str, ...]

    def summary(self) -> str:
        """One line for people."""
        shares = ", ".join(f"{label} {rows}" for label, rows in sorted(self.labels.items(), key=lambda each: -each[1]))
        return f"{self.rows} rows by {self.model} version {self.version}: {shares}"


def score(
    reference: str,
    source: str,
    out: str,
    registry: str,
    compute: Compute,
    field: str = "auto",
    report: Report = lambda done, total, note: None,
    part_rows: int = PART_ROWS,
) -> Scores:
    """Answer every text of a source, and write the answers as Parquet.

    The answers go to a folder of their own below ``out``, which is named by model, version and what was read; parts of
    it that an earlier call has written are not written again. Each file has the columns ``source``, ``row`` (counted
    from 1 in its file), ``text``, ``label`` and ``probability``. ``_scores.json`` is written last: where it stands, the
    folder is whole.

    Args:
        reference: ``name@alias``, ``name@3``, or ``name`` for the latest version.
        source: A .txt, .csv, .jsonl or .parquet file, a folder, a glob, or a URI of these, as in ``data.source``.
        out: A folder or ``s3://`` prefix that every worker can write to.
        registry: Where the model is.
        compute: Where work runs.
        field: The field that holds the text; ``auto`` derives it.
        report: Is told how many files are done.
        part_rows: How many rows are one part.

    Raises:
        UsageError: There is no such version, or a row has no text.
        DataError: The source cannot be found or read.
        StoreError: The registry or ``out`` cannot be reached.
    """
    version = Registry(registry).resolve(reference)
    exact = f"{version.name}@{version.version}"
    with sources.gather(DataSpec(source=source)) as files:
        read = [[file.name, sha256_file(file.path)] for file in files]
        digest = digest_of([version.digest, read, field, part_rows, code_digest()])
        folder = f"{out.rstrip('/')}/{version.name}-{version.version}-{digest[:12]}"
        store, labels, parts = open_store(folder), Counter[str](), list[str]()
        shared = {"registry": registry, "reference": exact, "out": folder}
        for number, file in enumerate(files):
            found = {
                part.key: (part, answered(part, store))
                for part in _parts(number, file.name, read_texts(file.path, field), part_rows)
            }
            missing = [part for part, there in found.values() if there is None]
            made = compute.map(answer, missing, shared, lambda done, total, note: None)
            for there in (*made, *(there for _, there in found.values() if there is not None)):
                labels.update(there)
            parts += found
            report(number + 1, len(files), file.name)
    scores = Scores(
        model=version.name,
        version=version.version,
        out=folder,
        rows=labels.total(),
        labels=dict(sorted(labels.items())),
        parts=tuple(parts),
    )
    store.put("_scores.json", canonical_json(scores.said()))
    return scores


def _parts(number: int, name: str, texts: list[str], rows: int) -> Iterator[Part]:
    for start in range(0, len(texts), rows):
        key = f"part-{number:05d}-{start // rows:05d}.parquet"
        yield Part(key, name, start + 1, tuple(texts[start : start + rows]))
