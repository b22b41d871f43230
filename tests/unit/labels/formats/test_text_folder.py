"""Texts in folders of classes, a file each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from headstart.errors import DataError
from headstart.labels import plan
from headstart.labels.records import Ask, Record, Reject, Vote
from headstart.labels.sources import source
from headstart.spec import DataSpec
from tests.support.reading import Read, taken

REVIEWS = {
    "train/neg/0_2.txt": "Dull, and far too long.\n",
    "train/neg/1_1.txt": "I want my money back.",
    "train/pos/0_9.txt": "Lovely.\nI saw it twice.\n",
    "train/pos/1_8.txt": "Go and see it.",
    "train/unsup/0_0.txt": "Nobody rated this one.",
    "test/neg/0_3.txt": "Not for me.",
    "test/pos/0_10.txt": "The best of the year.",
}
NEWS = {
    f"20news/{group}/{number}": f"Subject: {group} {number}" for group in ("sci.med", "rec.autos") for number in (1, 2)
}


def read(folder: Path, content: Mapping[str, str | bytes], **data: Any) -> dict[tuple[str, str], list[Read]]:
    """What each part of a folder with these files yields, by its name and format."""
    for name, each in content.items():
        path = folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each.encode() if isinstance(each, str) else each)
    spec = DataSpec.model_validate({"source": str(folder / "data"), **data})
    with source.gather(spec) as files:
        return {(part.name, part.format): taken(part.open(Ask(spec.fields))) for part in plan.parts(files, spec.format)}


def test_each_text_is_a_record_with_its_folder_for_a_label_and_the_split_that_a_folder_says(tmp_path: Path) -> None:
    found = read(tmp_path, REVIEWS)[("7 texts", "text-folder")]
    records = {each.place: each for each in found if isinstance(each, Record)}
    name = "train/pos/0_9.txt"
    assert records[name] == Record(name, "Lovely.\nI saw it twice.", (Vote(("pos",)),), "train")
    assert records["test/neg/0_3.txt"].split == "test"
    assert records["train/unsup/0_0.txt"].votes == ()
    assert len(records) == 7


def test_files_without_an_ending_are_texts_too(tmp_path: Path) -> None:
    (found,) = read(tmp_path, NEWS).values()
    assert [each.votes[0].value for each in found if isinstance(each, Record)] == [
        ("rec.autos",),
        ("rec.autos",),
        ("sci.med",),
        ("sci.med",),
    ]


def test_an_account_beside_the_texts_is_not_read(tmp_path: Path) -> None:
    many = {f"pos/{number}.txt": f"good {number}" for number in range(10)} | {
        f"neg/{number}.txt": f"bad {number}" for number in range(10)
    }
    found = read(tmp_path, many | {"urls.txt": "http://example.com/\n", "imdb.vocab": "the\nand\n"})
    assert {key: len(items) for key, items in found.items()} == {
        ("20 texts", "text-folder"): 20,
        ("urls.txt", ""): 0,
        ("imdb.vocab", ""): 0,
    }


@pytest.mark.parametrize(
    ("content", "format_"),
    [
        (
            {f"{name}/{split}.txt": "Oslo B-LOC\nis O\n\n" for name in ("en", "de") for split in ("train", "test")},
            "conll",
        ),
        ({f"{name}/{n}.txt": "__label__a hello\n" for name in ("x", "y") for n in (1, 2)}, "fasttext"),
        ({f"{name}/{n}.csv": "text,label\nhello,a\n" for name in ("x", "y") for n in (1, 2)}, "csv"),
    ],
)
def test_files_of_another_format_in_folders_are_read_as_such(
    tmp_path: Path, content: dict[str, str], format_: str
) -> None:
    assert {found for _, found in read(tmp_path, content)} == {format_}


@pytest.mark.parametrize(
    "content", [{"a.txt": "hello"}, {"x/1.txt": "a", "y/1.txt": "b"}, {"x/1.txt": "a", "x/2.txt": "b"}]
)
def test_texts_that_are_not_in_folders_of_several_classes_are_no_export(
    tmp_path: Path, content: dict[str, str]
) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, content)
    assert caught.value.code == "data/unknown-format"
    with pytest.raises(DataError, match="it is no text of a class"):
        read(tmp_path, content, format="text-folder")


def test_the_spec_may_say_that_they_are_texts_whatever_they_look_like(tmp_path: Path) -> None:
    tagged = {f"{name}/{n}.txt": "Oslo B-LOC\nis O\n\n" for name in ("en", "de") for n in (1, 2)}
    ((name, format_),) = read(tmp_path, tagged, format="text-folder")
    assert (name, format_) == ("4 texts", "text-folder")


def test_a_text_that_is_not_utf8_costs_itself_and_one_that_is_empty_too(tmp_path: Path) -> None:
    odd = {"pos/3.txt": b"caf\xe9", "pos/4.txt": b"", "pos/1.txt": "good", "neg/1.txt": "bad", "neg/2.txt": "worse"}
    (found,) = read(tmp_path, odd).values()
    assert [each.reason for each in found if isinstance(each, Reject)] == ["broken-unicode"]
    assert [each.text for each in found if isinstance(each, Record)] == ["bad", "worse", "good", ""]


def test_fields_cannot_be_named_where_there_are_none(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, NEWS, fields={"label": "topic"})
    assert caught.value.code == "data/unknown-field"
