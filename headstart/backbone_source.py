"""Where a pretrained model comes from: a folder, an object store, a Python package or the hub."""

import contextlib
import fnmatch
import importlib.util
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from headstart.digest import digest_of
from headstart.errors import BackboneError
from headstart.store import open_store

# What a model needs to be loaded, and nothing that could be executed: no pickles, no code.
WANTED = ("*.json", "*.safetensors", "*.txt", "*.model", "README.md", "LICENSE*", "1_Pooling/config.json")
_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?(@[\w./-]+)?")


@dataclass(frozen=True)
class Located:
    """A model that was found.

    ``signature`` changes when the files do, and is cheap to tell: it needs no file to be read. ``open``
    gives a local folder for as long as its block lasts.
    """

    source: str
    revision: str
    signature: str
    open: Callable[[], AbstractContextManager[Path]]


def locate(source: str) -> Located:
    """Find the model that a spec names.

    Args:
        source: A local folder, ``s3://bucket/prefix``, ``package:name/folder`` inside an installed Python
            package, or a Hugging Face hub id, ``org/model`` or ``org/model@revision``.

    Raises:
        BackboneError: There is no such model.
    """
    if source.startswith("s3://"):
        return _in_store(source)
    if source.startswith("package:"):
        return _in_folder(source, _packaged(source), "")
    if source.startswith((".", "/", "~")):
        return _in_folder(source, Path(source).expanduser(), "")
    if _HUB_ID.fullmatch(source):
        from headstart.adapters.hub import snapshot

        return _in_folder(source, *snapshot(source, WANTED))
    remedy = "Name a folder (./model), s3://bucket/prefix, package:name/folder, or a hub id (org/model)."
    raise BackboneError("backbone/not-found", "neither a folder nor a hub id.", remedy=remedy, where=source)


def matches(path: str, patterns: Sequence[str]) -> bool:
    """Whether a file's path in its model is one of the patterns; a pattern without a slash is for the top folder."""
    return any(fnmatch.fnmatchcase(path, pattern) and ("/" in pattern or "/" not in path) for pattern in patterns)


def _in_folder(source: str, folder: Path, revision: str) -> Located:
    if not folder.is_dir():
        raise BackboneError(
            "backbone/not-found", "there is no such folder.", remedy="Check backbones in the spec.", where=source
        )
    files = sorted(
        path for path in folder.rglob("*") if path.is_file() and matches(path.relative_to(folder).as_posix(), WANTED)
    )
    seen = [[path.relative_to(folder).as_posix(), path.stat().st_size, path.stat().st_mtime_ns] for path in files]
    return Located(source, revision, digest_of([source, revision, seen]), lambda: contextlib.nullcontext(folder))


def _in_store(source: str) -> Located:
    store = open_store(source)
    wanted = [info for info in store.list("") if matches(info.key, WANTED)]
    if not wanted:
        raise BackboneError(
            "backbone/not-found",
            "there is no object of a model under it.",
            remedy="Check backbones in the spec.",
            where=source,
        )

    @contextlib.contextmanager
    def download() -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix="headstart-") as name:
            for info in wanted:
                target = Path(name) / info.key
                target.parent.mkdir(parents=True, exist_ok=True)
                store.download(info.key, target)
            yield Path(name)

    return Located(source, "", digest_of([source, [[info.key, info.size, info.modified] for info in wanted]]), download)


def _packaged(source: str) -> Path:
    package, _, inside = source.removeprefix("package:").partition("/")
    found = importlib.util.find_spec(package) if package.isidentifier() else None
    locations = found.submodule_search_locations if found else None
    if not locations:
        remedy = "Install it: the package of the demo's model comes with headstart[demo]."
        raise BackboneError(
            "backbone/not-found", f"no Python package {package!r} is installed.", remedy=remedy, where=source
        )
    return Path(next(iter(locations))) / inside
