"""Archives that would write elsewhere, or hold what is no plain file: each is refused."""

import stat
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.archives import (
    COMPRESS,
    INNER,
    own_cache,
    refused,
    tar_bytes,
    tar_header,
    write,
    zip_bytes,
    zip_header,
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path) -> Iterator[Path]:
    """A cache of the test's own, which nothing may be left in."""
    with own_cache(tmp_path) as folder:
        yield folder


BAD_NAMES = {
    "../../evil.csv": "leaves the archive's folder",
    "in/../../evil.csv": "leaves the archive's folder",
    "..": "leaves the archive's folder",
    "/etc/evil.csv": "has an absolute name",
    "C:/evil.csv": "has a drive letter",
    "c:evil.csv": "has a drive letter",
    "..\\evil.csv": "has a backslash",
    "in\\evil.csv": "has a backslash",
    "evil\n.csv": "has a control character",
    "evil\x1b[31m.csv": "has a control character",
    "/".join("a" * 70) + ".csv": "folders deep",
    "n" * 300: "has a name that is too long",
    ".": "has no name",
}


@pytest.mark.parametrize("name", BAD_NAMES)
@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz"])
def test_a_name_that_leads_elsewhere_is_refused_and_said(tmp_path: Path, name: str, kind: str) -> None:
    members = [("good.csv", b"good"), (zip_header(name), b"evil")]
    tar = tar_bytes({"good.csv": b"good", name: b"evil"}, ".gz" if kind == "tar.gz" else "")
    error = refused(write(tmp_path / "in/export", zip_bytes(members) if kind == "zip" else tar))
    assert BAD_NAMES[name] in error.problem
    assert repr(name[:200]) in error.problem
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["export"]


def test_a_bad_name_is_refused_even_where_it_would_be_left_aside(tmp_path: Path) -> None:
    assert (
        "leaves"
        in refused(write(tmp_path / "a.zip", zip_bytes([("a", b""), (zip_header("__MACOSX/../../x"), b"")]))).problem
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (tarfile.SYMTYPE, "is a symbolic link"),
        (tarfile.LNKTYPE, "is a hard link"),
        (tarfile.CHRTYPE, "is a device"),
        (tarfile.BLKTYPE, "is a device"),
        (tarfile.FIFOTYPE, "is a named pipe"),
        (b"S", "is a sparse file"),
        (b"M", "continues a file of another volume"),
        (b"Z", "is of a type that is not known"),
    ],
)
def test_what_is_no_plain_file_in_a_tar_is_refused(tmp_path: Path, kind: bytes, words: str) -> None:
    infos = [tar_header("good.csv"), tar_header("evil", kind, linkname="/etc/passwd")]
    assert words in refused(write(tmp_path / "export.tar", tar_bytes(infos))).problem


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (stat.S_IFLNK | 0o777, "is a symbolic link"),
        (stat.S_IFIFO, "is a named pipe"),
        (stat.S_IFCHR, "is a device"),
        (stat.S_IFSOCK, "is a socket"),
    ],
)
def test_what_is_no_plain_file_in_a_zip_is_refused(tmp_path: Path, mode: int, words: str) -> None:
    data = zip_bytes([("good.csv", b""), (zip_header("evil", mode), b"/etc/passwd")])
    assert words in refused(write(tmp_path / "export.zip", data)).problem


@pytest.mark.parametrize("kind", ["zip", "tar"])
@pytest.mark.parametrize("names", [("a.csv", "a.csv"), ("a.csv", "./a.csv"), ("a", "a/b.csv"), ("a/b.csv", "a")])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused(tmp_path: Path, kind: str, names: tuple[str, str]) -> None:
    zipped = zip_bytes([(name, b"x") for name in names])
    tarred = tar_bytes([tar_header(name) for name in names])
    assert "stands twice" in refused(write(tmp_path / "export", zipped if kind == "zip" else tarred)).problem


def test_names_that_are_not_utf8_are_refused(tmp_path: Path) -> None:
    latin = "caf\u00e9.csv".encode("latin-1")
    zipped = zip_bytes({"cafX.csv": b"x"}).replace(b"cafX.csv", latin)
    flagged = zip_bytes([(zip_header("caf\u00e9.csv", flags=0x800), b"x")]).replace(
        "caf\u00e9".encode(), b"caf\xe9\xe9"
    )
    tarred = tar_bytes([tar_header("caf\udce9.csv")], form=tarfile.GNU_FORMAT)
    for name, data in {"a.zip": zipped, "b.zip": flagged, "c.tar": tarred}.items():
        assert "not UTF-8" in refused(write(tmp_path / name, data)).problem


@pytest.mark.parametrize("flags", [0x1, 0x41, 0x2001])
def test_an_encrypted_member_is_refused(tmp_path: Path, flags: int) -> None:
    data = bytearray(zip_bytes({"secret.csv": b"secret"}))
    struct.pack_into("<H", data, data.index(b"PK\1\2") + 8, flags)
    struct.pack_into("<H", data, 6, flags)
    error = refused(write(tmp_path / "export.zip", bytes(data)))
    assert error.problem == "member 'secret.csv' is encrypted."


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, 9])
def test_an_unusual_method_is_refused_by_name(tmp_path: Path, method: int) -> None:
    data = bytearray(zip_bytes({"a.csv": b"a"}, zipfile.ZIP_STORED))
    struct.pack_into("<H", data, data.index(b"PK\1\2") + 10, method)
    assert "is packed by" in refused(write(tmp_path / "export.zip", bytes(data))).problem


@pytest.mark.parametrize("inner", [*INNER.items(), ("x.7z", b"7z\xbc\xaf\x27\x1c..."), ("x", b"Rar!\x1a\x07\x01")])
def test_an_archive_in_an_archive_is_refused(tmp_path: Path, inner: tuple[str, bytes]) -> None:
    for name, data in {
        "a.zip": zip_bytes([inner]),
        "b.tar.gz": tar_bytes(dict([inner]), ".gz"),
        "c.bz2": COMPRESS[".bz2"](inner[1]),
    }.items():
        if (name, inner[0]) != ("c.bz2", "inner.tar"):  # which is one archive: a .tar.bz2
            assert "only one level is opened" in refused(write(tmp_path / name, data)).problem


@pytest.mark.parametrize(
    "start", [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x00", b"\x28\xb5\x2f\xfd", b"PK\x07\x08PK\x03\x04"]
)
def test_kinds_that_are_not_opened_are_refused_by_name(tmp_path: Path, start: bytes) -> None:
    assert "which is not opened" in refused(write(tmp_path / "export", start + bytes(100))).problem


@pytest.mark.parametrize("data", [zip_bytes({}), tar_bytes([tar_header("a", tarfile.DIRTYPE)]), zip_bytes({".x": b""})])
def test_an_archive_without_files_is_refused(tmp_path: Path, data: bytes) -> None:
    assert "holds no files" in refused(write(tmp_path / "export", data)).problem


def test_an_archive_of_nothing_but_a_description_is_refused(tmp_path: Path) -> None:
    assert "holds no data file" in refused(write(tmp_path / "a.zip", zip_bytes({"README.md": b""}))).problem
