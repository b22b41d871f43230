"""From what a source names to local files: a path, an object store, the web, or the Hugging Face hub."""

import contextlib
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from headstart.cache import cache_folder
from headstart.errors import DataError, StoreError
from headstart.labels.records import printable
from headstart.labels.sources.beside import data_only
from headstart.labels.sources.pointers import is_there
from headstart.spec import Split
from headstart.store import check_key, open_store


class Found(NamedTuple):
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


class Origin(NamedTuple):
    """What a source stands for. The names of a whole folder's files may say their splits, a card which they are.

    ``root`` is where its images are if the spec does not say, ``links`` a folder that its links may lead to.
    """

    files: list[Found]
    whole: bool = False
    card: Path | None = None
    root: str | None = None
    links: Path | None = None


def origin(source: str, stack: contextlib.ExitStack) -> Origin:
    """The files of a source, local for as long as the stack lasts.

    Raises:
        DataError: It names nothing, cannot be fetched or may not be.
        StoreError: The object store or the cache folder fails.
    """
    try:
        scheme, separator, _ = source.partition("://")
        found = _READ.get(scheme if separator else "", _local)(source, stack)
    except (OSError, ValueError) as error:  # a name that is too long, or no glob
        raise DataError("data/not-found", f"{error}.", remedy="Check data.source in the spec.", where=source) from None
    if not found.files:
        raise _nothing(source)
    return found


def scratch(stack: contextlib.ExitStack) -> Path:
    """A new folder for as long as the stack lasts."""
    try:
        cache_folder().mkdir(parents=True, exist_ok=True)
        return Path(stack.enter_context(tempfile.TemporaryDirectory(dir=cache_folder(), prefix="source-")))
    except OSError as error:
        remedy = "Set HEADSTART_CACHE to a folder that can be written to."
        raise StoreError("store/unreachable", f"{error.strerror}.", remedy=remedy, where=str(cache_folder())) from error


def _nothing(source: str) -> DataError:
    remedy = "Check data.source in the spec."
    scheme, separator, _ = source.partition("://")
    if separator and scheme not in (*_READ, "file"):
        remedy = f"{scheme}:// is not read; name a path, or an https://, s3:// or hf:// address."
    return DataError("data/not-found", "there is no such file.", remedy=remedy, where=source)


def _local(source: str, stack: contextlib.ExitStack) -> Origin:
    named = source.removeprefix("file://")
    path = Path(named)
    if not named:
        return Origin([])
    if path.is_dir():
        inside = sorted(child.relative_to(path) for child in path.rglob("*") if is_there(child))
        return _folder(path, [child.as_posix() for child in inside], path.parts)
    if path.is_file():
        return Origin([_beside(path)])
    anchor = Path(path.anchor)
    pattern = path.relative_to(anchor)
    found = sorted(child for child in anchor.glob(str(pattern)) if is_there(child) and not child.name.startswith("."))
    return Origin([_beside(child) for child in found])


def _folder(folder: Path, names: Sequence[str], above: Sequence[str]) -> Origin:
    """The data files of a folder, by their names relative to it."""
    parents = tuple(map(printable, above))
    files = [Found(folder / name, printable(name), parents, top=folder) for name in data_only(names)]
    return Origin(files, True, folder / "README.md")


def _beside(path: Path) -> Found:
    return Found(path, printable(path.name), tuple(map(printable, path.parent.parts)), is_named=True)


def _from_store(source: str, stack: contextlib.ExitStack) -> Origin:
    bucket, _, path = source.removeprefix("s3://").partition("/")
    folder, _, name = path.rpartition("/")
    store = open_store(f"s3://{bucket}/{folder}")
    # The source is one object, or else a prefix that stands for all the objects under it.
    single = bool(name) and store.stat(name) is not None
    prefix = f"{name}/" if name and not single else ""
    inside = [name] if single else [info.key.removeprefix(prefix) for info in store.list(prefix)]
    # A key that ends in a slash is what consoles make of an empty folder.
    wanted = inside if single else data_only(each for each in inside if each and not each.endswith("/"))
    target = scratch(stack)
    above = tuple(f"{bucket}/{folder}/{prefix}".replace("//", "/").strip("/").split("/"))
    files = []
    for each in wanted:
        local = target / check_key(each)
        local.parent.mkdir(parents=True, exist_ok=True)
        if not store.download(f"{prefix}{each}", local):
            problem, remedy = f"{each} was removed while it was to be read.", "Try again."
            raise DataError("data/not-found", problem, remedy=remedy, where=source)
        files.append(Found(local, each, above, is_named=single))
    return Origin(files, not single, root=f"{store.uri}/{prefix}".rstrip("/"))


def _from_web(source: str, stack: contextlib.ExitStack) -> Origin:
    from headstart.adapters.web import download

    path, name = download(source, scratch(stack))
    above = source.partition("://")[2].partition("?")[0].split("/")[:-1]
    return Origin([Found(path, name, tuple(map(printable, above)), is_named=True)])


def _from_hub(source: str, stack: contextlib.ExitStack) -> Origin:
    from headstart.adapters.hub import dataset

    folder, names, whole, blobs = dataset(source)
    found = _folder(folder, names, source.split("/")[3:5])  # owner and name
    return found._replace(whole=whole, card=found.card if whole else None, links=blobs)


_READ: Mapping[str, Callable[[str, contextlib.ExitStack], Origin]] = MappingProxyType(
    {"s3": _from_store, "http": _from_web, "https": _from_web, "hf": _from_hub}
)
