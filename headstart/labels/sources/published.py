"""The split that a folder publishes by the names of its files, as Hugging Face datasets reads it.

The rule is that of https://huggingface.co/docs/datasets/repository_structure: a dataset card whose head lists
``configs`` with ``data_files`` decides (:func:`by_card`). Otherwise the names do (:func:`by_name`):

1. A keyword stands for a split: *train*, *training*; *validation*, *valid*, *val*, *dev*; *test*, *testing*,
   *eval*, *evaluation*. It counts where it is delimited by ``-``, ``.``, ``_``, a space, a digit or an end of the
   name: ``my_train_file.csv`` and ``train1.csv``, not ``trainer.csv``.
2. Folders are asked first: where their names say a split, file names do not matter. Otherwise file names do.

Headstart is stricter where Hugging Face would read what is no split, or read a file twice, and laxer on case:

- Names publish a split only where they say *train* and one of the others: ``test.csv`` alone is just a file, and so
  are ``train/`` and ``bus/``.
- Folders that all files share say nothing, and a folder inside another that has said a split neither:
  ``val/train/1.jpg`` is the validation photo of a train. A name with keywords of two splits says none.
- ``Train`` is *train*.
- A file of no split is one to train on, as a row without a split is; a text in it that is also in the test split is
  rejected as a leak. But shards of a split of another name (``unsupervised-00000-of-00002.parquet``) are refused.
"""

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

import yaml

from headstart.errors import DataError
from headstart.spec import SPLITS, Split

_KEYWORDS: Final[Mapping[Split, tuple[str, ...]]] = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}
_SAYS: Final[Mapping[Split, re.Pattern[str]]] = {
    split: re.compile(rf"(^|[-._ 0-9])({'|'.join(words)})([-._ 0-9]|$)", re.IGNORECASE)
    for split, words in _KEYWORDS.items()
}
_SHARD = re.compile(r"(?P<split>\w+(\.\w+)*)-(?P<number>\d{5})-of-(?P<count>\d{5})\b")
_HEAD = re.compile(r"---\s*\n(.*?)\n---\s*(\n|$)", re.DOTALL)
_NAME_IT = "Name what to read by split: data.source: {train: ..., test: ...}."
_SHOWN = 8


def by_name(names: Sequence[str]) -> list[Split | None]:
    """The split of each file of a folder, by the files' names relative to it.

    Raises:
        DataError: Beside the splits there are shards of one that is neither train, validation nor test.
    """
    paths = [PurePosixPath(name) for name in names]
    shared = shared_folders([path.parts[:-1] for path in paths])
    for said in (
        [_said(path.parts[shared:-1]) for path in paths],
        [_said(path.parts[-1:]) for path in paths],
    ):
        if _publishes(said):
            _check_shards(path for path, split in zip(paths, said, strict=True) if split is None)
            return said
    return [None] * len(names)


def said_by(name: str) -> Split | None:
    """The split that a single name says."""
    return _said([name])


def by_card(card: str, names: Sequence[str], where: str) -> dict[str, Split | None] | None:
    """The files that a dataset card lists, with their splits; None where it lists none that are there.

    Of several configurations the one that is marked as default, or is called so, is taken.

    Args:
        card: The card's text.
        names: The files' names, relative to the card's folder.
        where: What users call the card.

    Raises:
        DataError: It has several configurations and no default, or a split that is neither train, validation nor
            test.
    """
    listed = _listed(card, where)
    if listed is None:
        return None
    found: dict[str, Split | None] = {}
    for said, patterns in listed.items():
        split = _said([said])
        if split is None:
            raise _other_split(said, where)
        parts = [PurePosixPath(pattern).parts for pattern in patterns]
        found |= {name: split for name in names if any(_matches(PurePosixPath(name).parts, each) for each in parts)}
    if not found:
        return None
    published = _publishes(found.values())
    return {name: found[name] if published else None for name in names if name in found}


