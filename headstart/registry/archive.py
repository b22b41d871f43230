"""A registry in one tar file, to be carried to where no network leads."""

import contextlib
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from headstart.errors import StoreError, UsageError
from headstart.registry.policy import Policy
from headstart.registry.registry import Registry
from headstart.store import is_key

SUFFIX = ".tar"


@contextlib.contextmanager
def written(path: Path) -> Iterator[Registry]:
    """A registry to fill, which then becomes the archive; until then the archive is not there.

    It is filled in a folder beside the archive, ``NAME.part``, which stays where filling it failed: the next call goes
    on with it. So there must be room for the models twice.

    Raises:
        StoreError: The folder or the archive cannot be written.
    """
    folder = path.with_name(f"{path.name}.part")
    yield Registry(folder, Policy())  # a file signs nothing and tells nobody
    temporary = path.with_name(f".{path.name}.part")
    try:
        with tarfile.open(temporary, "w", format=tarfile.PAX_FORMAT) as archive:
            for each in sorted(each for each in folder.rglob("*") if each.is_file()):
                archive.add(each, each.relative_to(folder).as_posix(), filter=_plain)
        temporary.replace(path)
        shutil.rmtree(folder)
    except OSError as error:
        remedy = "Free space there, or choose another folder."
        raise StoreError("store/unreachable", f"{error.strerror}.", remedy=remedy, where=str(path)) from error
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def read(path: Path) -> Iterator[Registry]:
    """The registry in an archive, unpacked into a temporary folder.

    An archive may be hostile: only plain files are taken from it, and none leaves the folder.

    Raises:
        UsageError: The file is no archive, is damaged, or has no registry in it.
        StoreError: There is no room for it.
    """
    with tempfile.TemporaryDirectory(prefix="headstart-") as name:
        folder = Path(name)
        try:
            with _opened(path) as file, tarfile.open(fileobj=file, mode="r:") as archive:
                for member in archive:
                    _unpack(archive, member, folder, path)
        except tarfile.TarError as error:
            raise _bad(f"it is damaged or no tar file: {error}.", path) from None
        except OSError as error:
            remedy = "Free space there, or set TMPDIR to another folder."
            raise StoreError("store/unreachable", f"{error.strerror}.", remedy=remedy, where=name) from error
        yield Registry(folder, Policy())


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise _bad(f"{error.strerror}.", path) from None


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, path: Path) -> None:
    if member.isdir():
        return
    stream = archive.extractfile(member) if member.isreg() and is_key(member.name) else None
    if stream is None:
        raise _bad(f"{member.name!r} in it is no plain file inside the archive.", path)
    target = folder / member.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with stream, target.open("xb") as file:  # the same name twice would let the second replace what was read
        shutil.copyfileobj(stream, file)


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Nothing in the archive of who made it when: equal registries give equal archives."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mtime, info.mode = 0, 0o644
    return info


def _bad(problem: str, path: Path) -> UsageError:
    remedy = "Export it again; see headstart models export."
    return UsageError("registry/bad-archive", problem, remedy=remedy, where=str(path))
