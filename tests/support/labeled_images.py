"""Exports that label images, with the images beside them, and what their readers give."""

from pathlib import Path
from typing import Any

from headstart.labels import detect
from headstart.labels.images.lookup import Images
from headstart.labels.records import Ask, Reading, Record, Reject
from headstart.labels.sources.files import SourceFile
from headstart.spec import FieldsSpec, Split
from tests.support.reading import Read, taken


def source(path: Path, top: Path | None = None, split: Split | None = None, name: str = "") -> SourceFile:
    """A file of an export whose images lie in its folder, or in those above as far as ``top``."""
    return SourceFile(path, name or path.name, split, Images(path.parent, top=top))


def opened(file: SourceFile, form: str, **asked: Any) -> Reading:
    """A file's reading; ``asked`` are fields of the spec (text, label, pair, image), or group_by, time, task."""
    fields = FieldsSpec(**{key: asked.pop(key) for key in tuple(asked) if key in FieldsSpec.model_fields})
    return detect.READERS[form].read(file, Ask(fields, **asked))


def read(file: SourceFile, form: str, **asked: Any) -> list[Read]:
    """What a file's reader yields."""
    return taken(opened(file, form, **asked))


def said(items: list[Read]) -> dict[str, object]:
    """What each record says, by its text: the names that were voted for, or by its place why it is rejected."""
    return {
        **{item.text: tuple(vote.value for vote in item.votes) for item in items if isinstance(item, Record)},
        **{item.place: item.reason for item in items if isinstance(item, Reject)},
    }
