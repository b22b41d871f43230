"""From what ``data.source`` names to local files, and the digest of what they hold."""

import contextlib
import itertools
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from headstart.blobs import cache_folder
from headstart.digest import digest_of, sha256_file
from headstart.errors import DataError, StoreError
from headstart.labels.images.lookup import Images
from headstart.labels.records import printable
from headstart.labels.sources import archives, published
from headstart.labels.sources import text as texts
from headstart.labels.sources.beside import data_only
from headstart.labels.sources.files import Elsewhere, SourceFile
from headstart.spec import DataSpec, Split
from headstart.store import check_key, open_store

_CARD_BYTES = 1 << 20  # of a dataset card: its head comes first


class _Found(NamedTuple):
    """A file, its name for users, and the folders above that name, which tell it from another of the same name.

    ``top`` is the outermost folder that its images may lie in, by default its own. ``is_named`` says that the user
    named it itself.
    """

    path: Path
    name: str
    folders: tuple[str, ...]
    split: Split | None = None
    top: Path | None = None
    is_named: bool = False


class _Source(NamedTuple):
    """What a source stands for. The names of a whole folder's files may say their splits, a card which they are.

    ``root`` is where its images are if the spec does not say, ``links`` a folder that its links may lead to.
    """

    files: list[_Found]
    whole: bool = False
    card: Path | None = None
    root: str | None = None
    links: Path | None = None


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


def _images(files: Sequence[_Found], root: str | None, links: Path | None, elsewhere: Elsewhere) -> list[Images]:
    """What gives each file the images that its records name; files of one folder share it."""
    made: dict[tuple[Path, Path | None], Images] = {}
    for file in files:
        key = (file.path.parent, file.top)
        made.setdefault(key, Images(file.path.parent, root, top=file.top, links=links, elsewhere=elsewhere))
    return [made[file.path.parent, file.top] for file in files]


def _expand(
    source: str, split: Split | None, stack: contextlib.ExitStack
) -> tuple[list[_Found], str | None, Path | None]:
    """The files of a source, and where its images are besides: a root, and a folder that links lead to."""
    try:
        found = _READ.get(source.partition("://")[0], _local)(source, stack)
    except (OSError, ValueError) as error:  # a name that is too long, or no glob
        raise DataError("data/not-found", f"{error}.", remedy="Check data.source in the spec.", where=source) from None
    if not found.files:
        raise _nothing(source)
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


def _nothing(source: str) -> DataError:
    remedy = "Check data.source in the spec."
    scheme, separator, _ = source.partition("://")
    if separator and scheme not in (*_READ, "file"):
        remedy = f"{scheme}:// is not read; name a path, or an https://, s3:// or hf:// address."
    return DataError("data/not-found", "there is no such file.", remedy=remedy, where=source)


def _listed(found: _Source, source: str) -> list[_Found]:
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


def _opened(file: _Found, stack: contextlib.ExitStack) -> list[_Found]:
    """The file itself, or the files in it where it is an archive."""
    with _read(file.name):
        kind = archives.kind_of(file.path, file.name)
    if kind is None:
        return [_readable(file, stack)]
    folder = _scratch(stack)
    paths = {name: path for path, name in archives.unpack(file.path, file.name, kind, folder)}
    packed = [_Found(paths[name], f"{file.name}/{name}", file.folders, file.split, folder) for name in data_only(paths)]
    found = [_readable(each, stack) for each in packed]
    if not found:
        remedy = "Check it."
        raise DataError("data/bad-archive", "it holds no data file.", remedy=remedy, where=file.name)
    return found


def _readable(file: _Found, stack: contextlib.ExitStack) -> _Found:
    """The file, or the same in UTF-8 where it announces another encoding of Unicode."""
    with _read(file.name):
        encoding = texts.encoding_of(file.path)
    if encoding is None:
        return file
    target = _scratch(stack) / file.path.name
    try:
        texts.transcode(file.path, encoding, target)
    except UnicodeError as error:
        problem = f"it announces {encoding.upper()} and is not: {error}."
        raise DataError("data/unreadable", problem, remedy="Save it as UTF-8.", where=file.name) from None
    return file._replace(path=target)


