"""Reading CVAT's XML."""

import tracemalloc
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels import detect
from headstart.labels.formats import cvat
from headstart.labels.records import Record, Reject, Vote
from tests.support.labeled_images import opened, read, said, source
from tests.support.pictures import picture, picture_file
from tests.support.reading import Read, taken
from tests.support.steady import STEADY

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n'

# As CVAT dumps a task that has every kind of shape.
TASK = """  <meta>
    <task>
      <id>4</id>
      <name>pets</name>
      <size>3</size>
      <mode>annotation</mode>
      <overlap>0</overlap>
      <bugtracker></bugtracker>
      <created>2025-07-29 21:04:16.542816+00:00</created>
      <updated>2025-07-31 08:45:02.981134+00:00</updated>
      <subset>Train</subset>
      <start_frame>0</start_frame>
      <stop_frame>2</stop_frame>
      <frame_filter></frame_filter>
      <segments>
        <segment>
          <id>4</id>
          <start>0</start>
          <stop>1</stop>
          <url>http://localhost:8080/api/jobs/4</url>
        </segment>
        <segment>
          <id>5</id>
          <start>2</start>
          <stop>2</stop>
          <url>http://localhost:8080/api/jobs/5</url>
        </segment>
      </segments>
      <owner>
        <username>admin</username>
        <email></email>
      </owner>
      <assignee></assignee>
      <labels>
        <label>
          <name>cat</name>
          <color>#c06060</color>
          <type>any</type>
          <attributes>
            <attribute>
              <name>mood</name>
              <mutable>False</mutable>
              <input_type>select</input_type>
              <default_value>calm</default_value>
              <values>calm
angry</values>
            </attribute>
            <attribute>
              <name>blurred</name>
              <mutable>False</mutable>
              <input_type>checkbox</input_type>
              <default_value>false</default_value>
              <values>false</values>
            </attribute>
          </attributes>
        </label>
        <label>
          <name>dog &amp; owner</name>
          <color>#2080c0</color>
          <type>tag</type>
          <attributes>
          </attributes>
        </label>
        <label>
          <name>s1</name>
          <type>skeleton</type>
          <attributes>
          </attributes>
          <svg>&lt;circle r="1.5" data-label-name="1"&gt;&lt;/circle&gt;</svg>
        </label>
        <label>
          <name>1</name>
          <type>points</type>
          <attributes>
          </attributes>
          <parent>s1</parent>
        </label>
      </labels>
    </task>
    <dumped>2025-07-31 09:54:02.094247+00:00</dumped>
  </meta>
"""

SHAPES = """    <box label="cat" source="manual" occluded="0" xtl="7.33" ytl="8.92" xbr="9.52" ybr="9.94" z_order="4">
      <attribute name="mood">calm</attribute>
    </box>
    <polygon label="cat" source="semi-auto" occluded="0" points="5.30,9.23;5.30,8.77;5.72,7.63" z_order="1">
    </polygon>
    <polyline label="cat" source="manual" occluded="0" points="4.10,0.00;1.80,5.00" z_order="3">
    </polyline>
    <points label="cat" source="manual" occluded="0" points="5.90,9.48" z_order="5">
    </points>
    <cuboid label="cat" source="manual" occluded="0" xtl1="1.00" ytl1="1.00" z_order="0">
    </cuboid>
    <ellipse label="cat" source="manual" occluded="0" cx="3.00" cy="3.00" rx="1.00" ry="1.00" z_order="0">
    </ellipse>
    <mask label="cat" source="manual" occluded="0" rle="3, 5, 7" left="7" top="8" width="13" height="15" z_order="0">
    </mask>
    <skeleton label="s1" source="manual" z_order="0">
      <points label="1" source="manual" outside="0" occluded="0" points="5.47,9.81">
      </points>
      <attribute name="pose">up</attribute>
    </skeleton>
"""


def tag(label: str, **attributes: str) -> str:
    """A tag as CVAT writes it."""
    inner = "".join(f'      <attribute name="{name}">{value}</attribute>\n' for name, value in attributes.items())
    return f'    <tag label={quoteattr(label)} source="manual">\n{inner}    </tag>\n'


