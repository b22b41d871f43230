"""Archives among the sources: opened whole, for as long as the block lasts."""

import bz2
import gzip
import io
import random
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headstart.errors import StoreError
from headstart.labels.sources.source import fingerprint, gather
from headstart.spec import DataSpec
from tests.support.archives import (
    ARCHIVES,
    COMPRESS,
    FILES,
    own_cache,
    read,
    refused,
    tar_bytes,
    tar_header,
    write,
    zip_bytes,
)
from tests.support.small_disk import SIZE, small_disk


@pytest.fixture(autouse=True)
def cache(tmp_path: Path) -> Iterator[Path]:
    """A cache of the test's own, which nothing may be left in."""
    with own_cache(tmp_path) as folder:
        yield folder


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_stands_for_the_files_in_it(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, ARCHIVES[name])
    assert read(path) == {f"{name}/{inner}": data for inner, data in FILES.items()}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_is_told_by_its_content_and_not_by_its_name(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "export.json", ARCHIVES[name])
    assert read(path) == {f"export.json/{inner}": data for inner, data in FILES.items()}


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz", ".gz", ".xz"])
@pytest.mark.parametrize("content", [b"text,label\na,b\n", b"", b"BZh9 is no archive", b"PK\n", b"\0" * 2048])
def test_a_file_that_only_has_an_archives_name_is_read_as_it_is(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = write(tmp_path / f"rows{suffix}", content)
    assert read(path) == {path.name: content}


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz"])
@pytest.mark.parametrize("rows", [b"", b"text,label\n" + b"a,b\n" * 1000])
def test_a_single_compressed_file_is_named_without_its_suffix(tmp_path: Path, suffix: str, rows: bytes) -> None:
    path = write(tmp_path / f"rows.csv{suffix}", COMPRESS[suffix](rows))
    assert read(path) == {f"rows.csv{suffix}/rows.csv": rows}


def test_archives_in_a_folder_are_opened_where_they_stand(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(folder / "a.csv", b"a")
    write(folder / "b/export.zip", zip_bytes({"2.csv": b"2", "1.csv": b"1"}))
    write(folder / "c.csv.gz", COMPRESS[".gz"](b"c"))
    assert list(read(folder).items()) == [
        ("a.csv", b"a"),
        ("b/export.zip/1.csv", b"1"),
        ("b/export.zip/2.csv", b"2"),
        ("c.csv.gz/c.csv", b"c"),
    ]


def test_files_stand_to_each_other_as_in_the_archive(tmp_path: Path) -> None:
    path = write(tmp_path / "export.zip", zip_bytes({"annotations.xml": b"", "images/1.jpg": b"jpg"}))
    with gather(DataSpec(source=str(path))) as files:
        assert (files[0].path.parent / "images/1.jpg").read_bytes() == b"jpg"


def test_what_is_unpacked_is_there_as_long_as_the_block(tmp_path: Path, cache: Path) -> None:
    path = write(tmp_path / "export.zip", ARCHIVES["export.zip"])
    with gather(DataSpec(source=str(path))) as files:
        assert all(file.path.is_file() and cache in file.path.parents for file in files)
    assert not any(file.path.exists() for file in files)


def test_nothing_is_left_where_the_block_fails(tmp_path: Path) -> None:
    path = write(tmp_path / "export.zip", ARCHIVES["export.zip"])
    with pytest.raises(ZeroDivisionError), gather(DataSpec(source=str(path))):
        raise ZeroDivisionError


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_hidden_files_and_those_of_the_system_are_left_aside(tmp_path: Path, kind: str) -> None:
    members = dict.fromkeys(
        [
            "__MACOSX/._a.csv",
            "__MACOSX/a.csv",
            "in/.DS_Store",
            ".git/config",
            "in/Thumbs.db",
            "desktop.ini",
            "in/a.csv",
        ],
        b"x",
    )
    path = write(tmp_path / "export", zip_bytes(members) if kind == "zip" else tar_bytes(members))
    assert read(path) == {"export/in/a.csv": b"x"}


def test_folders_in_an_archive_may_be_named(tmp_path: Path) -> None:
    write(tmp_path / "in/a/x.zip", zip_bytes([("in/", b""), ("in/a.csv", b"a")]))
    infos = [tar_header("./", tarfile.DIRTYPE), tar_header("./in", tarfile.DIRTYPE), tar_header("./in/a.csv", size=3)]
    write(tmp_path / "in/b/x.tar", tar_bytes(infos))
    assert read(tmp_path / "in") == {"a/x.zip/in/a.csv": b"a", "b/x.tar/in/a.csv": b"\0\0\0"}


def test_the_fingerprint_is_of_the_files_and_not_of_where_and_how_they_were_packed(tmp_path: Path) -> None:
    prints = set()
    for number, data in enumerate(
        [
            zip_bytes(FILES),
            zip_bytes(FILES, zipfile.ZIP_STORED),
            zip_bytes(dict(reversed(FILES.items()))),
            tar_bytes(FILES, ".xz"),
        ]
    ):
        path = write(tmp_path / str(number) / "export.zip", data)
        for _ in range(2):
            with gather(DataSpec(source=str(path))) as files:
                prints.add(fingerprint(files))
    assert len(prints) == 1


def test_formats_that_are_zips_are_left_to_their_readers(tmp_path: Path) -> None:
    np.savez(tmp_path / "arrays.bin", a=np.zeros(3))
    office = {"docProps/app.xml": b"", "[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b""}
    kept = {
        "table.xlsx": zip_bytes(office),
        "table-of-another-name": zip_bytes(office),
        "broken.xlsx": zip_bytes(office)[:-30],
        "table.ods": zip_bytes([("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", b"")]),
        "sheet": zip_bytes([("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", b"")]),
        "arrays.bin": (tmp_path / "arrays.bin.npz").read_bytes(),
    }
    for name, data in kept.items():
        write(tmp_path / "in" / name, data)
    assert read(tmp_path / "in") == kept


def test_parquet_arrow_and_images_are_passed_through(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    table = pa.table({"text": ["a"]})
    pq.write_table(table, folder / "rows.parquet")
    with pa.ipc.new_file(str(folder / "rows.arrow"), table.schema) as writer:
        writer.write_table(table)
    write(folder / "cat/1.png", b"\x89PNG\r\n\x1a\n" + bytes(600))
    write(folder / "cat/2.jpg", b"\xff\xd8\xff\xe0" + bytes(600))
    with gather(DataSpec(source=str(folder))) as files:
        assert [file.path for file in files] == sorted(path for path in folder.rglob("*") if path.is_file())


def test_utf8_names_that_a_zip_does_not_declare_are_read(tmp_path: Path) -> None:
    name = "\u00e9\u4e16.csv"
    data = zip_bytes({"x" * len(name.encode()): b"x"}).replace(b"x" * len(name.encode()), name.encode())
    assert read(write(tmp_path / "mac.zip", data)) == {f"mac.zip/{name}": b"x"}


def test_an_office_file_in_an_archive_is_a_file(tmp_path: Path) -> None:
    office = zip_bytes({"[Content_Types].xml": b"", "xl/workbook.xml": b""})
    assert read(write(tmp_path / "a.zip", zip_bytes({"table.xlsx": office}))) == {"a.zip/table.xlsx": office}


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz"])
def test_streams_that_were_joined_are_read_to_the_end(tmp_path: Path, suffix: str) -> None:
    compress = COMPRESS[suffix]
    path = write(tmp_path / f"rows{suffix}", compress(b"a") + compress(b"") + compress(b"b") + bytes(8))
    assert list(read(path).values()) == [b"ab"]
    second = bytearray(compress(b"b"))
    second[0] ^= 1  # its records would be lost as garbage
    assert "is damaged" in refused(write(path, compress(b"a") + second)).problem


def test_a_gzip_file_says_no_name_of_its_own(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with gzip.GzipFile("../../evil.csv", "wb", fileobj=buffer) as stream:
        stream.write(b"a")
    assert read(write(tmp_path / "rows.csv.gz", buffer.getvalue())) == {"rows.csv.gz/rows.csv": b"a"}


def test_bzip2_of_several_blocks_is_read(tmp_path: Path) -> None:
    data = random.Random(1).randbytes(300_000)
    assert list(read(write(tmp_path / "a.bz2", bz2.compress(data, 1))).values()) == [data]


def test_a_full_disk_is_a_clear_error_that_names_the_way_out(tmp_path: Path, cache: Path) -> None:
    path = write(tmp_path / "a.zip", zip_bytes({"a": bytes(4 * SIZE)}))
    with small_disk(cache), pytest.raises(StoreError) as caught:
        read(path)
    assert caught.value.code == "store/unreachable"
    assert "HEADSTART_CACHE" in caught.value.remedy


def test_a_cache_that_cannot_be_written_to_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "file", b"")
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(StoreError) as caught:
        read(write(tmp_path / "a.zip", ARCHIVES["export.zip"]))
    assert "HEADSTART_CACHE" in caught.value.remedy
