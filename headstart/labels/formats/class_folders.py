"""Files in folders that are called by their class: ``train/cat/1.jpg``, or without splits ``cat/1.jpg``.

The class is the innermost folder, as for torchvision, scikit-learn and Hugging Face datasets; but a folder that says
the split is none, nor are folders that all files share.
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from headstart.labels.sources import published
from headstart.labels.sources.files import SourceFile


def classes(files: Sequence[SourceFile]) -> Iterator[str | None]:
    """The class of each file, None where it has none."""
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
