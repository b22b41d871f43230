"""What each file of an export is: one to be read and how, a record itself, or one that another's reader reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from headstart.errors import DataError
from headstart.labels.detect import READERS, detect
from headstart.labels.formats import brat, image_folder, text_folder
from headstart.labels.images.check import is_image
from headstart.labels.records import Ask, Reading
from headstart.labels.sources.files import SourceFile
from headstart.spec import Format

# Readers that take in files which lie beside the one they are asked to read.
_COMPANIONS: Mapping[Format, Callable[[SourceFile], tuple[str, ...]]] = MappingProxyType({"brat": brat.companions})
_LOOK = 50  # texts in folders of classes that are looked at, whether they are of another format
_BY_CHANCE = 0.1  # of them may look as if they were


@dataclass(frozen=True)
class Part:
    """A file, or all images or texts together: what users call it, its format and why, and what opens it.

    A file that is nothing to be read, for it is of no known format and lies beside others that are, has no format.
    """

    name: str
    format: Format | Literal[""]
    reason: str
    open: Callable[[Ask], Reading]


def parts(files: Sequence[SourceFile], wanted: str) -> list[Part]:
    """What is to be read, in the order of the files.

    Images that lie beside an export are read by the records that name them; where there is nothing else, each is a
    record of its own. So are texts in folders of classes.

    Args:
        files: All files.
        wanted: The format that the spec names, or ``auto``.

    Raises:
        DataError: No reader recognises a file.
    """
    texts = _texts(files, wanted)
    if texts:
        reason = "they lie in folders of several classes" if wanted == "auto" else "the spec says so"
        chosen = {file.path for file in texts}
        left = [file for file in files if file.path not in chosen]
        return [
            Part(_called(texts, "texts"), "text-folder", reason, lambda ask: text_folder.read_all(texts, ask)),
            *(Part(file.name, "", "not read, for it is no text of a class", _unread) for file in left),
        ]
    images = [file for file in files if is_image(file.name)]
    found = [(file, *_detected(file, wanted)) for file in files if not is_image(file.name)]
    is_read = any(format_ for _, format_, _ in found)
    if not images and wanted == "image-folder":
        remedy = "Name a folder of images, or another data.format."
        raise DataError("data/unknown-format", "it is no image.", remedy=remedy, where=files[0].name)
    if not images and not is_read:
        detect(files[0], wanted)
    beside = {
        file.path.parent / name
        for file, format_, _ in found
        if format_ and format_ in _COMPANIONS
        for name in _COMPANIONS[format_](file)
    }
    pictures = [_pictures(images)] if images and (not is_read or wanted == "image-folder") else []
    return pictures + [
        Part(file.name, format_, reason, _opening(file, format_))
        for file, format_, reason in found
        if file.path not in beside
    ]


def _texts(files: Sequence[SourceFile], wanted: str) -> list[SourceFile]:
    """The files that are records themselves as texts are; none where they may well be of another format.

    Raises:
        DataError: The spec wants such files, and there are none.
    """
    if wanted not in ("auto", "text-folder"):
        return []
    texts = text_folder.texts(files)
    if wanted == "auto":
        looked_at = texts[:: max(1, len(texts) // _LOOK)]
        known = sum(any(reader.recognise(file) for reader in READERS.values()) for file in looked_at)
        return texts if known <= _BY_CHANCE * len(looked_at) else []
    if not texts:
        remedy = "Name a folder with a folder of texts for each class, or another data.format."
        raise DataError("data/unknown-format", "it is no text of a class.", remedy=remedy, where=files[0].name)
    return texts


def _pictures(images: Sequence[SourceFile]) -> Part:
    """Images that are records themselves."""
    reason = image_folder.recognise(images[0]) or "they are called as images are"
    return Part(_called(images, "images"), "image-folder", reason, lambda ask: image_folder.read_all(images, ask))


def _called(files: Sequence[SourceFile], what: str) -> str:
    return files[0].name if len(files) == 1 else f"{len(files)} {what}"


def _detected(file: SourceFile, wanted: str) -> tuple[Format | Literal[""], str]:
    """The format and the reason for it; none for a file that nobody named and no reader recognises."""
    if wanted == "image-folder":
        return "", "not read, for it is no image"
    try:
        return detect(file, wanted)
    except DataError:
        if file.is_named:
            raise
        return "", "not read, for no reader recognises it"


def _opening(file: SourceFile, format_: Format | Literal[""]) -> Callable[[Ask], Reading]:
    if not format_:
        return _unread
    return lambda ask: READERS[format_].read(file, ask)


def _unread(ask: Ask) -> Reading:
    return Reading("", "names", iter(()))
