"""Reading COCO for what images show."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels import detect
from headstart.labels.formats import coco
from headstart.labels.records import Record, Reject, Vote
from tests.support.labeled_images import opened, read, said, source
from tests.support.pictures import picture, picture_file
from tests.support.reading import Read, taken
from tests.support.steady import STEADY

CATEGORIES = [{"id": 1, "name": "cat", "supercategory": "animal"}, {"id": 2, "name": "dog", "supercategory": "animal"}]


def image(number: Any = 1, name: Any = None, **more: Any) -> dict[str, Any]:
    """An image as COCO has it."""
    return {"id": number, "file_name": name or f"{number}.png", "width": 8, "height": 6} | more


def box(of: Any = 1, category: Any = 1, **more: Any) -> dict[str, Any]:
    """An annotation of a box."""
    found = {"id": 1, "image_id": of, "category_id": category, "bbox": [1, 1, 2, 2], "area": 4, "iscrowd": 0}
    return found | {"segmentation": []} | more


def write(path: Path, images: list[Any], annotations: Any = (), categories: Any = CATEGORIES) -> Path:
    """An export, and an image for each entry that names a plain one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for each in images:
        name = each.get("file_name") if isinstance(each, dict) else None
        if isinstance(name, str) and re.fullmatch(r"[\w.]+\.png", name):
            picture_file(path.parent / name)
    document = {"info": {"year": 2026}, "licenses": [], "images": images, "annotations": annotations}
    path.write_text(json.dumps({**document, "categories": categories}, default=list), encoding="utf-8")
    return path


def items(folder: Path, *parts: Any, **asked: Any) -> list[Read]:
    """What an export is read as."""
    return read(source(write(folder / "export.json", *parts)), "coco", **asked)


def only(folder: Path, *parts: Any, **asked: Any) -> Record:
    (found,) = items(folder, *parts, **asked)
    assert isinstance(found, Record), found
    return found


def reject(folder: Path, *parts: Any, **asked: Any) -> Reject:
    found = items(folder, *parts, **asked)[0]
    assert isinstance(found, Reject), found
    return found


# What is read.


def test_an_image_is_a_record_with_the_categories_of_its_annotations(tmp_path: Path) -> None:
    found = only(tmp_path, [image(7)], [box(7, 2), box(7, 1), box(7, 2)])
    votes = (Vote(("dog", "cat")),)
    assert found == Record("export.json, image 7", "7.png", votes, image=picture())


def test_an_image_without_annotations_is_one_that_nobody_labeled(tmp_path: Path) -> None:
    assert only(tmp_path, [image()]).votes == ()


def test_where_in_the_image_it_is_is_left_aside(tmp_path: Path) -> None:
    annotations = [
        box(segmentation=[[0, 0, 1, 1, 1, 0]]),
        box(iscrowd=1, segmentation={"counts": [4], "size": [2, 2]}, bbox=None),
        box(keypoints=[1, 1, 2], num_keypoints=1),
    ]
    reading = opened(source(write(tmp_path / "export.json", [image()], annotations)), "coco")
    assert [record.votes for record in reading.items] == [(Vote(("cat",)),)]
    assert reading.aside == {"boxes": 2, "segmentations": 2, "crowds": 1, "keypoints": 1}
    assert (reading.kind, reading.fields) == ("names", "image from 'file_name', label from 'name' of its categories")


def test_annotations_may_be_categories_alone(tmp_path: Path) -> None:
    labels = {"id": 1, "image_id": 1, "category_id": 2}  # Datumaro's labels_train.json
    assert only(tmp_path, [image()], [labels]).votes == (Vote(("dog",)),)


def test_the_segments_of_a_panoptic_annotation_have_categories(tmp_path: Path) -> None:
    segments = [{"id": 7, "category_id": 1, "area": 20}, {"id": 8, "category_id": 2, "area": 3}]
    panoptic = {"image_id": 1, "file_name": "1_panoptic.png", "segments_info": segments}
    assert only(tmp_path, [image()], [panoptic]).votes == (Vote(("cat", "dog")),)