def image(number: int = 0, *parts: str, name: str | None = None, **more: str) -> str:
    """An image as CVAT writes it."""
    named = {"id": str(number), "name": name or f"{number}.png", **more, "width": "8", "height": "6"}
    written = " ".join(f"{key}={quoteattr(value)}" for key, value in named.items())
    return f"  <image {written}>\n{''.join(parts)}  </image>\n"


def write(folder: Path, *parts: str, meta: str = TASK, pictures: bool = True) -> Path:
    """An export with its images in images/."""
    if pictures:
        for number in range(5):
            picture_file(folder / "images" / f"{number}.png")
    path = folder / "annotations.xml"
    path.write_text(f"{HEAD}{meta}{''.join(parts)}</annotations>\n", encoding="utf-8")
    return path


def items(folder: Path, *parts: str, meta: str = TASK, **asked: Any) -> list[Read]:
    """What an export is read as."""
    return read(source(write(folder, *parts, meta=meta)), "cvat", **asked)


def only(folder: Path, *parts: str, **asked: Any) -> Record:
    (found,) = items(folder, *parts, **asked)
    assert isinstance(found, Record), found
    return found


def reject(folder: Path, *parts: str, **asked: Any) -> Reject:
    (found,) = items(folder, *parts, **asked)
    assert isinstance(found, Reject), found
    return found


# What is read.


def test_an_image_is_a_record_with_its_tags(tmp_path: Path) -> None:
    found = only(tmp_path, image(3, tag("cat"), tag("dog & owner"), tag("cat")))
    votes = (Vote(("cat", "dog & owner")),)
    assert found == Record("annotations.xml, image 3.png", "3.png", votes, image=picture())


def test_an_image_without_tags_is_one_that_nobody_labeled(tmp_path: Path) -> None:
    assert said(items(tmp_path, image(0), image(1, SHAPES), image(2, tag("cat")))) == {
        "0.png": (),
        "1.png": (),
        "2.png": (("cat",),),
    }


def test_what_is_drawn_into_an_image_is_counted(tmp_path: Path) -> None:
    path = write(tmp_path, image(0, SHAPES, tag("cat", mood="calm", blurred="false")), image(1, SHAPES))
    reading = opened(source(path), "cvat")
    assert len(taken(reading)) == 2
    shapes = ("boxes", "polygons", "polylines", "points", "cuboids", "ellipses", "masks", "skeletons")
    assert reading.aside == {**dict.fromkeys(shapes, 2), "attributes": 2}
    assert (reading.kind, reading.fields) == ("names", "image from 'name', label from its tags")


def test_the_tracks_of_a_video_are_counted(tmp_path: Path) -> None:
    track = """  <track id="0" label="cat" source="manual">
    <box frame="0" keyframe="1" outside="0" occluded="0" xtl="1.00" ytl="1.00" xbr="2.00" ybr="2.00" z_order="0">
    </box>
    <box frame="1" keyframe="1" outside="1" occluded="0" xtl="1.00" ytl="1.00" xbr="2.00" ybr="2.00" z_order="0">
    </box>
  </track>
"""
    reading = opened(source(write(tmp_path, track, track)), "cvat")
    assert taken(reading) == []
    assert reading.aside == {"tracks": 2}


def test_the_spec_names_an_attribute_of_the_tags(tmp_path: Path) -> None:
    tags = (tag("cat", mood="angry", blurred="true"), tag("cat", mood=" calm "), tag("dog & owner"))
    reading = opened(
        source(write(tmp_path, image(0, *tags, SHAPES), image(1, tag("cat", mood="")))), "cvat", label="mood"
    )
    assert said(taken(reading)) == {"0.png": (("angry", "calm"),), "1.png": ()}
    assert reading.aside["attributes"] == 1
    assert reading.fields == "image from 'name', label from the attribute 'mood' of its tags"


def test_the_spec_may_name_the_tags_themselves(tmp_path: Path) -> None:
    assert only(tmp_path, image(0, tag("cat")), label="tag", image="name").votes == (Vote(("cat",)),)


