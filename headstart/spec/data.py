"""The data section: where the labels come from, and how rows are divided."""

from typing import Literal, Self

from pydantic import field_validator, model_validator

from headstart.spec.section import Fraction, Index, Section, Uri

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
Format = Literal[
    "label-studio",
    "label-studio-min",
    "label-studio-csv",
    "doccano",
    "prodigy",
    "argilla",
    "spacy",
    "conll",
    "brat",
    "cvat",
    "coco",
    "image-folder",
    "text-folder",
    "fasttext",
    "trec",
    "csv",
    "json",
    "jsonl",
    "parquet",
    "arrow",
    "excel",
    "rejected",
]


class FieldsSpec(Section):
    """Which fields of the export hold what. ``auto`` derives them and says which.

    In JSON, Parquet and Arrow a field inside another is named with dots: ``message.body``.
    """

    text: str = "auto"
    """The field or column that holds the text, or the first text of a pair."""
    pair: str = "auto"
    """The field or column that holds the second text of a pair."""
    image: str = "auto"
    """The field or column that holds the image: a path, an ``s3://`` URI, base64, or bytes in Parquet and Arrow."""
    label: str = "auto"
    """The field or column that holds the label; in a labeling tool's export the name of the control or question. Labels
    with a column of 0 and 1 each are named together, with commas between them."""


class SplitSpec(Section):
    """How rows are divided where the source does not publish its own split.

    Labels are spread evenly, and rows keep their split when data grows. ``test`` and ``validation`` together stay
    below 1.
    """

    test: Fraction = 0.2
    """The share of the rows that judge the final model."""
    validation: Fraction = 0.1
    """The share of the rows that choose between models."""
    group_by: str | None = None
    """A field whose equal values keep their rows in one split (a customer, a document)."""
    time: str | None = None
    """A field that holds a time or a number that grows: the latest rows judge, those before them choose."""
    seed: Index = 0
    """Another seed is another split."""

    @model_validator(mode="after")
    def _something_is_left_to_train_on(self) -> Self:
        if self.test + self.validation >= 1:
            raise ValueError("test and validation together must leave rows to train on (sum below 1)")
        return self


class DataSpec(Section):
    """Where the labels come from. A bare source stands for the whole section: ``data: tickets.json``."""

    source: Uri | tuple[Uri, ...] | dict[Split, Uri]
    """A file, a folder, a glob, or an ``s3://``, ``https://`` or ``hf://datasets/owner/name`` URI, archives included; a
    list of these; or, where the source publishes its split, a mapping from ``train`` and, as far as they are
    published, ``validation`` and ``test`` to them. In a table a column ``split`` publishes it as well, and in a folder
    the names of the files may."""
    format: Literal["auto", Format] = "auto"
    """The export's format; ``auto`` recognises it by its content. ``csv`` is any table whose cells are separated by
    commas, tabs, semicolons or bars."""
    fields: FieldsSpec = FieldsSpec()
    """Which fields hold what."""
    labels: tuple[str, ...] = ()
    """The label vocabulary, in the order of its ids. By default it is what the rows hold, in the order of earlier
    imports of the same name and then of the alphabet; with it, records of any other label are rejected."""
    root: Uri | None = None
    """The folder or ``s3://`` prefix that image paths are relative to; by default the folder of the export."""
    split: SplitSpec = SplitSpec()
    """How rows are divided."""
    on_conflict: Literal["majority", "drop", "error"] = "majority"
    """Where annotators of one text disagree: take the ``majority`` (a tie is rejected), ``drop`` the text, or stop
    with an ``error``."""
    strict: bool = False
    """Whether a record that is rejected makes the import fail."""

    @field_validator("source")
    @classmethod
    def _source_is_named(cls, source: str | tuple[str, ...] | dict[Split, str]) -> object:
        if isinstance(source, dict) and "train" not in source:
            raise ValueError("a mapping of splits must name a source for train")
        if not source:
            raise ValueError("no source is named")
        return source

    def sources(self) -> tuple[tuple[str, Split | None], ...]:
        """Every source with the split it is published as, if it is."""
        if isinstance(self.source, str):
            return ((self.source, None),)
        if isinstance(self.source, dict):
            return tuple((self.source[split], split) for split in SPLITS if split in self.source)
        return tuple((source, None) for source in self.source)
