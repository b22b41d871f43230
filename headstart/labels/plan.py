"""What each file of an export is: one to be read and how, or one that another file's reader reads beside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from headstart.errors import DataError
from headstart.labels.detect import READERS, detect
from headstart.labels.formats import brat, image_folder
from headstart.labels.images.check import is_image
from headstart.labels.records import Ask, Reading
from headstart.labels.sources.files import SourceFile
from headstart.spec import Format

# Readers that take in files which lie beside the one they are asked to read.
_COMPANIONS: Mapping[Format, Callable[[SourceFile], tuple[str, ...]]] = MappingProxyType({"brat": brat.companions})


@dataclass(frozen=True)
class Part:
    """A file, or all images together: what users call it, its format and why, and what opens it.

    A file that is nothing to be read, for it is of no known format and lies beside others that are, has no format.
    """

    name: str
    format: Format | Literal[""]
    reason: str
    open: Callable[[Ask], Reading]


def parts(files: Sequence[SourceFile], wanted: str) -> list[Part]:
    """What is to be read, in the order of the files.

    Images that lie beside an export are read by the records that name them; where there is nothing else, each is a
    record of its own.

    Args:
        files: All files.
        wanted: The format that the spec names, or ``auto``.

    Raises:
        DataError: No reader recognises a file.
    """
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


def _pictures(images: Sequence[SourceFile]) -> Part:
    """Images that are records themselves."""
    name = images[0].name if len(images) == 1 else f"{len(images)} images"
    reason = image_folder.recognise(images[0]) or "they are called as images are"
    return Part(name, "image-folder", reason, lambda ask: image_folder.read_all(images, ask))


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
        return lambda ask: Reading("", "names", iter(()))
    return lambda ask: READERS[format_].read(file, ask)