def missing_shards(names: Iterable[str]) -> list[str]:
    """Which shards are not there, where names count them (``train-00000-of-00003``)."""
    there: set[tuple[str, int]] = set()
    wanted: dict[str, int] = {}
    for name in names:
        if shard := _SHARD.search(name):
            start = name[: shard.start("number")]
            there.add((start, int(shard["number"])))
            wanted[start] = int(shard["count"])
    return [
        f"{start}{number:05d}-of-{count:05d}"
        for start, count in sorted(wanted.items())
        for number in range(count)
        if (start, number) not in there
    ]


def _publishes(splits: Iterable[Split | None]) -> bool:
    """Whether there is something to train on and something to judge by."""
    named = set(splits) - {None}
    return "train" in named and len(named) > 1


def _said(parts: Sequence[str]) -> Split | None:
    """The split that the first of the names says which says just one."""
    for part in parts:
        said = [split for split in SPLITS if _SAYS[split].search(part)]
        if len(said) == 1:
            return said[0]
    return None


def are_named(values: Iterable[object]) -> bool:
    """Whether each of some values is the name of a split and nothing more, and they name several."""
    found = set()
    for value in values:
        said = [split for split in SPLITS if isinstance(value, str) and _SAYS[split].fullmatch(value.strip())]
        if not said:
            return False
        found.update(said)
    return len(found) > 1


def shared_folders(folders: Sequence[tuple[str, ...]]) -> int:
    """How many outer folders all files have in common."""
    same = 0
    for level in zip(*folders, strict=False):
        if len(set(level)) > 1:
            break
        same += 1
    return same


def _check_shards(unsaid: Iterable[PurePosixPath]) -> None:
    for path in unsaid:
        if shard := _SHARD.match(path.name):
            raise _other_split(shard["split"], str(path))


def _other_split(split: str, where: str) -> DataError:
    problem = f"it publishes a split {split!r}, which is neither train, validation nor test."
    return DataError("data/ambiguous", problem, remedy=_NAME_IT, where=where)


def _listed(card: str, where: str) -> dict[str, list[str]] | None:
    """The patterns of each split of the configuration that is meant."""
    configs = _configs(card)
    if len(configs) > 1:
        default = [each for each in configs if each.get("default") is True or each.get("config_name") == "default"]
        if not default:
            called = ", ".join(str(each.get("config_name")) for each in configs[:_SHOWN])
            problem = f"the dataset has {len(configs)} configurations: {called}{', …' * (len(configs) > _SHOWN)}."
            remedy = "Name the folder or the files of one of them in data.source."
            raise DataError("data/ambiguous", problem, remedy=remedy, where=where)
        configs = default[:1]
    files = configs[0].get("data_files") if configs else None
    if files is None:
        return None
    if isinstance(files, dict):
        files = [{"split": split, "path": path} for split, path in files.items()]
    entries = files if isinstance(files, list) else [files]
    listed: dict[str, list[str]] = {}
    for entry in entries:
        said, patterns = (entry.get("split"), entry.get("path")) if isinstance(entry, dict) else ("train", entry)
        each = patterns if isinstance(patterns, list) else [patterns]
        listed.setdefault(str(said), []).extend(str(pattern) for pattern in each)
    return listed


def _configs(card: str) -> list[dict[str, Any]]:
    """What the card's head lists; a head that is no YAML lists nothing, as any other README."""
    head = _HEAD.match(card)
    try:
        said = yaml.safe_load(head[1]) if head else None
    except (yaml.YAMLError, ValueError, RecursionError):
        return []
    configs = said.get("configs") if isinstance(said, dict) else None
    return [each for each in configs if isinstance(each, dict)] if isinstance(configs, list) else []


def _matches(name: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether the parts of a name are those of a pattern; ``**`` stands for any number of them."""
    if not pattern:
        return not name
    if pattern[0] == "**":
        return any(_matches(name[start:], pattern[1:]) for start in range(len(name) + 1))
    return bool(name) and fnmatch.fnmatchcase(name[0], pattern[0]) and _matches(name[1:], pattern[1:])