def test_the_exports_of_a_project_have_subsets_and_tasks(tmp_path: Path) -> None:
    meta = TASK.replace("<task>", "<project>").replace("</task>", "</project>")
    colors = {"Train": "red", "Validation": "green", "test": "blue", "default": "gray"}
    for subset, color in colors.items():
        picture_file(tmp_path / "images" / subset / "cats" / "0.png", color)
    images = [
        image(0, tag("cat"), name="cats/0.png", subset=subset, task_id=str(task))
        for task, subset in enumerate(colors, start=7)
    ]
    found = items(tmp_path, *images, meta=meta, group_by="task_id")
    assert [
        (each.place, each.split, each.group, each.image == picture(color))
        for each, color in zip(found, colors.values(), strict=True)
        if isinstance(each, Record)
    ] == [
        ("annotations.xml, image cats/0.png of task 7", "train", "7", True),
        ("annotations.xml, image cats/0.png of task 8", "validation", "8", True),
        ("annotations.xml, image cats/0.png of task 9", "test", "9", True),
        ("annotations.xml, image cats/0.png of task 10", None, "10", True),
    ]


def test_the_split_that_the_spec_says_counts_more_than_the_subset(tmp_path: Path) -> None:
    path = write(tmp_path, image(0, tag("cat"), subset="Train"))
    (found,) = read(source(path, split="test"), "cvat")
    assert isinstance(found, Record)
    assert found.split == "test"


@pytest.mark.parametrize("lies", ["images/frame_000007.PNG", "images/frame_000007.png", "frame_000007.PNG"])
def test_a_frame_of_a_video_has_no_ending(tmp_path: Path, lies: str) -> None:
    data = picture_file(tmp_path / lies, "blue")
    found = only(tmp_path, image(7, tag("cat"), name="frame_000007"))
    assert (found.text, found.image) == ("frame_000007", data)


@pytest.mark.parametrize("lies", ["images/a b/ü.png", "a b/ü.png", "images/Train/a b/ü.png"])
def test_images_lie_in_their_folder_or_at_the_root(tmp_path: Path, lies: str) -> None:
    data = picture_file(tmp_path / lies, "blue")
    assert only(tmp_path, image(0, tag("cat"), name="a b/ü.png")).image == data


def test_a_file_without_meta_is_read_all_the_same(tmp_path: Path) -> None:
    assert only(tmp_path, image(0, tag("bird")), meta="").votes == (Vote(("bird",)),)


def test_tags_of_old_exports_have_no_source(tmp_path: Path) -> None:
    assert only(tmp_path, image(0, '    <tag label="cat" group_id="1"/>\n')).votes == (Vote(("cat",)),)


def test_the_time_may_be_the_number_of_the_frame(tmp_path: Path) -> None:
    assert only(tmp_path, image(3, tag("cat")), time="id").time == 3.0


def test_thousands_of_images_keep_what_is_theirs(tmp_path: Path) -> None:
    labels = ("cat", "dog & owner")
    written = [
        image(n % 5, SHAPES * (n % 3), tag(labels[n % 2], mood="calm"), name=f"{n % 5}.png") for n in range(3000)
    ]
    found = items(tmp_path, *written)
    assert [each.votes for each in found if isinstance(each, Record)] == [
        (Vote((labels[n % 2],)),) for n in range(3000)
    ]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    picture_file(tmp_path / "0.png")
    boxes = SHAPES * 20

    def most(count: int) -> int:
        path = write(tmp_path, *[image(0, boxes, tag("cat", mood="calm"))] * count, pictures=False)
        tracemalloc.start()
        for _ in opened(source(path), "cvat").items:
            pass
        _, found = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return found

    assert most(150) < 1.2 * most(50)


def test_memory_does_not_grow_with_what_is_drawn_into_an_image(tmp_path: Path) -> None:
    picture_file(tmp_path / "0.png")

    def most(count: int) -> int:
        track = f'<track id="0" label="cat">{SHAPES * count}</track>'
        path = write(tmp_path, image(0, SHAPES * count), track, pictures=False)
        tracemalloc.start()
        for _ in opened(source(path), "cvat").items:
            pass
        _, found = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return found

    assert most(1500) < 1.2 * most(500)


# What is wrong with an image.


def test_an_image_that_is_not_there_is_rejected(tmp_path: Path) -> None:
    found = reject(tmp_path, image(9, tag("cat", mood="calm"), SHAPES))
    content = {"id": "9", "name": "9.png", "width": "8", "height": "6"}
    tags = [{"label": "cat", "source": "manual", "mood": "calm"}]
    assert found == Reject("annotations.xml, image 9.png", "no-image", {**content, "tags": tags})


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "file:///etc/passwd", "..\\secret.png"])
def test_an_image_outside_the_export_is_rejected(tmp_path: Path, name: str) -> None:
    picture_file(tmp_path / "secret.png")
    (tmp_path / "export").mkdir()
    assert reject(tmp_path / "export", image(0, name=name)).reason == "no-image"


