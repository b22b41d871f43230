"""Texts in folders that are called by their class, a file each: ``train/pos/1.txt``.

IMDB's reviews and 20 Newsgroups are published so. A text by itself does not say that it is one; many in folders of
classes do (:func:`texts`), and are read at once (:func:`read_all`).
"""

from collections.abc import Sequence

from headstart.labels.formats import nameless
from headstart.labels.formats.class_folders import classes
from headstart.labels.records import Ask, Reading, Record, Reject, Vote, is_clean
from headstart.labels.sources.files import SourceFile
from headstart.labels.sources.text import decoded

_SUFFIXES = ("", ".txt")
_MOST_OTHERS = 0.1  # of the files: an account of the folder and the like
_UNLABELED = frozenset({"unsup", "unsupervised", "unlabeled", "unlabelled"})


def recognise(file: SourceFile) -> str | None:
    """Never: see :func:`texts`."""
    return None


def texts(files: Sequence[SourceFile]) -> list[SourceFile]:
    """The files that are texts in folders of classes; none unless there are several classes, and little else."""
    named = [file for file in files if file.suffix in _SUFFIXES]
    found = [(file, name) for file, name in zip(named, classes(named), strict=True) if name is not None]
    count = len({name for _, name in found})
    if count < 2 or len(found) < 2 * count or len(files) - len(found) > _MOST_OTHERS * len(files):
        return []
    return [file for file, _ in found]


def read(file: SourceFile, ask: Ask) -> Reading:
    """A text by itself."""
    return read_all([file], ask)


def read_all(files: Sequence[SourceFile], ask: Ask) -> Reading:
    """One record a file, with its folder for a label.

    Raises:
        DataError: The task's labels are no names, or the spec names a field.
    """
    nameless.check(files[0], ask)
    named = zip(files, classes(files), strict=True)
    return Reading("text from its file, label from its folder", "names", (_record(file, name) for file, name in named))


def _record(file: SourceFile, name: str | None) -> Record | Reject:
    text = decoded(file.path.read_bytes()).strip()
    if not is_clean(text):
        return Reject(file.name, "broken-unicode", {"label": name})
    is_labeled = name is not None and name.lower() not in _UNLABELED
    return Record(file.name, text, (Vote((str(name),)),) if is_labeled else (), file.split)
