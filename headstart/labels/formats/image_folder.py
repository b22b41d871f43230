"""Images in folders that are called by their class: ``train/cat/1.jpg``, or without splits ``cat/1.jpg``.

The class is the innermost folder, as for torchvision and Hugging Face datasets; but a folder that says the split is
none, nor are folders that all images share. An image that lies in no other folder has no label. Since one file is one
image, a folder of them is read at once (:func:`read_all`).
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from headstart.labels.images import confined
from headstart.labels.images import fields as image_fields
from headstart.labels.images.check import MOST_BYTES, checked, is_image, starts_as_image
from headstart.labels.records import Ask, Reading, Record, Reject, Vote
from headstart.labels.sources import published
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
    named = zip(files, _classes(files), strict=True)
    return Reading("image from its file, label from its folder", "names", (_record(file, name) for file, name in named))


def _classes(files: Sequence[SourceFile]) -> Iterator[str | None]:
    """The class of each image, None where it has none."""
    folders = [PurePosixPath(file.name).parts[:-1] for file in files]
    shared = published.shared_folders(folders)
    inner = [list(parts[shared:]) for parts in folders]
    saying = [_saying(file, parts) for file, parts in zip(files, inner, strict=True)]
    # Where a split was said otherwise, as by the spec, a folder called "train" may hold photos of trains.
    are_said_by_folders = all(said is not None for file, said in zip(files, saying, strict=True) if file.split)
    for parts, said in zip(inner, saying, strict=True):
        if said is not None and are_said_by_folders:
            del parts[said]
        yield parts[-1] if parts else None


def _saying(file: SourceFile, parts: Sequence[str]) -> int | None:
    """Which of the folders says the file's split."""
    return next((at for at, part in enumerate(parts) if file.split and published.said_by(part) == file.split), None)


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