@contextlib.contextmanager
def _read(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        remedy = "Check the file and its permissions."
        raise DataError("data/unreadable", f"{error.strerror}.", remedy=remedy, where=name) from None


def _told_apart(files: Sequence[_Found]) -> Iterator[_Found]:
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


def _scratch(stack: contextlib.ExitStack) -> Path:
    """A new folder for as long as the stack lasts."""
    try:
        cache_folder().mkdir(parents=True, exist_ok=True)
        return Path(stack.enter_context(tempfile.TemporaryDirectory(dir=cache_folder(), prefix="source-")))
    except OSError as error:
        remedy = "Set HEADSTART_CACHE to a folder that can be written to."
        raise StoreError("store/unreachable", f"{error.strerror}.", remedy=remedy, where=str(cache_folder())) from error


def _local(source: str, stack: contextlib.ExitStack) -> _Source:
    named = source.removeprefix("file://")
    path = Path(named)
    if not named:
        return _Source([])
    if path.is_dir():
        inside = sorted(child.relative_to(path) for child in path.rglob("*") if child.is_file())
        return _folder(path, [child.as_posix() for child in inside], path.parts)
    if path.is_file():
        return _Source([_beside(path)])
    anchor = Path(path.anchor)
    pattern = path.relative_to(anchor)
    found = sorted(child for child in anchor.glob(str(pattern)) if child.is_file() and not child.name.startswith("."))
    return _Source([_beside(child) for child in found])


def _folder(folder: Path, names: Sequence[str], above: Sequence[str]) -> _Source:
    """The data files of a folder, by their names relative to it."""
    parents = tuple(map(printable, above))
    files = [_Found(folder / name, printable(name), parents, top=folder) for name in data_only(names)]
    return _Source(files, True, folder / "README.md")


def _beside(path: Path) -> _Found:
    return _Found(path, printable(path.name), tuple(map(printable, path.parent.parts)), is_named=True)


def _from_store(source: str, stack: contextlib.ExitStack) -> _Source:
    bucket, _, path = source.removeprefix("s3://").partition("/")
    folder, _, name = path.rpartition("/")
    store = open_store(f"s3://{bucket}/{folder}")
    # The source is one object, or else a prefix that stands for all the objects under it.
    single = bool(name) and store.stat(name) is not None
    prefix = f"{name}/" if name and not single else ""
    inside = [name] if single else [info.key.removeprefix(prefix) for info in store.list(prefix)]
    # A key that ends in a slash is what consoles make of an empty folder.
    wanted = inside if single else data_only(each for each in inside if each and not each.endswith("/"))
    target = _scratch(stack)
    above = tuple(f"{bucket}/{folder}/{prefix}".replace("//", "/").strip("/").split("/"))
    files = []
    for each in wanted:
        local = target / check_key(each)
        local.parent.mkdir(parents=True, exist_ok=True)
        if not store.download(f"{prefix}{each}", local):
            problem, remedy = f"{each} was removed while it was to be read.", "Try again."
            raise DataError("data/not-found", problem, remedy=remedy, where=source)
        files.append(_Found(local, each, above, is_named=single))
    return _Source(files, not single, root=f"{store.uri}/{prefix}".rstrip("/"))


def _from_web(source: str, stack: contextlib.ExitStack) -> _Source:
    from headstart.adapters.web import download

    path, name = download(source, _scratch(stack))
    above = source.partition("://")[2].partition("?")[0].split("/")[:-1]
    return _Source([_Found(path, name, tuple(map(printable, above)), is_named=True)])


def _from_hub(source: str, stack: contextlib.ExitStack) -> _Source:
    from headstart.adapters.hub import dataset

    folder, names, whole, blobs = dataset(source)
    found = _folder(folder, names, source.split("/")[3:5])  # owner and name
    return found._replace(whole=whole, card=found.card if whole else None, links=blobs)


_READ: Mapping[str, Callable[[str, contextlib.ExitStack], _Source]] = MappingProxyType(
    {"s3": _from_store, "http": _from_web, "https": _from_web, "hf": _from_hub}
)
