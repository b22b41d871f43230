"""Files that only say where their bytes are: links that lead nowhere, and the pointers of Git LFS and git-annex."""

from pathlib import Path

from headstart.errors import DataError

_POINTERS = {
    b"version https://git-lfs.github.com/spec/": ("a pointer of Git LFS", "git lfs pull"),
    b"/annex/objects/": ("a pointer of git-annex", "git annex get"),
}


def is_there(path: Path) -> bool:
    """Whether a path is a file, or would be if what its link leads to had been fetched."""
    return path.is_file() or (path.is_symlink() and not path.exists())


def check(path: Path, name: str) -> None:
    """See that a file is the data itself.

    Raises:
        DataError: It is a link that leads nowhere, or a pointer.
        OSError: It cannot be read.
    """
    if not path.exists():
        remedy = "Fetch what it leads to (git annex get, dvc pull), or remove it."
        raise DataError("data/unreadable", "it is a link that leads nowhere.", remedy=remedy, where=name)
    with path.open("rb") as stream:
        start = stream.read(max(map(len, _POINTERS)))
    for mark, (what, command) in _POINTERS.items():
        if start.startswith(mark):
            remedy = f"Fetch it: {command}."
            raise DataError("data/unreadable", f"it is {what}, and not the file itself.", remedy=remedy, where=name)