@pytest.mark.parametrize("subset", ["..", "../..", "/etc", "../../secret"])
def test_a_subset_leads_nowhere_else(tmp_path: Path, subset: str) -> None:
    picture_file(tmp_path / "secret" / "9.png")
    (tmp_path / "export").mkdir()
    assert reject(tmp_path / "export", image(9, subset=subset)).reason == "no-image"


def test_an_image_that_is_damaged_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no image")
    assert reject(tmp_path, image(0, name="bad.png")).reason == "unreadable-image"


def test_an_image_without_a_name_is_rejected(tmp_path: Path) -> None:
    for nameless in ('  <image id="0">\n  </image>\n', image(0, name=" ")):
        found = reject(tmp_path, nameless)
        assert (found.place, found.reason) == ("annotations.xml, image number 1", "no-image")


@pytest.mark.parametrize("bad", ['<tag source="manual"></tag>', '<tag label=""/>', '<tag label=" "/>'])
def test_a_tag_without_a_label_makes_the_image_s_labels_unknown(tmp_path: Path, bad: str) -> None:
    assert reject(tmp_path, image(0, tag("cat"), bad)).reason == "bad-label"


def test_a_tag_that_the_task_does_not_know_makes_the_image_s_labels_unknown(tmp_path: Path) -> None:
    assert reject(tmp_path, image(0, tag("cat"), tag("bird"))).reason == "unknown-label"


def test_an_image_without_a_time_is_rejected(tmp_path: Path) -> None:
    assert reject(tmp_path, image(0, tag("cat")), time="name").reason == "bad-time"


# What is wrong with the file.


@pytest.mark.parametrize(
    "text",
    ["", "no xml", "<annotations>", f"{HEAD}{image(0)}", f"{HEAD}<image></annotations>", f"{HEAD}\0</annotations>"],
    ids=["empty", "text", "cut", "cut later", "crossed", "a null byte"],
)
def test_what_is_no_xml_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "annotations.xml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="not XML") as caught:
        read(source(tmp_path / "annotations.xml"), "cvat")
    assert caught.value.code == "data/unreadable"
    assert caught.value.where.startswith("annotations.xml, line ")


def test_images_that_come_before_the_damage_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, image(0, tag("cat")), image(1), "<image")
    reading = opened(source(path), "cvat")
    assert isinstance(next(reading.items), Record)
    assert isinstance(next(reading.items), Record)
    with pytest.raises(DataError, match="not XML"):
        next(reading.items)


def test_other_xml_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "voc.xml").write_text("<annotation><object><name>cat</name></object></annotation>")
    with pytest.raises(DataError, match="outermost element is not <annotations>"):
        read(source(tmp_path / "voc.xml"), "cvat")


LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "kind",
    [
        LAUGHS,
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a SYSTEM "http://localhost:1/a.dtd">',
        '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://localhost:1/a.dtd"> %p;]>',
        "<!DOCTYPE a>",
    ],
    ids=["laughs", "file", "web", "parameter", "plain"],
)
def test_a_document_type_is_refused(tmp_path: Path, kind: str) -> None:
    text = f'<?xml version="1.0"?>\n{kind}\n<annotations><version>1.1</version></annotations>'
    (tmp_path / "annotations.xml").write_text(text)
    with pytest.raises(DataError, match="document type") as caught:
        read(source(tmp_path / "annotations.xml"), "cvat")
    assert caught.value.code == "data/unreadable"


def test_an_entity_that_nobody_declared_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="undefined entity"):
        items(tmp_path, "<image id='0' name='&secret;'/>")


