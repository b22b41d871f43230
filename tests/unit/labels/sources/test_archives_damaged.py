"""Archives that are damaged, in every way that a machine finds: read or refused, and nothing is left."""

import contextlib
import random
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.cache import cache_folder
from headstart.errors import DataError
from headstart.labels.sources.source import gather
from headstart.spec import DataSpec
from tests.support.archives import (
    ARCHIVES,
    COMPRESS,
    FILES,
    INNER,
    own_cache,
    read,
    read_or_refused,
    tar_bytes,
    tar_header,
    write,
)
from tests.support.steady import STEADY


@pytest.fixture(autouse=True)
def cache(tmp_path: Path) -> Iterator[Path]:
    """A cache of the test's own, which nothing may be left in."""
    with own_cache(tmp_path) as folder:
        yield folder


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid archive with a few bytes changed, taken out, doubled or added."""
    data = bytearray(draw(st.sampled_from([*ARCHIVES.values(), *INNER.values()])))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(start + 40, len(data))))
        data[start:end] = draw(st.binary(max_size=40) | st.just(bytes(data[start:end]) * 2))
    return bytes(data)


@settings(STEADY, max_examples=400)
@given(mutated())
def test_any_archive_is_read_or_refused_and_nothing_is_written_elsewhere(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path / "in/export", data)
    with contextlib.suppress(DataError), gather(DataSpec(source=str(path))) as files:
        for file in files:
            assert file.path == path or cache_folder() in file.path.resolve().parents
            assert file.path.is_file()
            assert not file.path.is_symlink()
    read_or_refused(path)
    outside = [each.relative_to(tmp_path).as_posix() for each in tmp_path.rglob("*")]
    assert sorted(outside) in (["cache", "in", "in/export"], ["in", "in/export"])


def tar_with(header: bytes) -> bytes:
    """A tar whose header has a right checksum, whatever else it says."""
    blank = header[:148] + b" " * 8 + header[156:]
    return blank[:148] + b"%06o\0 " % sum(blank) + blank[156:] + bytes(1024)


@settings(STEADY, max_examples=200)
@given(st.data())
def test_any_tar_header_with_a_right_checksum_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    header = bytearray(tar_header("a.csv").tobuf(tarfile.PAX_FORMAT))
    for field in data.draw(
        st.lists(st.sampled_from([(0, 100), (100, 24), (124, 12), (156, 1), (157, 100), (257, 8), (345, 155)]))
    ):
        start, size = field
        header[start : start + size] = data.draw(st.binary(min_size=size, max_size=size))
    path = write(tmp_path / "a.tar", tar_with(bytes(header)))
    read_or_refused(path)


@settings(STEADY, max_examples=200)
@given(
    st.binary(max_size=600) | st.text("0123456789 =path\nsize", max_size=80).map(str.encode), st.sampled_from(b"xgLK")
)
def test_any_extended_header_is_read_or_refused(tmp_path: Path, body: bytes, kind: int) -> None:
    info = tar_header("extended", bytes([kind]), size=len(body)).tobuf(tarfile.GNU_FORMAT)
    data = info + body + bytes(-len(body) % 512) + tar_bytes({"a.csv": b"a"}, form=tarfile.USTAR_FORMAT)
    found = read_or_refused(write(tmp_path / "a.tar", data))
    assert found is None or list(found.values()) == [b"a"]


@pytest.mark.parametrize("name", [*ARCHIVES, "rows.gz", "rows.bz2", "rows.xz"])
def test_a_truncated_archive_is_refused_wherever_it_ends(tmp_path: Path, name: str) -> None:
    whole = ARCHIVES.get(name) or COMPRESS[name.removeprefix("rows")](random.Random(0).randbytes(2000))
    path = tmp_path / name
    complete = read(write(path, whole))
    least = 1024 if ".tar" in name or name == "export.tgz" else 10  # below, nothing says that it is an archive
    for length in {*range(least, len(whole), 97), *range(len(whole) - 40, len(whole))}:
        found = read_or_refused(write(path, whole[:length]))
        assert found in (None, complete)  # where it is complete, what is missing is padding


@pytest.mark.parametrize("name", ["export.zip", "stored.zip", "export.tar.gz", "export.tar.bz2", "export.tar.xz"])
def test_a_flipped_bit_is_refused_or_changes_no_content(tmp_path: Path, name: str) -> None:
    whole = ARCHIVES[name]
    for position in range(12, len(whole), 7):
        damaged = bytearray(whole)
        damaged[position] ^= 0x10
        found = read_or_refused(write(tmp_path / name, bytes(damaged)))
        # What may change unseen is a name, a time or a note.
        assert found is None or sorted(found.values()) == sorted(FILES.values())
