"""From what ``data.source`` names to local files, and the digest of what they hold."""

import contextlib
import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from headstart.digest import digest_of, sha256_file
from headstart.errors import DataError
from headstart.labels.images.lookup import Images
from headstart.labels.records import printable
from headstart.labels.sources import archives, pointers, published
from headstart.labels.sources import text as texts
from headstart.labels.sources.beside import data_only
from headstart.labels.sources.files import Elsewhere, SourceFile
from headstart.labels.sources.origins import Found, Origin, origin, scratch
from headstart.spec import DataSpec, Split

_CARD_BYTES = 1 << 20  # of a dataset card: its head comes first


@contextlib.contextmanager
def gather(data: DataSpec) -> Iterator[tuple[SourceFile, ...]]:
    """The files that the spec names, local for as long as the block lasts.

    Archives are opened, and a folder's published split is recognised (:mod:`.published`).

    Raises:
        DataError: A source names nothing, cannot be fetched or may not be, or is no archive that can be opened.
        StoreError: The object store or the cache folder fails.
    """
    with contextlib.ExitStack() as stack:
        found = [_expand(source, split, stack) for source, split in data.sources()]
        elsewhere = Elsewhere(frozenset(file.path for files, _, _ in found for file in files))
        images = [
            image for files, root, links in found for image in _images(files, data.root or root, links, elsewhere)
        ]
        yield tuple(
            SourceFile(file.path, file.name, file.split, image, file.is_named, elsewhere)
            for file, image in zip(_told_apart([each for files, _, _ in found for each in files]), images, strict=True)
        )


def fingerprint(files: tuple[SourceFile, ...]) -> str:
    """The digest of the files' names, bytes, order and published splits; where they lie is no part of it.

    Raises:
        DataError: A file cannot be read.
    """
    return digest_of([[file.name, _digest(file), file.split] for file in files])


def _digest(file: SourceFile) -> str:
    with _read(file.name):
        return sha256_file(file.path)


def _images(files: Sequence[Found], root: str | None, links: Path | None, elsewhere: Elsewhere) -> list[Images]:
    """What gives each file the images that its records name; files of one folder share it."""
    made: dict[tuple[Path, Path | None], Images] = {}
    for file in files:
        key = (file.path.parent, file.top)
        made.setdefault(key, Images(file.path.parent, root, top=file.top, links=links, elsewhere=elsewhere))
    return [made[file.path.parent, file.top] for file in files]


def _expand(
    source: str, split: Split | None, stack: contextlib.ExitStack
) -> tuple[list[Found], str | None, Path | None]:
    """The files of a source, and where its images are besides: a root, and a folder that links lead to."""
    found = origin(source, stack)
    files = _listed(found, source)
    opened = [member for file in files for member in _opened(file, stack)]
    if split:
        return [file._replace(split=split) for file in opened], found.root, found.links
    is_folder = found.whole or (len(files) == 1 and opened != files)  # an archive is one too
    if not is_folder or any(file.split for file in opened):  # which the card has said
        return opened, found.root, found.links
    named = published.by_name([file.name for file in opened])
    split_files = [file._replace(split=said) for file, said in zip(opened, named, strict=True)]
    return split_files, found.root, found.links


def _listed(found: Origin, source: str) -> list[Found]:
    """The files that the folder's dataset card lists, with their splits; all where it lists none."""
    if found.card is None or not found.card.is_file():
        return found.files
    where = f"{printable(source).rstrip('/')}/{found.card.name}"
    with _read(where), found.card.open("rb") as stream:
        card = stream.read(_CARD_BYTES).decode(errors="replace")
    listed = published.by_card(card, [file.name for file in found.files], where)
    if listed is None:
        return found.files
    return [file._replace(split=listed[file.name]) for file in found.files if file.name in listed]


def _opened(file: Found, stack: contextlib.ExitStack) -> list[Found]:
    """The file itself, or the files in it where it is an archive."""
    with _read(file.name):
        pointers.check(file.path, file.name)
        kind = archives.kind_of(file.path, file.name)
    if kind is None:
        return [_readable(file, stack)]
    folder = scratch(stack)
    paths = {name: path for path, name in archives.unpack(file.path, file.name, kind, folder)}
    packed = [Found(paths[name], f"{file.name}/{name}", file.folders, file.split, folder) for name in data_only(paths)]
    for each in packed:
        pointers.check(each.path, each.name)
    found = [_readable(each, stack) for each in packed]
    if not found:
        remedy = "Check it."
        raise DataError("data/bad-archive", "it holds no data file.", remedy=remedy, where=file.name)
    return found


def _readable(file: Found, stack: contextlib.ExitStack) -> Found:
    """The file, or the same in UTF-8 where it is in another encoding of Unicode."""
    with _read(file.name):
        encoding = texts.encoding_of(file.path)
    if encoding is None:
        return file
    target = scratch(stack) / file.path.name
    try:
        texts.transcode(file.path, encoding, target)
    except UnicodeError as error:
        problem = f"it seems to be {encoding.upper()} and is not: {error}."
        raise DataError("data/unreadable", problem, remedy="Save it as UTF-8.", where=file.name) from None
    return file._replace(path=target)


@contextlib.contextmanager
def _read(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        remedy = "Check the file and its permissions."
        raise DataError("data/unreadable", f"{error.strerror}.", remedy=remedy, where=name) from None


def _told_apart(files: Sequence[Found]) -> Iterator[Found]:
    """The files; where several have the same name, with as many of their folders as tell them apart."""
    folders: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for file in files:
        folders[file.name].add(file.folders)
    depths = {name: _distinct_depth(each) for name, each in folders.items()}
    for file in files:
        above = _innermost(file.folders, depths[file.name])
        yield file._replace(name="/".join((*above, file.name)))


def _distinct_depth(folders: set[tuple[str, ...]]) -> int:
    """How many of the innermost folders differ in every case."""
    return next(
        depth for depth in itertools.count() if len({_innermost(each, depth) for each in folders}) == len(folders)
    )


def _innermost(folders: tuple[str, ...], depth: int) -> tuple[str, ...]:
    return folders[max(len(folders) - depth, 0) :]
