"""Datasets of the Hugging Face hub, offline, from a cache as its own client leaves it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from headstart.digest import sha256
from headstart.errors import DataError
from headstart.labels.sources.files import SourceFile
from headstart.labels.sources.source import fingerprint, gather
from headstart.spec import DataSpec
from tests.support.archives import COMPRESS, zip_bytes
from tests.support.web import Page, body, site

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no connection."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    return tmp_path / "hub"


def cached(hub: Path, *names: str, revision: str = "main", commit: str = COMMIT, **contents: bytes) -> None:
    """Leave files of ``acme/texts`` in the cache: links to blobs, as the client does."""
    repository = hub / "datasets--acme--texts"
    for number, (name, data) in enumerate([*((name, name.encode()) for name in names), *contents.items()]):
        blob = repository / "blobs" / f"{commit[:8]}{number}"
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(data)
        link = repository / "snapshots" / commit / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(blob, link.parent))
    reference = repository / "refs" / revision
    reference.parent.mkdir(parents=True, exist_ok=True)
    reference.write_text(commit)


def gathered(source: str) -> tuple[SourceFile, ...]:
    with gather(DataSpec(source=source)) as files:
        return files


def named(source: str) -> dict[str, str | None]:
    return {file.name: file.split for file in gathered(source)}


def refused(source: str) -> DataError:
    with pytest.raises(DataError) as caught:
        gathered(source)
    assert caught.value.where in (source, f"{source}/README.md")
    return caught.value


def test_a_dataset_stands_for_its_data_files_with_the_split_that_they_are_published_as(hub: Path) -> None:
    cached(
        hub,
        "README.md",
        ".gitattributes",
        "dataset_infos.json",
        "data/train-00000-of-00002.parquet",
        "data/train-00001-of-00002.parquet",
        "data/test-00000-of-00001.parquet",
    )
    wanted = {
        "data/test-00000-of-00001.parquet": "test",
        "data/train-00000-of-00002.parquet": "train",
        "data/train-00001-of-00002.parquet": "train",
    }
    assert named("hf://datasets/acme/texts") == wanted
    assert named(f"hf://datasets/acme/texts@{COMMIT}") == wanted
    assert named("hf://datasets/acme/texts@main/") == wanted


def test_scripts_and_whatever_else_is_no_data_stay_behind(hub: Path) -> None:
    cached(
        hub,
        "texts.py",
        "texts.pkl",
        "model.safetensors",
        "run.sh",
        "a.jsonl",
        "b.tsv",
        "c.arrow",
        "d.txt",
        "e.csv.gz.py",
    )
    assert list(named("hf://datasets/acme/texts")) == ["a.jsonl", "b.tsv", "c.arrow", "d.txt"]
    for path in ("texts.py", "*.py", "e.csv.gz.py"):
        assert refused(f"hf://datasets/acme/texts/{path}").code == "data/not-found"


def test_a_path_names_a_folder_a_file_or_a_pattern(hub: Path) -> None:
    cached(hub, "cola/train.csv", "cola/test.csv", "sst2/train.csv", "sst2/test.csv", "sst2/[x].csv")
    assert named("hf://datasets/acme/texts/cola") == {"train.csv": "train", "test.csv": "test"}
    assert named("hf://datasets/acme/texts@main/sst2/test.csv") == {"test.csv": None}  # alone it is just a file
    assert list(named("hf://datasets/acme/texts/*/train.csv")) == ["cola/train.csv", "sst2/train.csv"]
    assert list(named("hf://datasets/acme/texts/sst2/[x].csv")) == ["[x].csv"]


def test_a_branch_of_converted_files_is_read_one_configuration_at_a_time(hub: Path) -> None:
    cached(
        hub,
        "cola/train/0000.parquet",
        "cola/test/0000.parquet",
        "sst2/train/0000.parquet",
        revision="refs/convert/parquet",
    )
    source = "hf://datasets/acme/texts@refs/convert/parquet"
    error = refused(source)
    assert error.code == "data/ambiguous"
    assert "cola, sst2" in error.problem
    assert named(f"{source}/cola") == {"train/0000.parquet": "train", "test/0000.parquet": "test"}
    assert named(f"{source.replace('refs/', 'refs%2F').replace('convert/', 'convert%2F')}/cola") == named(
        f"{source}/cola"
    )


def test_the_card_decides_which_files_are_meant(hub: Path) -> None:
    card = b"---\nconfigs:\n- config_name: a\n  default: true\n  data_files:\n  - {split: train, path: a/*}\n  - {split: test, path: b.csv}\n---\n"
    cached(hub, "a/1.csv", "a/2.csv", "b.csv", "c.csv", **{"README.md": card})
    assert named("hf://datasets/acme/texts") == {"a/1.csv": "train", "a/2.csv": "train", "b.csv": "test"}


def test_several_configurations_are_refused_by_name(hub: Path) -> None:
    card = b"---\nconfigs:\n- config_name: cola\n  data_files: a.csv\n- config_name: sst2\n  data_files: b.csv\n---\n"
    cached(hub, "a.csv", "b.csv", **{"README.md": card})
    error = refused("hf://datasets/acme/texts")
    assert error.code == "data/ambiguous"
    assert "cola, sst2" in error.problem
    assert named("hf://datasets/acme/texts/b.csv") == {"b.csv": None}


def test_archives_of_a_dataset_are_opened(hub: Path) -> None:
    cached(hub, **{"train.zip": zip_bytes({"a.csv": b"a"}), "test.jsonl.gz": COMPRESS[".gz"](b"{}")})
    assert named("hf://datasets/acme/texts") == {"test.jsonl.gz/test.jsonl": "test", "train.zip/a.csv": "train"}


def test_a_part_of_a_dataset_is_not_taken_for_the_whole(hub: Path) -> None:
    cached(hub, "train-00000-of-00003.csv", "test.csv")
    error = refused("hf://datasets/acme/texts")
    assert error.code == "data/unreachable"
    assert "train-00001-of-00003, train-00002-of-00003" in error.problem
    assert list(named("hf://datasets/acme/texts/train-00000-of-00003.csv")) == ["train-00000-of-00003.csv"]


def test_the_fingerprint_is_of_the_files_and_not_of_where_the_cache_has_them(hub: Path) -> None:
    cached(hub, "train.csv", "test.csv")
    cached(hub, "train.csv", "test.csv", revision="other", commit=COMMIT[::-1])
    assert len({fingerprint(gathered(f"hf://datasets/acme/texts{at}")) for at in ("", "@other", f"@{COMMIT}")}) == 1


def test_files_of_two_datasets_are_told_apart_by_the_datasets(hub: Path) -> None:
    cached(hub, "data/a.csv")
    os.rename(hub / "datasets--acme--texts", hub / "datasets--acme--others")  # noqa: PTH104
    cached(hub, "data/a.csv")
    with gather(DataSpec(source=("hf://datasets/acme/texts", "hf://datasets/acme/others"))) as files:
        assert [file.name for file in files] == ["texts/data/a.csv", "others/data/a.csv"]


def test_a_dataset_that_is_not_cached_is_refused_offline(hub: Path) -> None:
    error = refused("hf://datasets/acme/none")
    assert error.code == "data/unreachable"
    assert "HF_TOKEN" in error.remedy


@pytest.mark.parametrize(
    "source",
    [
        "hf://acme/texts",
        "hf://datasets/texts",
        "hf://datasets/",
        "hf://",
        "hf://models/acme/texts",
        "hf://datasets/acme/texts/../../x",
        "hf://datasets/acme/te xts",
    ],
)
def test_what_is_no_datasets_address_is_refused_with_how_to_write_one(hub: Path, source: str) -> None:
    error = refused(source)
    assert error.code == "data/not-found"
    assert "hf://datasets/owner/name" in error.remedy


@pytest.mark.parametrize("source", ["hf://datasets/../..", "hf://datasets/a--b/..", "hf://datasets/acme/texts@no such"])
def test_a_name_that_the_hub_cannot_have_is_a_clear_error(hub: Path, source: str) -> None:
    assert refused(source).code in ("data/not-found", "data/unreachable")


@pytest.mark.parametrize("path", ["none", "none.csv", "*.csv", "[", "**.csv", "a.csv/b.csv"])
def test_a_path_that_names_nothing_is_refused(hub: Path, path: str) -> None:
    cached(hub, "a.json")
    assert refused(f"hf://datasets/acme/texts/{path}").code == "data/not-found"


def serving(**files: bytes) -> dict[str, Page]:
    """The pages by which a hub gives a dataset: its commit, its list of files, and each file."""
    api = "/api/datasets/acme/texts"
    listed = [
        {"type": "file", "path": path, "size": len(data), "oid": sha256(data)[:40]} for path, data in files.items()
    ]
    pages = {
        f"{api}/revision/main": body(json.dumps({"id": "acme/texts", "sha": COMMIT}).encode()),
        f"{api}/tree/{COMMIT}?recursive=true&expand=false": body(json.dumps(listed).encode()),
    }
    for path, data in files.items():
        page = body(data, ETag=f'"{sha256(data)[:40]}"', X_Repo_Commit=COMMIT)
        pages[f"/datasets/acme/texts/resolve/{COMMIT}/{quote(path)}"] = page
    return pages


@pytest.mark.parametrize(
    ("path", "fetched"),
    [
        ("", {"a/train.csv", "a/test.csv", "b/x.jsonl.gz", "[c].txt"}),
        ("/a", {"a/train.csv", "a/test.csv"}),
        ("/a/t*n.csv", {"a/train.csv"}),
        ("/a/*", {"a/train.csv", "a/test.csv"}),
        ("/b/x.jsonl.gz", {"b/x.jsonl.gz"}),
        ("/[c].txt", {"[c].txt"}),
    ],
)
def test_only_what_is_wanted_is_fetched_and_no_script(tmp_path: Path, path: str, fetched: set[str]) -> None:
    names = ("README.md", "texts.py", "a/train.csv", "a/test.csv", "a/run.sh", "b/x.jsonl.gz", "[c].txt", "pickle.pkl")
    with site(serving(**dict.fromkeys(names, b"{}"))) as there:
        code = "import sys; from headstart.adapters.hub import dataset; print(*dataset(sys.argv[1])[1])"
        environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()} | {
            "HF_ENDPOINT": there.url,
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HOME": str(tmp_path),
        }
        command = [sys.executable, "-c", code, f"hf://datasets/acme/texts{path}"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.split()) == len(fetched)
    asked = {unquote(each).partition(COMMIT + "/")[2] for each in there.asked if "/resolve/" in each}
    assert asked == fetched | {"README.md"}
