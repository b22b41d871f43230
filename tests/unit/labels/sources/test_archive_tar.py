"""Tar archives, which this project reads itself."""

import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.labels.sources.beside import data_only
from tests.support.archives import FILES, own_cache, read, read_or_refused, refused, tar_bytes, tar_header, write
from tests.support.steady import STEADY


@pytest.fixture(autouse=True)
def cache(tmp_path: Path) -> Iterator[Path]:
    """A cache of the test's own, which nothing may be left in."""
    with own_cache(tmp_path) as folder:
        yield folder


def test_a_tar_that_ends_between_two_members_is_refused(tmp_path: Path) -> None:
    whole = tar_bytes({"a.csv": bytes(512), "b.csv": bytes(512)}, form=tarfile.USTAR_FORMAT)
    assert refused(write(tmp_path / "a.tar", whole[:1024])).problem == "it is truncated."


def test_tars_that_were_joined_are_read_to_the_end(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tar", tar_bytes({"a": b"1"}) + tar_bytes({"b": b"2"}))
    assert read(path) == {"a.tar/a": b"1", "a.tar/b": b"2"}
    assert "is damaged" in refused(write(path, tar_bytes({"a": b"1"}) + b"x" * 512)).problem


NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\\/:"), min_size=1, max_size=60
).filter(lambda name: bool(data_only([name])))


@STEADY
@given(
    st.dictionaries(
        st.lists(NAMES, min_size=1, max_size=4).map("/".join), st.binary(max_size=2000), min_size=1, max_size=5
    ),
    st.sampled_from([tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
)
def test_what_tarfile_writes_is_read(tmp_path: Path, members: dict[str, bytes], form: int) -> None:
    parts = [tuple(name.split("/")) for name in members]
    taken = any(one != other and other[: len(one)] == one for one in parts for other in parts)
    try:
        data = tar_bytes(members, form=form)
    except (tarfile.HeaderError, ValueError):  # a name that the oldest form cannot hold
        return
    path = write(tmp_path / "a.tar", data)
    found = read_or_refused(path)
    if found is None:
        assert taken or any(len(part.encode()) > 255 for each in parts for part in each)
    else:
        assert found == {f"a.tar/{name}": content for name, content in members.items()}


def test_what_the_systems_tar_writes_is_read(tmp_path: Path) -> None:
    for name, data in FILES.items():
        write(tmp_path / "in" / name, data)
    long = write(tmp_path / "in" / ("d" * 120) / ("n" * 200), b"long")
    for form in ("v7", "oldgnu", "gnu", "ustar", "posix"):
        left_out = ["--exclude", long.parent.name] if form in ("v7", "ustar") else []
        target = tmp_path / f"{form}.tar"
        command = ["tar", f"--format={form}", *left_out, "-cf", target, "-C", tmp_path / "in", "."]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("no GNU tar here")
        wanted = FILES | ({} if left_out else {str(long.relative_to(tmp_path / "in")): b"long"})
        assert read(target) == {f"{form}.tar/{name}": data for name, data in wanted.items()}


def test_a_sparse_file_in_a_posix_tar_is_refused(tmp_path: Path) -> None:
    info = tar_header("evil.csv", size=3, pax_headers={"GNU.sparse.major": "1", "GNU.sparse.minor": "0"})
    assert "is a sparse file" in refused(write(tmp_path / "export.tar", tar_bytes([info]))).problem


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (b"11 size=xy\n", "a size is no number"),
        (b"35 size=99999999999999999999999999\n", "a size is no number"),
        (b"99 path=b.csv\n", "has no value"),
        (b"14 path:b.csv\n", "has no value"),
        (b"13 path=b.csv\n", "has no value"),
        (b"path=b.csv\n", "has no length"),
        (b"0 path=b.csv\n", "has no value"),
    ],
)
def test_a_damaged_extended_header_is_refused(tmp_path: Path, record: bytes, words: str) -> None:
    info = tar_header("extended", b"x", size=len(record)).tobuf(tarfile.GNU_FORMAT)
    data = info + record + bytes(-len(record) % 512) + tar_bytes({"a.csv": b"a"}, form=tarfile.USTAR_FORMAT)
    assert words in refused(write(tmp_path / "a.tar", data)).problem


def test_an_extended_header_names_the_next_member_only(tmp_path: Path) -> None:
    infos = [tar_header("x", pax_headers={"path": "b.csv", "comment": "new"}), tar_header("a.csv")]
    assert set(read(write(tmp_path / "a.tar", tar_bytes(infos)))) == {"a.tar/b.csv", "a.tar/a.csv"}


def test_a_name_in_two_parts_is_put_together(tmp_path: Path) -> None:
    name = f"{'d' * 90}/{'e' * 60}/{'n' * 90}.csv"
    path = write(tmp_path / "a.tar", tar_bytes({name: b"a"}, form=tarfile.USTAR_FORMAT))
    assert read(path) == {f"a.tar/{name}": b"a"}


def test_a_damaged_header_in_the_middle_is_refused(tmp_path: Path) -> None:
    data = bytearray(tar_bytes({"a.csv": b"a", "b.csv": b"b"}, form=tarfile.USTAR_FORMAT))
    data[1024] ^= 1  # of the second name
    assert "does not match its checksum" in refused(write(tmp_path / "a.tar", bytes(data))).problem
