"""Archives that are too large, and the memory that archives take."""

import lzma
import struct
import tarfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from headstart.errors import DataError
from headstart.labels.sources import archive_rules, archive_zip
from headstart.labels.sources.source import gather
from headstart.spec import DataSpec
from tests.support.archives import COMPRESS, own_cache, read, refused, tar_bytes, tar_header, write, zip_bytes


@pytest.fixture(autouse=True)
def cache(tmp_path: Path) -> Iterator[Path]:
    """A cache of the test's own, which nothing may be left in."""
    with own_cache(tmp_path) as folder:
        yield folder


BOMBS = {
    "a.zip": lambda data: zip_bytes({"bomb": data}),
    "b.gz": COMPRESS[".gz"],
    "c.bz2": COMPRESS[".bz2"],
    "d.xz": COMPRESS[".xz"],
    "e.tar.gz": lambda data: tar_bytes({"bomb": data}, ".gz"),
    "f.tar.xz": lambda data: tar_bytes({"__MACOSX/bomb": data, "a": b""}, ".xz"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_by_its_ratio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(archive_rules, "FREE_BYTES", 1 << 20)
    path = write(tmp_path / name, BOMBS[name](bytes(4 << 20)))
    assert f"more than 200 times its size of {path.stat().st_size} bytes" in refused(path).problem


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_by_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(archive_rules, "MOST_BYTES", 1 << 20)
    path = write(tmp_path / name, BOMBS[name](bytes((1 << 20) + 1)))
    assert "unpacks to more than 1 MiB" in refused(path).problem


def test_what_is_small_may_be_packed_as_tightly_as_it_can(tmp_path: Path) -> None:
    data = bytes(4 << 20)
    assert read(write(tmp_path / "a.zip", zip_bytes({"a": data}))) == {"a.zip/a": data}


def test_a_zip_that_claims_to_be_smaller_than_it_is_is_refused(tmp_path: Path) -> None:
    data = bytearray(zip_bytes({"a": bytes(1 << 20)}))
    struct.pack_into("<L", data, data.index(b"PK\1\2") + 24, 10)
    assert "is damaged" in refused(write(tmp_path / "a.zip", bytes(data))).problem


def crowded(count: int, said: int, *, long: bool = False) -> bytes:
    """A zip with a directory of many members that share one file, and what its end says of their number."""
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    size = count * len(entry)
    short = 0xFFFF if long else said
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, short, short, size, len(local), 0)
    if long:
        end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, said, said, size, len(local))
        end = end64 + struct.pack("<4sLQL", b"PK\6\7", 0, len(local) + size, 1) + end
    return local + entry * count + end


def test_a_zips_end_must_count_its_members_right(tmp_path: Path) -> None:
    for count, said, long in ((3, 3, False), (0x10001, 0x10001, True), (0x10001, 1, False)):
        assert len(archive_zip.names(write(tmp_path / "many.zip", crowded(count, said, long=long)))) == count
    for long in (False, True):
        path = write(tmp_path / "few.zip", crowded(3, 2, long=long))
        with pytest.raises(archive_rules.ArchiveError, match="another number of members"):
            archive_zip.names(path)


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.bz2"])
def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(archive_rules, "MOST_MEMBERS", 99)
    for count in (99, 100):
        members = {f"{number}.csv": b"x" for number in range(count)}
        data = zip_bytes(members) if kind == "zip" else tar_bytes(members, kind.removeprefix("tar"))
        path = write(tmp_path / str(count), data)
        if count == 99:
            assert len(read(path)) == 99
        else:
            assert "holds more than 99 members" in refused(path).problem


def test_a_zips_directory_is_not_held_before_its_members_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "many.zip", crowded(archive_rules.MOST_MEMBERS + 1, 1))
    assert "holds more than" in held_less_than(32 << 20, path)


def held_less_than(limit: int, path: Path) -> str:
    """Read the source within so much memory; the error, if there is one."""
    tracemalloc.start()
    try:
        with gather(DataSpec(source=str(path))):
            problem = ""
    except DataError as error:
        problem = error.problem
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < limit
    return problem


@pytest.mark.parametrize("name", ["a.zip", "b.gz", "c.bz2", "d.xz", "e.tar.gz"])
def test_unpacking_takes_constant_memory(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, BOMBS[name](bytes(48 << 20)))
    assert held_less_than(12 << 20, path) == ""


def test_a_tar_header_of_any_size_is_not_held(tmp_path: Path) -> None:
    header = tar_header("././@LongLink", b"L", size=1 << 40).tobuf(tarfile.GNU_FORMAT)
    assert "has a header of" in refused(write(tmp_path / "a.tar", header + bytes(1024))).problem


def test_tar_headers_do_not_add_up_in_memory(tmp_path: Path) -> None:
    headers = b"".join(
        tar_header(f"{number}", size=0, pax_headers={f"key{number}": "x" * 100_000}).tobuf(tarfile.PAX_FORMAT)[:-512]
        for number in range(400)
    )
    path = write(tmp_path / "a.tar", headers + tar_bytes({"a": b"a"}))
    assert held_less_than(12 << 20, path) == ""


def test_an_xz_that_wants_gigabytes_of_memory_is_refused(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 28}]
    try:
        data = lzma.compress(b"a", filters=filters)
    except MemoryError:
        pytest.skip("too little memory to make one")
    assert "emory" in refused(write(tmp_path / "a.xz", data)).problem