def test_captions_are_no_categories(tmp_path: Path) -> None:
    caption = {"id": 1, "image_id": 1, "category_id": 0, "caption": "a cat"}
    reading = opened(source(write(tmp_path / "export.json", [image()], [caption], [])), "coco")
    assert [record.votes for record in reading.items] == [()]
    assert reading.aside == {"captions": 1}


def test_categories_may_count_from_zero(tmp_path: Path) -> None:
    categories = [{"id": 0, "name": "cat"}, {"id": 1, "name": "dog"}]
    found = items(tmp_path, [image(0), image(1)], [box(0, 0), box(1, 1)], categories)
    assert said(found) == {"0.png": (("cat",),), "1.png": (("dog",),)}


@pytest.mark.parametrize("ids", [("1", 1), (1, "1"), (1.0, 1), (1, 1.0), ("a", "a"), (2**70, 2**70)])
def test_ids_may_be_numbers_or_texts(tmp_path: Path, ids: tuple[Any, Any]) -> None:
    one, other = ids
    annotation = box(other, other)
    assert only(tmp_path, [image(one, "1.png")], [annotation], [{"id": one, "name": "cat"}]).votes == (Vote(("cat",)),)


def test_annotators_that_are_named_vote_for_themselves(tmp_path: Path) -> None:
    annotations = [box(category=1, annotator="ann"), box(category=2, annotator="bob"), box(category=2, annotator="ann")]
    assert only(tmp_path, [image()], annotations).votes == (Vote(("cat", "dog"), "ann"), Vote(("dog",), "bob"))


def test_roboflow_lists_a_category_for_all_the_others(tmp_path: Path) -> None:
    categories = [
        {"id": 0, "name": "pets", "supercategory": "none"},
        {"id": 1, "name": "cat", "supercategory": "pets"},
    ]
    photo = image(0, "1_jpg.rf.0123abcd.png", license=1, date_captured="2026-01-02T03:04:05+00:00", extra={"name": "1"})
    path = write(tmp_path / "train" / "_annotations.coco.json", [photo], [box(0)], categories)
    found = read(source(path, split="train"), "coco", time="date_captured")
    assert [(each.text, each.votes, each.split, each.time) for each in found if isinstance(each, Record)] == [
        ("1_jpg.rf.0123abcd.png", (Vote(("cat",)),), "train", 1767323045.0)
    ]


def test_label_studio_names_images_as_windows_does(tmp_path: Path) -> None:
    data = picture_file(tmp_path / "images" / "0a1b2c3d-cat.png", "blue")
    document = write(tmp_path / "result.json", [image(0, "images\\0a1b2c3d-cat.png")], [box(0, ignore=0)])
    (found,) = read(source(document), "coco")
    assert isinstance(found, Record)
    assert found.image == data


@pytest.mark.parametrize(
    ("file", "lies"),
    [
        ("annotations/instances_train2017.json", "train2017/a.png"),
        ("annotations/instances_train2017.json", "images/train2017/a.png"),
        ("annotations/person_keypoints_default.json", "images/default/a.png"),
        ("annotations/labels_my_subset.json", "images/my_subset/a.png"),
        ("annotations/instances.json", "images/a.png"),
        ("labels.json", "data/a.png"),
        ("result.json", "images/a.png"),
        ("train/_annotations.coco.json", "train/a.png"),
        ("train.json", "a.png"),
    ],
)
def test_images_are_found_where_the_tools_lay_them(tmp_path: Path, file: str, lies: str) -> None:
    data = picture_file(tmp_path / lies, "blue")
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"images": [image(1, "a.png")], "annotations": [box()], "categories": CATEGORIES}))
    (found,) = read(source(path, top=tmp_path), "coco")
    assert isinstance(found, Record)
    assert (found.text, found.image) == ("a.png", data)


