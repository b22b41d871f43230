"""From what ``data.source`` names to local files, and the digest of what they hold."""

import contextlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from headstart.blobs import cache_folder
from headstart.digest import digest_of, sha256_file
from headstart.errors import DataError
from headstart.labels.records import SourceFile, printable
from headstart.spec import DataSpec, Split
from headstart.store import open_store


@contextlib.contextmanager
def gather(data: DataSpec) -> Iterator[tuple[SourceFile, ...]]:
    """The files that the spec names, local for as long as the block lasts.

    Raises:
        DataError: A source names nothing.
    """
    with contextlib.ExitStack() as stack:
        files = [file for source, split in data.sources() for file in _expand(source, split, stack)]
        yield tuple(_told_apart(files))


def fingerprint(files: tuple[SourceFile, ...]) -> str:
    """The digest of the files' names, bytes, order and published splits.

    Raises:
        DataError: A file cannot be read.
    """
    return digest_of([[file.name, _digest(file), file.split] for file in files])


def _digest(file: SourceFile) -> str:
    try:
        return sha256_file(file.path)
    except OSError as error:
        remedy = "Check the file and its permissions."
        raise DataError("data/unreadable", f"{error.strerror}.", remedy=remedy, where=file.name) from None


def _expand(source: str, split: Split | None, stack: contextlib.ExitStack) -> list[SourceFile]:
    try:
        files = _download(source, split, stack) if source.startswith("s3://") else _local(source, split)
    except (OSError, ValueError) as error:  # a name that is too long, or no glob
        raise DataError("data/not-found", f"{error}.", remedy="Check data.source in the spec.", where=source) from None
    if not files:
        scheme, separator, _ = source.partition("://")
        remedy = "Check data.source in the spec."
        if separator and scheme not in ("s3", "file"):
            remedy = f"{scheme}:// is not read; download the file and name its path, or an s3:// URI."
        raise DataError("data/not-found", "there is no such file.", remedy=remedy, where=source)
    return files


def _local(source: str, split: Split | None) -> list[SourceFile]:
    named = source.removeprefix("file://")
    path = Path(named)
    if not named:
        return []
    if path.is_dir():
        inside = sorted(child for child in path.rglob("*") if child.is_file() and not _hidden(child.relative_to(path)))
        return [SourceFile(child, printable(child.relative_to(path).as_posix()), split) for child in inside]
    if path.is_file():
        return [SourceFile(path, printable(path.name), split)]
    anchor = Path(path.anchor)
    pattern = path.relative_to(anchor)
    found = sorted(child for child in anchor.glob(str(pattern)) if child.is_file() and not child.name.startswith("."))
    return [SourceFile(child, printable(child.name), split) for child in found]


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _told_apart(files: list[SourceFile]) -> Iterator[SourceFile]:
    """The files, named with their folder where two have the same name."""
    times = Counter(file.name for file in files)
    for file in files:
        folder = printable(file.path.parent.name)
        yield SourceFile(file.path, f"{folder}/{file.name}", file.split) if times[file.name] > 1 else file


def _download(source: str, split: Split | None, stack: contextlib.ExitStack) -> list[SourceFile]:
    bucket, _, path = source.removeprefix("s3://").partition("/")
    folder, _, name = path.rpartition("/")
    store = open_store(f"s3://{bucket}/{folder}")
    # The source is one object, or else a prefix that stands for all the objects under it.
    keys = [name] if name and store.stat(name) else [info.key for info in store.list(f"{name}/" if name else "")]
    cache_folder().mkdir(parents=True, exist_ok=True)
    target = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=cache_folder(), prefix="source-")))
    files = []
    for index, key in enumerate(keys):
        local = target / f"{index:06d}-{PurePosixPath(key).name}"
        store.download(key, local)
        files.append(SourceFile(local, key.removeprefix(f"{name}/"), split))
    return files
