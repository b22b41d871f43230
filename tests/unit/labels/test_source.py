"""From what the spec names to files."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from headstart.blobs import cache_folder
from headstart.errors import DataError, HeadstartError
from headstart.labels.records import SourceFile
from headstart.labels.source import fingerprint, gather
from headstart.spec import DataSpec
from headstart.store import open_store


def _gathered(source: Any) -> tuple[SourceFile, ...]:
    with gather(DataSpec(source=source)) as files:
        return files


def _names(source: Any) -> list[str]:
    return [file.name for file in _gathered(source)]


def _make(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


def _error(source: Any) -> HeadstartError:
    with pytest.raises(HeadstartError) as caught:
        _gathered(source)
    return caught.value


def test_a_file_is_itself(tmp_path: Path) -> None:
    _make(tmp_path, "a.csv")
    assert _gathered(str(tmp_path / "a.csv")) == (SourceFile(tmp_path / "a.csv", "a.csv", None),)


def test_a_file_may_be_named_by_a_uri(tmp_path: Path) -> None:
    _make(tmp_path, "a.csv")
    assert _names(f"file://{tmp_path}/a.csv") == ["a.csv"]


def test_a_relative_path_starts_at_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_make(tmp_path, "in/a.csv", "in/b.csv"))
    assert _names("in/a.csv") == ["a.csv"]
    assert _names("in/*.csv") == ["a.csv", "b.csv"]


def test_a_folder_stands_for_all_files_below_it_in_order(tmp_path: Path) -> None:
    _make(tmp_path, "b.csv", "a.csv", "c/d.csv", "c/a.csv")
    assert [file.path for file in _gathered(str(tmp_path))] == [
        tmp_path / "a.csv",
        tmp_path / "b.csv",
        tmp_path / "c/a.csv",
        tmp_path / "c/d.csv",
    ]


def test_a_folder_leaves_hidden_files_aside(tmp_path: Path) -> None:
    assert _names(str(_make(tmp_path, "a.csv", ".DS_Store", "c/.~lock.csv#"))) == ["a.csv"]


def test_a_folder_leaves_what_is_in_hidden_folders_aside(tmp_path: Path) -> None:
    assert _names(str(_make(tmp_path, "a.csv", ".ipynb_checkpoints/a-checkpoint.csv", ".git/config"))) == ["a.csv"]


def test_a_folder_inside_a_hidden_one_may_be_named(tmp_path: Path) -> None:
    assert _names(str(_make(tmp_path / ".cache" / "in", "a.csv"))) == ["a.csv"]


def test_a_glob_stands_for_the_files_that_match_in_order(tmp_path: Path) -> None:
    _make(tmp_path, "b.csv", "a.csv", "a.txt", "c/d.csv", "c.csv/inner")
    assert _names(str(tmp_path / "*.csv")) == ["a.csv", "b.csv"]
    assert _names(str(tmp_path / "[ab].csv")) == ["a.csv", "b.csv"]
    assert _names(str(tmp_path / "**" / "*.csv")) == ["a.csv", "b.csv", "d.csv"]


def test_a_file_whose_name_looks_like_a_glob_is_itself(tmp_path: Path) -> None:
    assert _names(str(_make(tmp_path, "a[1].csv", "a1.csv") / "a[1].csv")) == ["a[1].csv"]


def test_a_list_keeps_its_order(tmp_path: Path) -> None:
    _make(tmp_path, "a.csv", "b.csv")
    assert _names([str(tmp_path / "b.csv"), str(tmp_path / "a.csv")]) == ["b.csv", "a.csv"]


def test_a_mapping_gives_each_file_its_split(tmp_path: Path) -> None:
    _make(tmp_path, "a.csv", "b/1.csv", "b/2.csv", "c.csv")
    files = _gathered({"test": f"{tmp_path}/c.csv", "train": f"{tmp_path}/b", "validation": f"{tmp_path}/a.csv"})
    assert [(file.name, file.split) for file in files] == [
        ("1.csv", "train"),
        ("2.csv", "train"),
        ("a.csv", "validation"),
        ("c.csv", "test"),
    ]


@pytest.mark.parametrize(
    "name", ["none.csv", "none/*.csv", "*.none", "a.csv/b.csv", "none\0.csv", "[", "file://", "n" * 300]
)
def test_a_source_that_names_nothing_is_an_error_that_repeats_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(_make(tmp_path, "a.csv"))
    error = _error(name)
    assert error.code == "data/not-found"
    assert error.where == name


def test_one_wrong_source_of_several_is_named(tmp_path: Path) -> None:
    _make(tmp_path, "a.csv")
    assert _error([f"{tmp_path}/a.csv", f"{tmp_path}/none.csv"]).where == f"{tmp_path}/none.csv"


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    assert _error(str(tmp_path)).code == "data/not-found"


@pytest.mark.parametrize("pattern", ["**.csv", "a**/b.csv", "/"])
def test_a_pattern_that_cannot_be_matched_is_a_clear_error(tmp_path: Path, pattern: str) -> None:
    assert isinstance(_error(str(tmp_path / "none") + pattern), DataError)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc/self/mem is a file that nobody can read from the start")
def test_a_file_that_cannot_be_read_is_a_clear_error() -> None:
    with pytest.raises(HeadstartError) as caught:
        fingerprint(_gathered("/proc/self/mem"))
    assert caught.value.code == "data/unreadable"


def _fingerprint(files: Sequence[SourceFile]) -> str:
    return fingerprint(tuple(files))


def test_the_fingerprint_is_of_names_bytes_order_and_splits(tmp_path: Path) -> None:
    a, b, c = (tmp_path / name for name in "abc")
    a.write_text("1")
    b.write_text("2")
    c.write_text("1")
    base = _fingerprint([SourceFile(a, "a", None), SourceFile(b, "b", None)])
    assert base == _fingerprint([SourceFile(c, "a", None), SourceFile(b, "b", None)])
    assert base != _fingerprint([SourceFile(a, "other", None), SourceFile(b, "b", None)])
    assert base != _fingerprint([SourceFile(b, "b", None), SourceFile(a, "a", None)])
    assert base != _fingerprint([SourceFile(a, "a", "train"), SourceFile(b, "b", None)])
    assert base != _fingerprint([SourceFile(a, "a", None)])
    a.write_text("3")
    assert base != _fingerprint([SourceFile(a, "a", None), SourceFile(b, "b", None)])


def test_an_object_or_a_prefix_in_s3_is_local_while_the_block_lasts(bucket: str) -> None:
    store = open_store(bucket)
    store.put("in/b.csv", b"b")
    store.put("in/deep/a.csv", b"a")
    store.put("inner.csv", b"c")
    for source, expected in (
        (f"{bucket}/in", ["b", "a"]),
        (f"{bucket}/in/", ["b", "a"]),
        (f"{bucket}/in/b.csv", ["b"]),
        (f"{bucket}/", ["b", "a", "c"]),
    ):
        with gather(DataSpec(source=source)) as files:
            assert [file.path.read_text() for file in files] == expected, source
        assert not any(file.path.exists() for file in files)
    assert list(cache_folder().glob("source-*")) == []
    assert _error(f"{bucket}/none").code == "data/not-found"


def test_a_bucket_alone_stands_for_all_that_is_in_it(bucket: str) -> None:
    open_store(bucket).put("in/a.csv", b"a")
    assert _names(bucket) == ["in/a.csv"]