@pytest.mark.parametrize(
    "name",
    [
        "..\\..\\label-studio\\label-studio\\media\\upload\\4\\cb0618f6-a cat.png",
        "images\\4/cb0618f6-a cat.png",
        "images/4/cb0618f6-a cat.png",
        "/home/ann/images/cb0618f6-a cat.png",
        "C:\\Users\\ann\\cb0618f6-a cat.png",
        "/data/upload/4/cb0618f6-a cat.png",
    ],
)
def test_label_studio_exports_images_beside_and_says_where_they_were(tmp_path: Path, name: str) -> None:
    data = picture_file(tmp_path / "images" / "cb0618f6-a cat.png", "blue")
    assert only(tmp_path, [image(name=name)], [box()]).image == data


@pytest.mark.parametrize("name", ["/home/ann/1.png", "..\\x\\1.png"])
def test_an_image_from_elsewhere_is_not_guessed_where_another_one_is_called_so(tmp_path: Path, name: str) -> None:
    picture_file(tmp_path / "images" / "1.png", "blue")
    found = items(tmp_path, [image(1, name), image(2, "b/1.png")], [box(1), box(2)])
    assert said(found) == {"export.json, image 1": "no-image", "export.json, image 2": "no-image"}


def test_the_folder_of_a_relative_path_counts(tmp_path: Path) -> None:
    picture_file(tmp_path / "images" / "1.png", "blue")
    assert reject(tmp_path, [image(name="b/1.png")], [box()]).reason == "no-image"


def test_the_spec_names_another_field_for_the_image(tmp_path: Path) -> None:
    data = picture_file(tmp_path / "small" / "1.png", "blue")
    found = only(tmp_path, [image(thumbnail="small/1.png")], [box()], image="thumbnail")
    assert (found.text, found.image) == ("small/1.png", data)


def test_the_spec_names_another_field_for_the_label(tmp_path: Path) -> None:
    assert only(tmp_path, [image()], [box(1, 1), box(1, 2)], label="supercategory").votes == (Vote(("animal",)),)


def test_group_and_time_are_fields_of_the_image(tmp_path: Path) -> None:
    found = only(tmp_path, [image(video=5, taken="2013-11-14 17:02:52")], [box()], group_by="video", time="taken")
    assert (found.group, found.time) == ("5", 1384448572.0)


# What is wrong with an image.


def test_an_image_that_is_not_there_is_rejected(tmp_path: Path) -> None:
    entry = image(name="gone.jpg")
    found = reject(tmp_path, [entry])
    assert found == Reject("export.json, image 1", "no-image", entry)


def test_an_image_that_is_damaged_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"no image")
    assert reject(tmp_path, [image(name="bad.jpg")]).reason == "unreadable-image"


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "file:///etc/passwd", "images/../../secret.png"])
def test_an_image_outside_the_export_is_rejected(tmp_path: Path, name: str) -> None:
    picture_file(tmp_path / "secret.png")
    path = tmp_path / "export" / "export.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"images": [image(1, name)], "annotations": [], "categories": []}))
    assert [each.reason for each in read(source(path), "coco") if isinstance(each, Reject)] == ["no-image"]


@pytest.mark.parametrize("name", [" ", 3, ["a.png"], True])
def test_an_image_without_a_name_is_rejected(tmp_path: Path, name: Any) -> None:
    assert reject(tmp_path, [image(name=name)]).reason == "no-image"


@pytest.mark.parametrize("category", [3, "3", None, [1], {"id": 1}, True, 1.5, float("nan")])
def test_an_annotation_of_an_unknown_category_makes_the_image_s_labels_unknown(tmp_path: Path, category: Any) -> None:
    found = reject(tmp_path, [image()], [box(category=1), box(category=category)])
    assert found.reason == "unknown-label"
    assert len(found.content["annotations"]) == 1


@pytest.mark.parametrize("broken", [{"id": 3}, {"id": 3, "name": " "}, {"id": 3, "name": None}, {"name": "x"}, 3, None])
def test_a_category_without_a_name_is_none(tmp_path: Path, broken: Any) -> None:
    assert reject(tmp_path, [image()], [box(category=3)], [*CATEGORIES, broken]).reason == "unknown-label"