@pytest.mark.parametrize("encoding", ["ebcdic-nonsense", "utf-7", "base64", "shift_jis"])
def test_an_encoding_that_is_not_read_is_an_error(tmp_path: Path, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><annotations><version>1.1</version></annotations>'
    (tmp_path / "annotations.xml").write_text(text)
    with pytest.raises(DataError) as caught:
        read(source(tmp_path / "annotations.xml"), "cvat")
    assert caught.value.code == "data/unreadable"


def test_what_is_nested_too_deeply_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nested too deeply"):
        items(tmp_path, "<a>" * 100_000)


def test_a_second_root_s_worth_of_other_elements_is_counted(tmp_path: Path) -> None:
    reading = opened(source(write(tmp_path, "<issue/>", image(0, "<comment>hm</comment>"))), "cvat")
    assert len(taken(reading)) == 1
    assert reading.aside == {"other elements": 2}


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        ({"image": "path"}, "'name', 'id', 'width', 'height'"),
        ({"label": "breed"}, "'tag', 'blurred', 'mood'"),
        ({"group_by": "task_id"}, "'id', 'name', 'width', 'height'"),
        ({"time": "created"}, "'id', 'name', 'width', 'height'"),
        ({"text": "name"}, "no other field"),
        ({"task": "token-classification"}, "image-classification"),
        ({"task": "regression"}, "image-classification"),
    ],
)
def test_what_is_asked_for_and_is_not_there_is_an_error(tmp_path: Path, asked: dict[str, Any], there: str) -> None:
    with pytest.raises(DataError, match=there) as caught:
        items(tmp_path, image(0, tag("cat")), **asked)
    assert caught.value.code == "data/unknown-field"


# How it is recognised.


@pytest.mark.parametrize(
    "head", [HEAD, HEAD.replace("<ann", "<!-- mine -->\n<ann"), "<annotations>", " <annotations >"]
)
@pytest.mark.parametrize("meta", [TASK, ""])
def test_it_is_recognised_by_its_root(tmp_path: Path, head: str, meta: str) -> None:
    path = tmp_path / "anything"
    for start in ("", "\ufeff"):
        path.write_text(f"{start}{head}{meta}{image()}</annotations>", encoding="utf-8")
        found = detect.detect(source(path), "auto")
        assert found == ("cvat", "it is XML of annotations as CVAT writes it")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<annotations>",
        "<annotation><filename>1.png</filename><object><name>cat</name></object></annotation>",
        "<root><item name='x'><annotation name='y'/></item></root>",
        "<annotations><item/></annotations>",
        "<annotationset><image id='1'/></annotationset>",
        "text,label\n<annotations><meta>,a\n",
    ],
)
def test_other_xml_is_not_recognised(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.xml").write_text(text)
    assert cvat.recognise(source(tmp_path / "x.xml")) is None


# Whatever comes.

_names = st.sampled_from(["0.png", "1.png", "gone.png", "", "../x"])
_parts = st.lists(
    st.sampled_from(
        [tag("cat"), tag("dog & owner", mood="calm"), tag("bird"), "<tag/>", SHAPES, "text", "<x><tag/></x>"]
    ),
    max_size=4,
)


@STEADY
@given(st.lists(st.tuples(_names, _parts), max_size=4), st.sampled_from([{}, {"label": "mood"}, {"time": "id"}]))
def test_every_image_gives_one_item(tmp_path: Path, images: list[tuple[str, list[str]]], asked: dict[str, str]) -> None:
    written = [image(number, *parts, name=name or " ") for number, (name, parts) in enumerate(images)]
    try:
        found = items(tmp_path, *written, **asked)
    except HeadstartError:
        assert asked
        assert not images
        return
    assert len(found) == len(images)


@STEADY
@given(st.binary(max_size=40), st.integers(0, 5000), st.booleans())
def test_damaged_files_give_nothing_but_records_and_errors(tmp_path: Path, junk: bytes, at: int, cut: bool) -> None:
    path = write(tmp_path, image(0, tag("cat"), SHAPES), image(1, tag("cat", mood="calm")))
    data = path.read_bytes()
    path.write_bytes(data[:at] + junk + (b"" if cut else data[at + len(junk) :]))
    cvat.recognise(source(path))
    try:
        read(source(path), "cvat")
    except HeadstartError:
        return


@STEADY
@given(st.text("<>/&;'\"= annotationsimagetag01.\n", max_size=120))
def test_anything_that_looks_like_xml_gives_nothing_but_records_and_errors(tmp_path: Path, text: str) -> None:
    path = tmp_path / "annotations.xml"
    path.write_text(f"<annotations>{text}</annotations>")
    try:
        read(source(path), "cvat")
    except HeadstartError:
        return
