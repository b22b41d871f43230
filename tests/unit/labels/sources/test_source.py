"""From what the spec names to files."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from headstart.adapters.s3 import file_system
from headstart.cache import cache_folder
from headstart.errors import DataError, HeadstartError
from headstart.labels.sources.files import SourceFile
from headstart.labels.sources.source import fingerprint, gather
from headstart.labels.texts import read_texts
from headstart.spec import DataSpec
from headstart.store import open_store
from tests.support.archives import zip_bytes


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


@pytest.mark.parametrize("name", ["hf", "s3", "https"])
def test_a_folder_may_be_called_as_schemes_of_addresses_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    _make(tmp_path / name, "a.csv")
    monkeypatch.chdir(tmp_path)
    assert _names(name) == ["a.csv"]


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


def test_files_of_the_same_name_are_told_apart_by_as_few_folders_as_it_takes(tmp_path: Path) -> None:
    _make(tmp_path, "x/in/a.csv", "y/in/a.csv", "b.csv")
    assert _names([f"{tmp_path}/x/in/a.csv", f"{tmp_path}/y/in/a.csv", f"{tmp_path}/b.csv"]) == [
        "x/in/a.csv",
        "y/in/a.csv",
        "b.csv",
    ]
    assert _names([f"{tmp_path}/x/in", f"{tmp_path}/y"]) == ["a.csv", "in/a.csv"]
    assert _names([f"{tmp_path}/x/in", f"{tmp_path}/y/in"]) == ["x/in/a.csv", "y/in/a.csv"]


def test_a_file_that_is_named_twice_is_there_twice(tmp_path: Path) -> None:
    _make(tmp_path, "a.csv")
    assert _names([f"{tmp_path}/a.csv"] * 2) == ["a.csv", "a.csv"]


def _splits(source: Any) -> dict[str, str | None]:
    return {file.name: file.split for file in _gathered(source)}


def test_a_folder_whose_files_are_named_by_split_publishes_it(tmp_path: Path) -> None:
    _make(tmp_path, "README.md", "train-1.csv", "train-2.csv", "dev.csv", "test.csv")
    published = {"dev.csv": "validation", "test.csv": "test", "train-1.csv": "train", "train-2.csv": "train"}
    assert _splits(str(tmp_path)) == published
    for explicit in (f"{tmp_path}/*.csv", [f"{tmp_path}/{name}" for name in sorted(published)]):
        assert _splits(explicit) == dict.fromkeys(published)  # whoever names files says what they are


def test_a_folder_that_the_spec_names_for_a_split_is_all_of_that_split(tmp_path: Path) -> None:
    _make(tmp_path, "a/train.csv", "a/test.csv", "b.csv")
    assert _splits({"train": f"{tmp_path}/a", "test": f"{tmp_path}/b.csv"}) == {
        "test.csv": "train",
        "train.csv": "train",
        "b.csv": "test",
    }


def test_a_folder_that_datasets_saved_is_its_arrow_files(tmp_path: Path) -> None:
    for split in ("train", "test"):
        _make(tmp_path / split, "data-00000-of-00001.arrow", "dataset_info.json", "state.json")
    _make(tmp_path, "dataset_dict.json")
    assert _splits(str(tmp_path)) == {
        "test/data-00000-of-00001.arrow": "test",
        "train/data-00000-of-00001.arrow": "train",
    }
    assert _names(str(_make(tmp_path / "other", "state.json"))) == ["state.json"]  # of the USA, perhaps


def test_the_card_of_a_folder_decides_which_files_are_meant(tmp_path: Path) -> None:
    _make(tmp_path, "a.csv", "b/c.csv", "d.csv", "e.zip")
    lines = ["- {split: train, path: a.csv}", "- {split: test, path: [b/*.csv, e.zip]}"]
    configs = "".join(f"  {line}\n" for line in lines)
    (tmp_path / "README.md").write_text(f"---\nconfigs:\n- config_name: x\n  data_files:\n{configs}---\n")
    (tmp_path / "e.zip").write_bytes(zip_bytes({"train.csv": b"", "dev.csv": b""}))
    assert _splits(str(tmp_path)) == {
        "a.csv": "train",
        "b/c.csv": "test",
        "e.zip/dev.csv": "test",
        "e.zip/train.csv": "test",
    }
    # What the card says, names do not change.
    _make(tmp_path, "holdout-00000-of-00001.csv")
    card = "[{split: train, path: a.csv}, {split: test, path: d.csv}, {split: dev, path: hold*}]"
    (tmp_path / "README.md").write_text(f"---\nconfigs: [{{data_files: {card}}}]\n---\n")
    assert _splits(str(tmp_path))["holdout-00000-of-00001.csv"] == "validation"
    (tmp_path / "README.md").write_text("---\nconfigs: [{config_name: a}, {config_name: b}]\n---\n")
    error = _error(f"{tmp_path}/")
    assert (error.code, error.where) == ("data/ambiguous", f"{tmp_path}/README.md")


@pytest.mark.parametrize("source", ["ftp://host/a.csv", "gs://bucket/a.csv", "htp://host/a.csv"])
def test_a_scheme_that_is_not_read_is_an_error_that_says_which_are(source: str) -> None:
    error = _error(source)
    assert error.code == "data/not-found"
    assert "https://, s3:// or hf://" in error.remedy


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


_LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


@pytest.mark.parametrize(
    ("name", "content", "remedy"),
    [("b.csv", _LFS, "git lfs pull"), ("b.zip", _LFS, "git lfs pull"), ("b.txt", "/annex/objects/x", "git annex get")],
)
def test_a_pointer_to_a_file_is_not_taken_for_the_file(tmp_path: Path, name: str, content: str, remedy: str) -> None:
    _make(tmp_path, "a.csv")
    (tmp_path / name).write_text(content)
    for source in (str(tmp_path / name), str(tmp_path), f"{tmp_path}/*"):
        error = _error(source)
        assert (error.code, error.where) == ("data/unreadable", name)
        assert remedy in error.remedy
    packed = tmp_path / "packed.zip"
    packed.write_bytes(zip_bytes({"c.csv": _LFS.encode()}))
    assert _error(str(packed)).where == "packed.zip/c.csv"
    with pytest.raises(DataError, match=remedy):
        read_texts(tmp_path / name, "auto")


def test_a_link_that_leads_nowhere_is_not_left_out_in_silence(tmp_path: Path) -> None:
    _make(tmp_path, "a.csv")
    (tmp_path / "b.csv").symlink_to(tmp_path / "fetched" / "b.csv")
    (tmp_path / ".#a.csv").symlink_to("me@host.17")  # an editor's lock
    for source in (str(tmp_path), f"{tmp_path}/*.csv"):
        error = _error(source)
        assert (error.code, error.where, error.problem) == (
            "data/unreadable",
            "b.csv",
            "it is a link that leads nowhere.",
        )
    _make(tmp_path, "fetched/b.csv")
    assert _names(f"{tmp_path}/*.csv") == ["a.csv", "b.csv"]


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


def test_a_prefix_in_s3_is_a_folder(bucket: str) -> None:
    store = open_store(bucket)
    for key in ("in/.hidden", "in/README.md", "in/train/a.csv", "in/test/a.csv", "in/.x/a.csv", ".out/a.csv"):
        store.put(key, key.encode())
    store.put("in/dev.zip", zip_bytes({"a.csv": b"dev"}))
    with gather(DataSpec(source=f"{bucket}/in")) as files:
        assert {file.name: file.split for file in files} == {
            "dev.zip/a.csv": "validation",
            "test/a.csv": "test",
            "train/a.csv": "train",
        }
        assert [file.path.read_text() for file in files] == ["dev", "in/test/a.csv", "in/train/a.csv"]
        assert (files[2].path.parents[1] / "test" / "a.csv").exists()  # as the objects stand to each other
    assert _names(f"{bucket}/.out") == ["a.csv"]
    assert list(cache_folder().glob("source-*")) == []


def test_the_mark_of_an_empty_folder_in_s3_is_no_file(bucket: str) -> None:
    file_system().call_s3("put_object", Bucket=bucket.removeprefix("s3://"), Key="in/", Body=b"")
    open_store(bucket).put("in/a.csv", b"a")
    assert _names(f"{bucket}/in") == ["a.csv"]


def test_what_is_downloaded_has_the_same_fingerprint_every_time(bucket: str) -> None:
    store = open_store(bucket)
    store.put("x/in/a.csv", b"a")
    store.put("y/in/a.csv", b"b")
    store.put("y/in/b.zip", zip_bytes({"a.csv": b"c"}))
    prints = set()
    for _ in range(2):
        with gather(DataSpec(source=(f"{bucket}/x/in/", f"{bucket}/y/in/"))) as files:
            assert [file.name for file in files] == ["x/in/a.csv", "y/in/a.csv", "b.zip/a.csv"]
            prints.add(fingerprint(files))
    assert len(prints) == 1


def test_a_bucket_alone_stands_for_all_that_is_in_it(bucket: str) -> None:
    open_store(bucket).put("in/a.csv", b"a")
    assert _names(bucket) == ["in/a.csv"]
