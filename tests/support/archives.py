"""Archives made for a test, honest ones and others, and what a source makes of them."""

import bz2
import contextlib
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from headstart.errors import DataError
from headstart.labels.sources.source import gather
from headstart.spec import DataSpec

Members = Mapping[str, bytes]

COMPRESS: Mapping[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": lambda data: gzip.compress(data, mtime=0),
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


def zip_bytes(
    members: Members | Iterable[tuple[str | zipfile.ZipInfo, bytes]], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items() if isinstance(members, Mapping) else members:
            archive.writestr(name, data, method)
    return buffer.getvalue()


def tar_bytes(members: Members | Iterable[tarfile.TarInfo], packing: str = "", form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive of files, or of whatever the headers say, packed or not."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        if isinstance(members, Mapping):
            for name, data in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        else:
            for info in members:
                archive.addfile(info, io.BytesIO(bytes(info.size)))
    return COMPRESS[packing](buffer.getvalue())


def tar_header(name: str, kind: bytes = tarfile.REGTYPE, **changes: object) -> tarfile.TarInfo:
    """The header of a member of any kind."""
    info = tarfile.TarInfo(name)
    info.type = kind
    for field, value in changes.items():
        setattr(info, field, value)
    return info


def zip_header(name: str, mode: int = 0, flags: int = 0) -> zipfile.ZipInfo:
    """The header of a member of any kind."""
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = name  # past the constructor, which mends names
    info.external_attr = mode << 16
    info.flag_bits = flags
    return info


def write(path: Path, data: bytes) -> Path:
    """A file with these bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


FILES = {
    "a.json": b'[{"text": "a"}]',
    "inner/b.csv": b"text,label\nb,c\n" * 50,
    "inner/deep/\u00e9.txt": b"",
    "z": b"z",
}
ARCHIVES: Mapping[str, bytes] = {
    "export.zip": zip_bytes(FILES),
    "stored.zip": zip_bytes(FILES, zipfile.ZIP_STORED),
    "export.tar": tar_bytes(FILES),
    "gnu.tar": tar_bytes(FILES, form=tarfile.GNU_FORMAT),
    "ustar.tar": tar_bytes(FILES, form=tarfile.USTAR_FORMAT),
    "export.tar.gz": tar_bytes(FILES, ".gz"),
    "export.tgz": tar_bytes(FILES, ".gz"),
    "export.tar.bz2": tar_bytes(FILES, ".bz2"),
    "export.tar.xz": tar_bytes(FILES, ".xz"),
}
INNER = {"inner.zip": zip_bytes({"a": b"a"}), "rows.csv.gz": COMPRESS[".gz"](b"a"), "inner.tar": tar_bytes({"a": b"a"})}


@contextlib.contextmanager
def own_cache(folder: Path) -> Iterator[Path]:
    """A cache in the folder, which nothing may be left in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(folder / "cache"))
        yield folder / "cache"
    assert list(folder.glob("cache/*")) == []


def read(path: Path) -> dict[str, bytes]:
    """What a source holds, by the names that users see."""
    with gather(DataSpec(source=str(path))) as files:
        return {file.name: file.path.read_bytes() for file in files}


def read_or_refused(path: Path) -> dict[str, bytes] | None:
    """What a source holds, or None where it is refused as a bad archive; nothing else may happen."""
    try:
        return read(path)
    except DataError as error:
        refusal = error
    str(refusal).encode()  # it can be printed
    assert (refusal.code, refusal.where) == ("data/bad-archive", path.name)
    assert refusal.remedy
    return None


def refused(path: Path) -> DataError:
    """The refusal of a bad archive."""
    with pytest.raises(DataError) as caught:
        read(path)
    assert caught.value.code == "data/bad-archive"
    assert caught.value.where == path.name
    assert caught.value.remedy
    str(caught.value).encode()  # it can be printed
    return caught.value
