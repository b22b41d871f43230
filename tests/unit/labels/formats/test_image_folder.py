"""Reading folders of images."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError
from headstart.labels import detect
from headstart.labels.formats import image_folder
from headstart.labels.images.lookup import Images
from headstart.labels.records import Ask, Record, Reject, Vote
from headstart.labels.sources import published
from headstart.labels.sources.files import SourceFile
from headstart.spec import FieldsSpec, Split
from tests.support import shared_data
from tests.support.labeled_images import read, source
from tests.support.pictures import picture, picture_file
from tests.support.reading import Read, taken
from tests.support.steady import STEADY


def files(folder: Path, names: Sequence[str], splits: Sequence[Split | None] | None = None) -> list[SourceFile]:
    """The files of a folder as a source lists them, each an image, with the splits that the names publish."""
    for name in names:
        if not (folder / name).exists():
            picture_file(folder / name)
    said = published.by_name(names) if splits is None else splits
    return [SourceFile(folder / name, name, split) for name, split in zip(names, said, strict=True)]


def items(found: Sequence[SourceFile], **asked: Any) -> list[Read]:
    return taken(image_folder.read_all(found, Ask(**asked)))


def classes(folder: Path, *names: str, splits: Sequence[Split | None] | None = None) -> str:
    """The class of each image, or a dash, and the first letter of its split, or a dot."""
    found = [each for each in items(files(folder, names, splits)) if isinstance(each, Record)]
    assert len(found) == len(names)
    labels = ["+".join(str(vote.value[0]) for vote in each.votes if isinstance(vote.value, tuple)) for each in found]
    return " ".join(f"{label or '-'}:{(each.split or '.')[0]}" for label, each in zip(labels, found, strict=True))


def test_an_image_is_a_record_with_its_folder_for_a_label(tmp_path: Path) -> None:
    found = items(files(tmp_path, ["cat/1.png", "dog/2.png"]))
    assert found[0] == Record("cat/1.png", "cat/1.png", (Vote(("cat",)),), image=picture())
    assert len(found) == 2
    reading = image_folder.read_all(files(tmp_path, ["cat/1.png"]), Ask())
    assert (reading.kind, reading.fields) == ("names", "image from its file, label from its folder")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["train/cat/1.png", "test/dog/2.png"], "cat:t dog:t"),
        (["train/cat/1.png", "valid/dog/2.png"], "cat:t dog:v"),
        (["cat/train/1.png", "dog/validation/2.png"], "cat:t dog:v"),
        (["a/train/cat/1.png", "a/val/cat/2.png"], "cat:t cat:v"),
        (["train/indoor/cat/1.png", "val/outdoor/cat/2.png"], "cat:t cat:v"),
        (["photos.zip/train/cat/1.png", "photos.zip/test/cat/2.png"], "cat:t cat:t"),
        (["train.zip/cat/1.png", "val.zip/cat/2.png"], "cat:t cat:v"),
        (["cat/1.png", "dog/2.png"], "cat:. dog:."),
        (["deep/er/cat/1.png", "dog/2.png"], "cat:. dog:."),
        (["Train/Cat/1.png", "VAL/Cat/2.png"], "Cat:t Cat:v"),
        (["train2017/cat/1.png", "val2017/cat/2.png"], "cat:t cat:v"),
    ],
)
def test_the_innermost_folder_that_says_no_split_is_the_class(tmp_path: Path, names: list[str], expected: str) -> None:
    assert classes(tmp_path, *names) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["train/1.png", "bus/2.png"], "train:. bus:."),  # no split without another one
        (["train/train/1.png", "val/train/2.png"], "train:t train:v"),
        (["val/bus/1.png", "train/train/2.png"], "bus:v train:t"),
        (["train/test_tube/1.png", "test/test_tube/2.png"], "test_tube:t test_tube:t"),
        (["train/cat/1.png", "val/cat/2.png", "extra/dog/3.png"], "cat:t cat:v dog:."),
        (["cat/train_1.png", "cat/test_1.png", "train/test_2.png"], "cat:t cat:t train:t"),  # by the files' names
    ],
)
def test_a_class_may_be_called_as_a_split_is(tmp_path: Path, names: list[str], expected: str) -> None:
    assert classes(tmp_path, *names) == expected


def test_where_the_spec_says_the_split_folders_are_classes(tmp_path: Path) -> None:
    splits: list[Split | None] = ["train", "train", "test"]
    assert classes(tmp_path, "train/1.png", "bus/2.png", "bus/3.png", splits=splits) == "train:t bus:t bus:t"
    assert classes(tmp_path, "train/1.png", "val/4.png", splits=["test", "test"]) == "train:t val:t"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["1.png", "2.png"], "-:. -:."),
        (["all/1.png", "all/2.png"], "-:. -:."),  # as for Hugging Face, one folder is no label
        (["photos.zip/1.png", "photos.zip/cat/2.png"], "-:. cat:."),
        (["train/1.png", "val/2.png"], "-:t -:v"),
        (["train/cat/1.png", "val/2.png"], "cat:t -:v"),
    ],
)
def test_an_image_in_no_folder_of_its_own_has_no_label(tmp_path: Path, names: list[str], expected: str) -> None:
    assert classes(tmp_path, *names) == expected


def test_one_image_by_itself_has_no_label(tmp_path: Path) -> None:
    picture_file(tmp_path / "1.png")
    (found,) = read(source(tmp_path / "1.png"), "image-folder")
    assert found == Record("1.png", "1.png", (), image=picture())


@pytest.mark.parametrize("data", [b"", b"no image", picture()[:-20], b"<svg/>", picture(form="EPS")])
def test_a_file_that_is_no_image_is_rejected(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "1.png").write_bytes(data)
    assert items(files(tmp_path, ["cat/1.png", "dog/2.png"]))[0] == Reject(
        "cat/1.png", "unreadable-image", {"file": "cat/1.png", "label": "cat"}
    )


def test_a_file_that_is_gone_or_a_pipe_is_rejected(tmp_path: Path) -> None:
    found = files(tmp_path, ["cat/1.png", "cat/2.png", "dog/3.png"])
    found[0].path.unlink()
    found[1].path.unlink()
    os.mkfifo(found[1].path)
    assert [each.reason if isinstance(each, Reject) else "" for each in items(found)] == ["no-image", "no-image", ""]


def test_a_link_that_the_source_lists_is_read(tmp_path: Path) -> None:
    picture_file(tmp_path / "blobs" / "123")  # as the hub's cache keeps files
    (tmp_path / "snapshot" / "cat").mkdir(parents=True)
    (tmp_path / "snapshot" / "cat" / "1.png").symlink_to("../../blobs/123")
    (found,) = items(files(tmp_path / "snapshot", ["cat/1.png"]))
    assert isinstance(found, Record)


def test_images_are_read_one_at_a_time(tmp_path: Path) -> None:
    found = files(tmp_path, ["cat/1.png", "dog/2.png"])
    reading = image_folder.read_all(found, Ask())
    assert isinstance(next(reading.items), Record)
    found[1].path.unlink()
    assert isinstance(next(reading.items), Reject)


@pytest.mark.parametrize(
    "asked",
    [
        {"fields": FieldsSpec(label="class")},
        {"fields": FieldsSpec(image="path")},
        {"fields": FieldsSpec(text="name")},
        {"group_by": "folder"},
        {"time": "date"},
        {"task": "token-classification"},
    ],
)
def test_files_have_no_fields(tmp_path: Path, asked: dict[str, Any]) -> None:
    with pytest.raises(DataError) as caught:
        items(files(tmp_path, ["cat/1.png", "dog/2.png"]), **asked)
    assert caught.value.code == "data/unknown-field"
    assert caught.value.where == "2 images"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_an_image_is_recognised(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"1.{form}"
    path.write_bytes(picture(form=form))
    assert detect.detect(source(path), "auto") == ("image-folder", "it is an image by its name and its first bytes")


@pytest.mark.parametrize(
    ("name", "data"), [("1.png", b"text,label\na,b\n"), ("BM.csv", b"BM,label\na,b\n"), ("x", b"")]
)
def test_what_is_no_image_is_not_recognised(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    assert image_folder.recognise(source(tmp_path / name)) is None


@STEADY
@given(
    st.lists(st.lists(st.sampled_from(["train", "test", "val", "cat", "dog", "x.zip", "é"]), max_size=4), max_size=6)
)
def test_any_folders_give_one_item_a_file(tmp_path: Path, folders: list[list[str]]) -> None:
    names = ["/".join([*folder, f"{number}.png"]) for number, folder in enumerate(folders)]
    splits = published.by_name(names)
    listed = [SourceFile(tmp_path / "gone.png", name, split) for name, split in zip(names, splits, strict=True)]
    assert [each.place for each in items(listed) if isinstance(each, Reject)] == names


def test_the_folders_of_photos_of_clothes() -> None:
    folder = shared_data.folder("clothing_small_160")
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg"))
    listed = [
        SourceFile(folder / name, name, split) for name, split in zip(names, published.by_name(names), strict=True)
    ]
    found = items(listed)
    records = [each for each in found if isinstance(each, Record)]
    assert len(records) == len(found) == 3781
    assert all(each.text.split("/")[:2] == [each.split, each.votes[0].value[0]] for each in records)  # type: ignore[index]
    assert Counter(each.split for each in records) == {"train": 3068, "validation": 341, "test": 372}
    assert len({each.votes for each in records}) == 10


# The metadata that Hugging Face datasets keeps beside images is a table.


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("metadata.csv", "file_name,label\n1.png,cat\nsub/2.png,dog\n3.png,cat\n"),
        (
            "metadata.jsonl",
            (
                '{"file_name": "1.png", "label": "cat"}\n{"file_name": "sub/2.png", "label": "dog"}\n'
                '{"file_name": "3.png", "label": "cat"}\n'
            ),
        ),
    ],
)
def test_the_metadata_of_a_hugging_face_image_folder_names_images(tmp_path: Path, name: str, text: str) -> None:
    red, blue = picture_file(tmp_path / "train" / "1.png", "red"), picture_file(tmp_path / "train/sub/2.png", "blue")
    path = tmp_path / "train" / name
    path.write_text(text)
    file = SourceFile(path, f"train/{name}", "train", Images(path.parent, top=tmp_path))
    form, _ = detect.detect(file, "auto")
    found = taken(detect.READERS[form].read(file, Ask()))
    assert [(each.text, each.image, each.votes) for each in found if isinstance(each, Record)] == [
        ("1.png", red, (Vote(("cat",)),)),
        ("sub/2.png", blue, (Vote(("dog",)),)),
    ]
    assert [each.reason for each in found if isinstance(each, Reject)] == ["no-image"]