def test_images_of_one_id_and_several_names_are_all_rejected(tmp_path: Path) -> None:
    found = items(tmp_path, [image(1, "a.png"), image(2), image("1", "b.png")], [box(1), box(2)])
    assert [(each.place, each.reason) for each in found if isinstance(each, Reject)] == [
        ("export.json, image 1", "bad-id"),
        ("export.json, image 1", "bad-id"),
    ]
    assert len(found) == 3


def test_an_image_that_is_listed_twice_counts_once(tmp_path: Path) -> None:
    found = items(tmp_path, [image(1), image(1)], [box(1)])
    assert isinstance(found[0], Record)
    assert isinstance(found[1], Reject)
    assert found[1].reason == "bad-id"


@pytest.mark.parametrize("number", [None, "", [1], {}, True, 1.5])
def test_an_image_without_an_id_is_rejected(tmp_path: Path, number: Any) -> None:
    found = reject(tmp_path, [image(number, "a.png")], [box()])
    assert (found.place, found.reason) == ("export.json, image number 1", "bad-id")


def test_an_entry_that_is_no_object_is_rejected(tmp_path: Path) -> None:
    found = items(tmp_path, [image(), "2.png", None], [box()])
    assert [(each.place, each.reason) for each in found if isinstance(each, Reject)] == [
        ("export.json, image number 2", "not-an-object"),
        ("export.json, image number 3", "not-an-object"),
    ]


def test_annotations_that_are_of_no_image_are_counted(tmp_path: Path) -> None:
    annotations = [box(1), box(2), box(None), box([1]), {"category_id": 1}, "cat", None, 3]
    reading = opened(source(write(tmp_path / "export.json", [image()], annotations)), "coco")
    assert len(taken(reading)) == 1
    assert reading.aside == {"boxes": 1, "annotations of unknown images": 4, "damaged annotations": 3}


def test_half_a_character_is_rejected(tmp_path: Path) -> None:
    found = [
        reject(tmp_path, [image(name="\ud800.jpg")]),
        reject(tmp_path, [image()], [box()], [{"id": 1, "name": "\udfff"}]),
        reject(tmp_path, [image(video="\ud800")], group_by="video"),
        reject(tmp_path, [image()], [box(annotator="\ud800")]),
    ]
    assert [each.reason for each in found] == ["broken-unicode"] * 4
    assert reject(tmp_path, [image("\ud800", "gone.jpg")]).place == "export.json, image \\ud800"


def test_an_image_without_a_time_is_rejected(tmp_path: Path) -> None:
    assert reject(tmp_path, [image(taken="yesterday")], [box()], time="taken").reason == "bad-time"


# What is wrong with the file.


@pytest.mark.parametrize("key", ["images", "annotations", "categories"])
@pytest.mark.parametrize("value", [None, {}, "a", 3])
def test_a_part_that_is_no_list_is_an_error(tmp_path: Path, key: str, value: Any) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"images": [], "annotations": [], "categories": [], key: value}))
    with pytest.raises(DataError, match=f"no list of {key}") as caught:
        opened(source(path), "coco")
    assert caught.value.code == "data/unreadable"


def test_two_categories_of_one_id_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="category 1 is both 'cat' and 'bird'") as caught:
        items(tmp_path, [image()], [box()], [*CATEGORIES, {"id": "1", "name": "bird"}])
    assert caught.value.code == "data/unreadable"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "3", "[" * 100_000, '{"images": [' + "1" * 5000 + "]}", '{"images": [1,]}', "\ufeff{}"],
    ids=["empty", "cut", "a list", "a number", "deep", "long number", "comma", "byte-order mark"],
)
def test_what_is_no_coco_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "export.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        opened(source(tmp_path / "export.json"), "coco")
    assert caught.value.code == "data/unreadable"
    assert caught.value.where.startswith("export.json")


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ({"image": "path"}, "'file_name', 'id', 'width', 'height'"),
        ({"label": "colour"}, "'name', 'supercategory'"),
        ({"group_by": "video"}, "'id', 'file_name', 'width', 'height'"),
        ({"time": "taken"}, "'id', 'file_name', 'width', 'height'"),
        ({"text": "caption"}, "no other field"),
        ({"pair": "caption"}, "no other field"),
        ({"task": "token-classification"}, "image-classification"),
        ({"task": "regression"}, "image-classification"),
    ],
)
def test_what_is_asked_for_and_is_not_there_is_an_error(tmp_path: Path, asked: dict[str, Any], there: str) -> None:
    with pytest.raises(DataError, match=there) as caught:
        items(tmp_path, [image()], [box()], **asked)
    assert caught.value.code == "data/unknown-field"


