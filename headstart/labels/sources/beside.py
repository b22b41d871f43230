"""What lies beside the data in a folder or an archive and is none: leaving it aside loses no record."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

_SYSTEM = frozenset({"__macosx", "thumbs.db", "desktop.ini"})  # in lower case; hidden files come on top
_PAPERS = re.compile(r"(README|LICEN[CS]E|COPYING|NOTICE|CITATION|CHANGELOG)(\.(md|txt|rst|cff))?")  # no names of texts
# What Hugging Face datasets leaves aside too, and what its save_to_disk writes beside the Arrow files. Not
# config.json, which may be anybody's export.
_ABOUT = frozenset({"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "dummy_data.zip"})
_STATE = "state.json"
_SETTINGS = frozenset({"annotation.conf", "visual.conf", "tools.conf", "kb_shortcuts.conf"})  # brat's


def is_system(path: PurePosixPath) -> bool:
    """Whether the file is hidden, or macOS or Windows put it or its folder there."""
    return any(part.startswith(".") or part.lower() in _SYSTEM for part in path.parts)


def data_only(names: Iterable[str]) -> list[str]:
    """The names of the data files, in their order.

    Left aside are the system's files, papers such as README.md and LICENSE (in capitals), brat's settings, and what
    describes a Hugging Face dataset: its infos, and ``state.json`` where ``dataset_info.json`` stands beside it.
    """
    paths = [(name, PurePosixPath(name)) for name in names]
    described = {path.parent for _, path in paths if path.name == "dataset_info.json"}
    return [name for name, path in paths if not is_system(path) and not _is_about(path, path.parent in described)]


def _is_about(path: PurePosixPath, is_described: bool) -> bool:
    papers = _PAPERS.fullmatch(path.name) is not None
    return papers or path.name in _ABOUT | _SETTINGS or (is_described and path.name == _STATE)
