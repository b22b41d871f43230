"""Images in folders that are called by their class: ``train/cat/1.jpg``, or without splits ``cat/1.jpg``.

An image that lies in no folder of a class has no label. Since one file is one image, a folder of them is read at once
(:func:`read_all`).
"""

from collections.abc import Sequence

from headstart.labels.formats.class_folders import classes
from headstart.labels.images import confined
from headstart.labels.images import fields as image_fields
from headstart.labels.images.check import MOST_BYTES, checked, is_image, starts_as_image
from headstart.labels.records import Ask, Reading, Record, Reject, Vote
from headstart.labels.sources.files import SourceFile, UnseenImage

_MAGIC_BYTES = 16


def recognise(file: SourceFile) -> str | None:
    """A file that is called as images are and starts as one."""
    if is_image(file.name) and starts_as_image(file.start(_MAGIC_BYTES)):
        return "it is an image by its name and its first bytes"
    return None


def read(file: SourceFile, ask: Ask) -> Reading:
    """An image by itself."""
    return read_all([file], ask)


def read_all(files: Sequence[SourceFile], ask: Ask) -> Reading:
    """One record an image, with its folder for a label.

    Raises:
        DataError: The spec asks for fields, which files have none of, or the task's labels are no names.
    """
    where = files[0].name if len(files) == 1 else f"{len(files)} images"
    image_fields.check(ask, [], where)
    image_fields.choose("image", ask.fields.image, "file", [], where)
    image_fields.choose("label", ask.fields.label, "folder", [], where)
    named = zip(files, classes(files), strict=True)
    return Reading("image from its file, label from its folder", "names", (_record(file, name) for file, name in named))


def _record(file: SourceFile, name: str | None) -> Record | Reject:
    content = {"file": file.name, "label": name}
    data = confined.whole(file.path, MOST_BYTES)
    if data is None:
        return Reject(file.name, "no-image", content)
    try:
        image = checked(data)
    except UnseenImage as unseen:
        return Reject(file.name, unseen.reason, content)
    return Record(file.name, file.name, (Vote((name,)),) if name else (), file.split, image=image)