def test_an_export_without_images_has_no_records(tmp_path: Path) -> None:
    assert items(tmp_path, [], []) == []


# How it is recognised.


@pytest.mark.parametrize("order", [("images", "annotations", "categories"), ("categories", "annotations", "images")])
@pytest.mark.parametrize("indent", [None, 2])
def test_it_is_recognised_wherever_its_parts_stand(tmp_path: Path, order: tuple[str, ...], indent: int | None) -> None:
    parts: dict[str, Any] = {"images": [image()] * 3000, "annotations": [box()] * 3000, "categories": CATEGORIES}
    path = tmp_path / "x"
    for extra in ({}, {"info": {"description": "mine"}, "licenses": []}):
        path.write_text(json.dumps({**extra, **{key: parts[key] for key in order}}, indent=indent))
        form, why = detect.detect(source(path), "auto")
        assert (form, why) == ("coco", "it is a JSON object with images, annotations and categories")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"images": []}',
        '[{"images": [], "annotations": [], "categories": []}]',
        '{"info": {}, "categories": {"label": {}}, "items": [{"id": "1", "annotations": []}]}',
        '{"text": "the images, annotations and categories", "label": "a"}',
        '{"images": "1.png", "annotations": "cat", "categories": 2}',
        '[{"id": 1, "data": {"image": "1.png"}, "annotations": []}]',
        '{"image_id": 1, "category_id": 2, "score": 0.5}',
    ],
)
def test_other_json_is_not_recognised(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    assert coco.recognise(source(tmp_path / "x.json")) is None


# Whatever comes.

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def _maybe(shape: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The right shape most of the time, anything else now and then."""
    return shape | shape | shape | _json


_ids = _maybe(st.sampled_from([1, 2, "1", 1.0, None]))
_images = st.lists(
    _maybe(st.fixed_dictionaries({"id": _ids, "file_name": _maybe(st.just("1.png"))}, optional={"day": _json})),
    max_size=4,
)
_annotations = st.lists(
    _maybe(
        st.fixed_dictionaries(
            {"image_id": _ids, "category_id": _ids},
            optional={"segments_info": _json, "caption": _json, "annotator": _json, "bbox": _json},
        )
    ),
    max_size=4,
)
_categories = st.lists(_maybe(st.fixed_dictionaries({"id": _ids, "name": _maybe(st.just("cat"))})), max_size=3)


@STEADY
@given(
    _images,
    _maybe(_annotations),
    _maybe(_categories),
    st.sampled_from([{}, {"group_by": "day"}, {"time": "day"}, {"label": "id"}, {"image": "day"}]),
)
def test_any_json_of_this_shape_gives_one_item_an_image(
    tmp_path: Path, images: list[Any], annotations: Any, categories: Any, asked: dict[str, str]
) -> None:
    picture_file(tmp_path / "1.png")
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    try:
        found = read(source(path), "coco", **asked)
    except HeadstartError:
        return
    assert len(found) == len(images)


@STEADY
@given(st.binary(max_size=60), st.integers(0, 400), st.booleans())
def test_damaged_files_give_nothing_but_records_and_errors(tmp_path: Path, junk: bytes, at: int, cut: bool) -> None:
    path = write(tmp_path / "export.json", [image()], [box()])
    data = path.read_bytes()
    path.write_bytes(data[:at] + junk + (b"" if cut else data[at + len(junk) :]))
    coco.recognise(source(path))
    try:
        read(source(path), "coco")
    except HeadstartError:
        return
