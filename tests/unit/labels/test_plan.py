"""What each file of an export is: read by a reader, read beside another file, a record itself, or nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from headstart.errors import DataError
from headstart.labels import plan
from headstart.labels.records import Ask, Record
from headstart.labels.sources import source
from headstart.spec import DataSpec
from tests.support import shared_data
from tests.support.pictures import picture
from tests.support.reading import Read, taken

CSV = "text,label\nhello,a\nbye,b\n"
ANN = "T1\tORG 0 5\thello\n"


def parts(folder: Path, content: Mapping[str, str | bytes], named: str = "", **data: Any) -> list[plan.Part]:
    """What is to be read of a folder with these files, or of the file of it that is named."""
    for name, each in content.items():
        path = folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each.encode() if isinstance(each, str) else each)
    return planned(folder / "data" / named, **data)


def planned(path: Path, **data: Any) -> list[plan.Part]:
    with source.gather(DataSpec.model_validate({"source": str(path), **data})) as files:
        return plan.parts(files, data.get("format", "auto"))


def read(folder: Path, content: Mapping[str, str | bytes], **data: Any) -> dict[str, list[Read]]:
    """What each part of a folder yields."""
    parts(folder, content)
    spec = DataSpec.model_validate({"source": str(folder / "data"), **data})
    with source.gather(spec) as files:
        return {part.name: taken(part.open(Ask(spec.fields))) for part in plan.parts(files, spec.format)}


def formats(found: list[plan.Part]) -> dict[str, str]:
    return {part.name: part.format for part in found}


def test_every_file_is_read_in_its_own_format(tmp_path: Path) -> None:
    found = parts(tmp_path, {"a.csv": CSV, "b.jsonl": '{"text": "x", "label": "a"}\n', "c.tsv": CSV})
    assert formats(found) == {"a.csv": "csv", "b.jsonl": "jsonl", "c.tsv": "csv"}
    assert [part.reason for part in found[:2]] == ["its name ends in .csv", "its name ends in .jsonl"]


def test_the_format_that_the_spec_names_is_that_of_every_file(tmp_path: Path) -> None:
    found = parts(tmp_path, {"a.dat": CSV, "b.csv": CSV}, format="csv")
    assert [(part.format, part.reason) for part in found] == [("csv", "the spec says so")] * 2


# Images


def test_images_beside_an_export_are_read_by_the_records_that_name_them(tmp_path: Path) -> None:
    content = {"metadata.csv": "file_name,label\n1.png,cat\n2.png,dog\n", "1.png": picture(), "2.png": picture()}
    found = read(tmp_path, content)
    assert list(found) == ["metadata.csv"]
    assert [each.image for each in found["metadata.csv"] if isinstance(each, Record)] == [picture()] * 2


def test_images_alone_are_records_themselves(tmp_path: Path) -> None:
    content = {"cat/1.png": picture(), "dog/2.JPEG": picture()}
    (part,) = parts(tmp_path, content)
    assert (part.name, part.format) == ("2 images", "image-folder")
    found = read(tmp_path, content)["2 images"]
    assert [each.votes[0].value for each in found if isinstance(each, Record)] == [("cat",), ("dog",)]


def test_a_single_image_goes_by_its_name(tmp_path: Path) -> None:
    assert formats(parts(tmp_path, {"cat/1.png": picture()})) == {"cat/1.png": "image-folder"}


def test_images_beside_what_nobody_can_read_are_records_themselves(tmp_path: Path) -> None:
    found = parts(tmp_path, {"cat/1.png": picture(), "dog/1.png": picture(), "notes.txt": "hello\n"})
    assert formats(found) == {"2 images": "image-folder", "notes.txt": ""}
    assert found[1].reason == "not read, for no reader recognises it"


def test_images_are_records_where_the_spec_says_so_whatever_lies_beside(tmp_path: Path) -> None:
    found = parts(tmp_path, {"cat/1.png": picture(), "dog/1.png": picture(), "a.csv": CSV}, format="image-folder")
    assert formats(found) == {"2 images": "image-folder", "a.csv": ""}
    assert found[1].reason == "not read, for it is no image"


def test_a_spec_that_wants_images_where_there_are_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.csv: it is no image") as caught:
        parts(tmp_path, {"a.csv": CSV}, format="image-folder")
    assert caught.value.code == "data/unknown-format"


def test_images_are_no_tables_even_where_the_spec_names_a_format(tmp_path: Path) -> None:
    assert formats(parts(tmp_path, {"a.csv": CSV, "1.png": picture()}, format="csv")) == {"a.csv": "csv"}


# Files that are read with others


def test_a_text_beside_its_annotations_is_read_with_them(tmp_path: Path) -> None:
    found = parts(tmp_path, {"1.ann": ANN, "1.txt": "hello\n", "2.txt": "not annotated\n"})
    assert formats(found) == {"1.ann": "brat", "2.txt": "brat"}


def test_it_is_so_in_each_folder_by_itself(tmp_path: Path) -> None:
    found = parts(
        tmp_path, {"a/1.ann": ANN, "a/1.txt": "hello\n", "b/1.txt": "bye\n", "b/2.ann": ANN, "b/2.txt": "hello\n"}
    )
    assert formats(found) == {"a/1.ann": "brat", "b/1.txt": "brat", "b/2.ann": "brat"}


def test_a_text_that_no_annotations_name_is_a_file_of_its_own(tmp_path: Path) -> None:
    content = {"a.csv": CSV, "a.txt": "text;label\nx;a\ny;b\n"}
    assert formats(parts(tmp_path, content)) == {"a.csv": "csv", "a.txt": "csv"}


# Files that nobody can read


def test_a_file_of_no_known_format_in_a_folder_is_said_to_be_unread(tmp_path: Path) -> None:
    found = parts(tmp_path, {"a.csv": CSV, "notes.md": "hello\n", "model.bin": b"\x7fELF"})
    assert formats(found) == {"a.csv": "csv", "model.bin": "", "notes.md": ""}
    assert {part.reason for part in found if not part.format} == {"not read, for no reader recognises it"}
    for part in found[1:]:
        assert taken(part.open(Ask())) == []


def test_a_file_that_the_user_named_must_be_readable(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"notes\.md: no reader recognises it") as caught:
        parts(tmp_path, {"a.csv": CSV, "notes.md": "hello\n"}, named="notes.md")
    assert caught.value.code == "data/unknown-format"


def test_a_folder_of_nothing_that_can_be_read_is_an_error_that_shows_a_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.md: no reader recognises it; it starts with b'hello'"):
        parts(tmp_path, {"a.md": "hello", "b.md": "bye"})


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("banking77", {"SOURCE.txt": "", "categories.json": "", "test.csv": "csv", "train.csv": "csv"}),
        ("goemotions", {"SOURCE.txt": "", "dev.tsv": "csv", "labels.txt": "", "test.tsv": "csv", "train.tsv": "csv"}),
        ("clothing_small_160", {"SOURCE.txt": "", "3781 images": "image-folder"}),
    ],
)
def test_real_folders_are_read_as_what_they_are(folder: str, expected: dict[str, str]) -> None:
    assert formats(planned(shared_data.folder(folder))) == expected
