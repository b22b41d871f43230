"""From what ``data.source`` names to local files, and the digest of what they hold."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from headstart.blobs import cache_folder
from headstart.digest import digest_of, sha256_file
from headstart.errors import DataError
from headstart.labels.records import SourceFile
from headstart.spec import DataSpec, Split
from headstart.store import open_store


@contextlib.contextmanager
def gather(data: DataSpec) -> Iterator[tuple[SourceFile, ...]]:
    """The files that the spec names, local for as long as the block lasts.

    Raises:
        DataError: A source names nothing.
    """
    with contextlib.ExitStack() as stack:
        yield tuple(file for source, split in data.sources() for file in _expand(source, split, stack))


def fingerprint(files: tuple[SourceFile, ...]) -> str:
    """The digest of the files' bytes, order and published splits; their names do not count."""
    return digest_of([[sha256_file(file.path), file.split] for file in files])


def _expand(source: str, split: Split | None, stack: contextlib.ExitStack) -> list[SourceFile]:
    if source.startswith("s3://"):
        files = _download(source, split, stack)
    else:
        files = [SourceFile(path, path.name, split) for path in _local_files(source.removeprefix("file://"))]
    if not files:
        raise DataError(
            "data/not-found", "there is no such file.", remedy="Check data.source in the spec.", where=source
        )
    return files


def _local_files(source: str) -> list[Path]:
    path = Path(source)
    if path.is_dir():
        return sorted(child for child in path.rglob("*") if child.is_file() and not child.name.startswith("."))
    if path.is_file():
        return [path]
    anchor = Path(path.anchor)
    return sorted(found for found in anchor.glob(str(path.relative_to(anchor))) if found.is_file())


def _download(source: str, split: Split | None, stack: contextlib.ExitStack) -> list[SourceFile]:
    folder, _, name = source.rpartition("/")
    store = open_store(folder)
    # The source is one object, or else a prefix that stands for all the objects under it.
    keys = [name] if name and store.stat(name) else [info.key for info in store.list(f"{name}/" if name else "")]
    cache_folder().mkdir(parents=True, exist_ok=True)
    target = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=cache_folder(), prefix="source-")))
    files = []
    for index, key in enumerate(keys):
        local = target / f"{index:06d}-{PurePosixPath(key).name}"
        store.download(key, local)
        files.append(SourceFile(local, key.rpartition("/")[2], split))
    return files
