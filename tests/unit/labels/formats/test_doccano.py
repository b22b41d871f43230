"""Reading doccano's exports, in the shapes that its exporters wrote from 2018 to version 1.8."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError
from headstart.labels import detect
from headstart.labels.formats import doccano
from headstart.labels.records import Ask, Record, Reject, Span, Vote
from headstart.labels.sources.files import SourceFile
from headstart.spec import FieldsSpec
from tests.support import reading
from tests.support.reading import Read, list_file, records, said
from tests.support.steady import ANYTHING, STEADY, damaged, mostly, one_of

EU = "EU rejects German call"
NAMES = {"id": 1, "text": "Great price.", "label": ["positive"], "Comments": []}
SPANS = {"id": 1, "text": EU, "label": [[0, 2, "ORG"], [11, 17, "MISC"]], "Comments": []}
ENTITIES = {
    "id": 1,
    "text": EU,
    "entities": [{"id": 7, "label": "ORG", "start_offset": 0, "end_offset": 2}],
    "relations": [{"id": 1, "from_id": 7, "to_id": 8, "type": "of"}],
    "Comments": [{"id": 3, "comment": "sure?"}],
}
INTENT = {"id": 1, "text": EU, "cats": ["news"], "entities": [[0, 2, "ORG"]], "Comments": []}
OLD = {  # versions 1.0 to 1.2
    "id": 1,
    "text": EU,
    "annotations": [
        {"label": 2, "start_offset": 0, "end_offset": 2, "user": 1, "manual": False},
        {"label": 3, "start_offset": 11, "end_offset": 17, "user": 4, "manual": False},
    ],
    "meta": {"customer": "c"},
    "annotation_approver": None,
}
OLD_TEXT_LABELS = {"id": 1, "text": EU, "meta": {}, "annotation_approver": None, "labels": [[0, 2, "ORG"]]}
FIRST = {"doc_id": 4, "text": EU, "labels": ["news"], "username": "admin", "metadata": {"customer": "c"}}


def _read(folder: Path, *entries: object, **asked: Any) -> list[Read]:
    return reading.read(reading.lines_file(folder / "all.jsonl", entries), form="doccano", **asked)


def _votes(folder: Path, *entries: object, **asked: Any) -> list[tuple[Vote, ...]]:
    return [record.votes for record in records(_read(folder, *entries, **asked))]


def _csv(path: Path, header: Sequence[str], *rows: Sequence[object]) -> Path:
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("entry", "votes"),
    [
        (NAMES, [Vote(("positive",))]),
        ({"id": 1, "data": "Great price.", "label": ["positive", "short"]}, [Vote(("positive", "short"))]),
        (SPANS, [Vote((Span(0, 2, "ORG"), Span(11, 17, "MISC")))]),
        (ENTITIES, [Vote((Span(0, 2, "ORG"),))]),
        (OLD_TEXT_LABELS, [Vote((Span(0, 2, "ORG"),))]),
        (FIRST, [Vote(("news",), "admin")]),
        (FIRST | {"labels": [], "entities": [[0, 2, "ORG"]]}, [Vote((Span(0, 2, "ORG"),), "admin")]),
    ],
    ids=["1.8 names", "1.3 names", "1.8 spans", "relations", "1.0 text labels", "2018 names", "2018 spans"],
)
def test_labels_are_read_from_the_exports_of_every_version(
    tmp_path: Path, entry: dict[str, Any], votes: list[Vote]
) -> None:
    (record,) = records(reading.read(reading.lines_file(tmp_path / "all.jsonl", [entry])))
    assert record.text == entry.get("text", entry.get("data"))
    assert list(record.votes) == votes


def test_annotations_of_the_first_versions_are_a_vote_of_each_user(tmp_path: Path) -> None:
    assert _votes(tmp_path, OLD) == [(Vote((Span(0, 2, "2"),), "1"), Vote((Span(11, 17, "3"),), "4"))]


def test_labels_that_are_only_numbers_are_called_by_them(tmp_path: Path) -> None:
    both = [{"label": 2, "user": 1}, {"label": 5, "user": 1}, {"label": 2, "user": 3}]
    entry = OLD | {"annotations": both}
    assert _votes(tmp_path, entry) == [(Vote(("2", "5"), "1"), Vote(("2",), "3"))]


def test_a_list_and_lines_are_read_alike(tmp_path: Path) -> None:
    entries = [NAMES, NAMES | {"id": 2, "text": "bye", "label": []}]
    assert said(reading.read(list_file(tmp_path / "all.json", entries))) == said(_read(tmp_path, *entries))


def test_what_is_read_is_said(tmp_path: Path) -> None:
    path = reading.lines_file(tmp_path / "all.jsonl", [INTENT])
    found = reading.opened(path, label="entities")
    assert (found.fields, found.kind) == ("text from 'text', spans from 'entities'", "spans")


# Who said it


def _member(folder: Path, name: str, *entries: object) -> list[tuple[Vote, ...]]:
    path = reading.lines_file(folder / "member.jsonl", entries)
    return [record.votes for record in records(reading.read(path, name=name))]


def test_a_member_of_doccanos_archive_holds_the_labels_of_the_annotator_it_is_called_after(tmp_path: Path) -> None:
    assert _member(tmp_path, "export.zip/anna.b.jsonl", NAMES) == [(Vote(("positive",), "anna.b"),)]


@pytest.mark.parametrize("name", ["export.zip/all.jsonl", "export.zip/unknown.jsonl", "anna.jsonl", "x/anna.jsonl"])
def test_elsewhere_nobody_knows_whose_labels_they_are(tmp_path: Path, name: str) -> None:
    assert _member(tmp_path, name, NAMES) == [(Vote(("positive",)),)]


# Nothing labeled


@pytest.mark.parametrize("entry", [NAMES | {"label": []}, NAMES | {"label": None}, ENTITIES | {"entities": []}])
def test_a_text_without_labels_was_labeled_by_nobody(tmp_path: Path, entry: object) -> None:
    # doccano writes the same for a text that no one has opened and for one where there is nothing to label.
    assert _votes(tmp_path, entry) == [()]


def test_a_text_without_spans_that_has_a_category_was_looked_at(tmp_path: Path) -> None:
    without = INTENT | {"id": 2, "entities": []}
    assert _votes(tmp_path, INTENT, without, label="entities")[1] == (Vote(()),)


def test_a_text_without_labels_that_was_approved_was_looked_at(tmp_path: Path) -> None:
    approved = OLD_TEXT_LABELS | {"labels": [], "annotation_approver": "admin"}
    assert _votes(tmp_path, OLD_TEXT_LABELS, approved)[1] == (Vote(()),)


def test_relations_and_comments_are_counted_aside(tmp_path: Path) -> None:
    found = reading.opened(reading.lines_file(tmp_path / "all.jsonl", [ENTITIES, ENTITIES]))
    assert len(reading.taken(found)) == 2
    assert found.aside == {"relations": 2, "comments": 2}


# Two kinds of labels


def test_of_two_kinds_of_labels_none_is_guessed(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Set task, or data\.fields\.label to one of 'cats', 'entities'") as caught:
        _read(tmp_path, INTENT)
    assert caught.value.code == "data/unknown-field"


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ({"task": "token-classification"}, (Span(0, 2, "ORG"),)),
        ({"label": "entities"}, (Span(0, 2, "ORG"),)),
        ({"task": "text-classification"}, ("news",)),
        ({"task": "multi-label", "label": "cats"}, ("news",)),
    ],
)
def test_the_task_or_the_field_tells_which_kind_counts(tmp_path: Path, asked: dict[str, Any], value: object) -> None:
    assert _votes(tmp_path, INTENT, **asked) == [(Vote(value),)]  # type: ignore[arg-type]


def test_the_field_that_is_named_is_read_and_no_other_of_its_kind(tmp_path: Path) -> None:
    assert _votes(tmp_path, NAMES | {"labels": ["of another tool"]}, label="labels") == [(Vote(("of another tool",)),)]


@pytest.mark.parametrize(
    ("entry", "asked", "problem"),
    [
        (NAMES, {"task": "token-classification"}, "it holds names, and token-classification takes spans"),
        (SPANS, {"task": "text-classification"}, "it holds spans, and text-classification takes names"),
        (NAMES, {"label": "cats"}, "there is no field 'cats' for the label"),
        (NAMES, {"group_by": "custmer"}, "there is no field 'custmer' for the group"),
        (NAMES, {"time": "when"}, "there is no field 'when' for the time"),
        (NAMES, {"text": "body"}, "there is no field 'body' for the text"),
        (NAMES, {"pair": "body"}, "there is no field 'body' for the second text"),
        (NAMES, {"image": "body"}, "there is no field 'body' for the image"),
        ({"id": 1, "text": "a"}, {}, "no field is known to hold labels"),
        ({"id": 1, "filename": "a.png", "bbox": [{"x": 1, "label": "a"}]}, {}, "its labels are parts of images"),
    ],
)
def test_what_the_file_does_not_hold_is_a_clear_error(
    tmp_path: Path, entry: object, asked: dict[str, Any], problem: str
) -> None:
    with pytest.raises(DataError) as caught:
        _read(tmp_path, entry, **asked)
    assert caught.value.code == "data/unknown-field"
    assert problem in caught.value.problem


def test_labels_that_spell_numbers_are_numbers_where_the_task_takes_them(tmp_path: Path) -> None:
    entries = [NAMES | {"label": ["3.5"]}, NAMES | {"label": ["good"]}, NAMES | {"label": ["1", "2"]}]
    assert said(_read(tmp_path, *entries, task="regression")) == [("Great price.", (3.5,)), "bad-label", "bad-label"]


# Metadata, groups and times


def test_metadata_of_the_new_exports_stands_beside_the_text(tmp_path: Path) -> None:
    entry = NAMES | {"customer": 17, "when": "2024-05-01"}
    (record,) = records(_read(tmp_path, entry, group_by="customer", time="when"))
    assert (record.group, record.time) == ("17", 1714521600.0)


@pytest.mark.parametrize("entry", [OLD, FIRST])
def test_metadata_of_the_old_exports_is_an_object_of_its_own(tmp_path: Path, entry: dict[str, Any]) -> None:
    (record,) = records(_read(tmp_path, entry, group_by="customer"))
    assert record.group == "c"


def test_a_text_without_a_group_has_none_and_one_without_a_time_is_rejected(tmp_path: Path) -> None:
    entries = [NAMES | {"customer": "c", "when": 5}, NAMES | {"customer": None, "when": "soon"}]
    assert [each.group for each in records(_read(tmp_path, *entries, group_by="customer"))] == ["c", None]
    assert said(_read(tmp_path, *entries, time="when"))[1] == "bad-time"


# Spans


@pytest.mark.parametrize("label", [[[0, 99, "ORG"]], [[5, 5, "ORG"]], [[-1, 2, "ORG"]]])
def test_a_span_outside_the_text_is_rejected(tmp_path: Path, label: object) -> None:
    assert said(_read(tmp_path, SPANS, SPANS | {"label": label}))[1] == "bad-span"


@pytest.mark.parametrize("label", ["ORG", 5, {"a": 1}, [[0, 2]], [[0, 2, None]], [["0", "2", "ORG"]], [None], ["a"]])
def test_labels_of_another_kind_are_rejected(tmp_path: Path, label: object) -> None:
    assert said(_read(tmp_path, SPANS, SPANS | {"label": label}))[1] == "bad-label"


EMOJI = "Some text yeah 🚀 rocket"


@pytest.mark.parametrize(
    ("entry", "start"),
    [
        (SPANS | {"text": EMOJI, "label": [[18, 24, "X"]]}, 17),  # as its web page counts since 1.5
        (SPANS | {"text": EMOJI, "label": [[17, 23, "X"]]}, 17),  # as it was imported
        (SPANS | {"text": "😀我住在北京的中心。", "label": [[2, 8, "X"]]}, 1),
        (OLD_TEXT_LABELS | {"text": "😀我住在北京的中心。", "labels": [[2, 8, "X"]]}, 2),  # as it counted before
    ],
)
def test_spans_count_code_points_however_doccano_counted(tmp_path: Path, entry: dict[str, Any], start: int) -> None:
    (record,) = records(_read(tmp_path, entry))
    assert record.votes == (Vote((Span(start, start + 6, "X"),)),)


# Images


def _images(path: Path, **asked: Any) -> list[Read]:
    file = SourceFile(path, path.name, image=lambda name: f"bytes of {name}".encode())
    fields = FieldsSpec(**{key: asked.pop(key) for key in tuple(asked) if key in FieldsSpec.model_fields})
    return reading.taken(doccano.read(file, Ask(fields, **asked)))


@pytest.mark.parametrize("key", ["filename", "data"])
def test_an_image_is_named_by_its_file(tmp_path: Path, key: str) -> None:
    path = reading.lines_file(tmp_path / "all.jsonl", [{"id": 1, key: "cat.png", "label": ["cat"]}])
    assert _images(path) == [
        Record("all.jsonl, line 1", "cat.png", (Vote(("cat",)),), image=b"bytes of cat.png"),
    ]


def test_an_image_that_cannot_be_had_is_rejected(tmp_path: Path) -> None:
    assert said(_read(tmp_path, {"id": 1, "filename": "cat.png", "label": ["cat"]})) == ["no-image"]


def test_a_file_name_beside_a_text_is_metadata(tmp_path: Path) -> None:
    (record,) = records(_read(tmp_path, NAMES | {"filename": "089226.txt"}, group_by="filename"))
    assert (record.text, record.image, record.group) == ("Great price.", None, "089226.txt")


# CSV


def test_the_csv_of_1_8_parts_labels_by_a_hash(tmp_path: Path) -> None:
    header = ["id", "text", "customer", "label", "Comments"]
    rows = [[1, "Great, cheap.", "c", "cheap#positive", ""], [2, "Hm.", "", "", ""]]
    path = _csv(tmp_path / "all.csv", header, *rows)
    assert said(reading.read(path)) == [("Great, cheap.", (("cheap", "positive"),)), ("Hm.", ())]
    assert [each.group for each in records(reading.read(path, group_by="customer"))] == ["c", None]


def test_the_csv_of_1_3_calls_the_text_data(tmp_path: Path) -> None:
    path = _csv(tmp_path / "anna.csv", ["id", "data", "label"], [1, "Great price.", "positive"])
    assert said(reading.read(path)) == [("Great price.", (("positive",),))]


def test_the_csv_of_1_0_has_a_row_an_annotation(tmp_path: Path) -> None:
    header = ["annotation_approver", "end_offset", "id", "label", "start_offset", "text", "user"]
    rows = [["", 2, 1, 5, 0, EU, 1], ["", 17, 1, 6, 11, EU, 1], ["", 17, 1, 6, 11, EU, 2], ["", 2, 2, 5, 0, "EU", 1]]
    first, second = records(reading.read(_csv(tmp_path / "file.csv", header, *rows)))
    assert first.votes == (Vote((Span(0, 2, "5"), Span(11, 17, "6")), "1"), Vote((Span(11, 17, "6"),), "2"))
    assert second.votes == (Vote((Span(0, 2, "5"),), "1"),)
    assert first.place == "file.csv, line 2"


def test_a_row_of_the_csv_with_a_cell_too_few_is_rejected_alone(tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    path.write_text("id,text,label,Comments\n1,a\n2,b,x,\n")
    assert said(reading.read(path)) == ["wrong-columns", ("b", (("x",),))]


# Recognition


@pytest.mark.parametrize(
    "entry", [NAMES, SPANS, ENTITIES, INTENT, OLD, OLD_TEXT_LABELS, FIRST, {"id": 1, "data": "a", "label": []}]
)
def test_doccanos_entries_are_recognised(tmp_path: Path, entry: object) -> None:
    for path in (reading.lines_file(tmp_path / "a.jsonl", [entry]), list_file(tmp_path / "a.json", [entry])):
        name, reason = detect.detect(SourceFile(path, path.name), "auto")
        assert (name, reason) == ("doccano", "its entries have a text or a file and labels as doccano writes them")


@pytest.mark.parametrize(
    "entry",
    [
        {"text": "a", "label": "b"},
        {"text": "a", "label": ["b"]},
        {"id": "x", "text": "a", "label": ["b"]},
        {"id": 1, "text": "a", "label": "b"},
        {"id": 1, "text": "a", "labels": ["b"]},
        {"id": 1, "text": "a", "label": 0},
        {"id": 1, "data": {"text": "a"}, "annotations": [{"result": []}]},
        {"text": "a", "entities": [[0, 1, "X"]]},
        {"id": 1, "text": "a", "cats": {"x": 1.0}},
        ["a", {"entities": []}],
    ],
)
def test_entries_of_others_are_not_claimed(tmp_path: Path, entry: object) -> None:
    path = reading.lines_file(tmp_path / "a.jsonl", [entry])
    assert doccano.recognise(SourceFile(path, path.name)) is None


@pytest.mark.parametrize("header", ["id,text,label", "text,label", "id,label,text,user", ""])
def test_tables_of_others_are_not_claimed(tmp_path: Path, header: str) -> None:
    (tmp_path / "a.csv").write_text(f"{header}\n1,a,b\n")
    assert doccano.recognise(SourceFile(tmp_path / "a.csv", "a.csv")) is None


# Whatever else


@pytest.mark.parametrize("text", [None, 5, ["a"]])
def test_a_text_that_is_none_is_rejected(tmp_path: Path, text: object) -> None:
    assert said(_read(tmp_path, NAMES, NAMES | {"text": text}))[1] == "no-text"


@pytest.mark.parametrize(
    "entry", [NAMES | {"text": "half \ud83d"}, NAMES | {"label": ["\ud83d"]}, NAMES | {"customer": "\ud83d"}]
)
def test_half_a_character_is_rejected(tmp_path: Path, entry: object) -> None:
    first = NAMES | {"customer": "c"}
    assert said(_read(tmp_path, first, entry, group_by="customer"))[1] == "broken-unicode"


def test_an_entry_that_is_no_object_is_rejected_alone(tmp_path: Path) -> None:
    assert said(_read(tmp_path, NAMES, 5, None, [1]))[1:] == ["not-an-object", "not-an-object", "no-text"]


def test_a_file_without_a_single_object_is_still_accounted_for(tmp_path: Path) -> None:
    assert said(_read(tmp_path, 5, "x")) == ["not-an-object", "not-an-object"]
    assert _read(tmp_path) == []


_labels = mostly(
    st.lists(one_of("a", "b", [0, 1, "X"], [2, 9, "Y"], {"start_offset": 0, "end_offset": 1, "label": "X"}), max_size=3)
)
_entries = mostly(
    st.fixed_dictionaries(
        {"text": one_of("hello", "😀 hello", EU)},
        optional={
            "id": one_of(1, 2),
            "label": _labels,
            "labels": _labels,
            "cats": _labels,
            "entities": _labels,
            "annotations": mostly(
                st.lists(
                    mostly(
                        st.fixed_dictionaries({"label": one_of(1, "a"), "user": one_of(1)}, optional={"x": ANYTHING})
                    )
                )
            ),
            "meta": mostly(st.fixed_dictionaries({"when": one_of("2024-01-01", 5)})),
            "annotation_approver": ANYTHING,
            "username": ANYTHING,
            "Comments": ANYTHING,
            "filename": ANYTHING,
        },
    )
)
_asked: st.SearchStrategy[Mapping[str, Any]] = st.sampled_from(
    [
        {},
        {"task": "token-classification"},
        {"task": "text-classification"},
        {"task": "regression"},
        {"task": "image-classification"},
        {"label": "entities"},
        {"group_by": "meta", "time": "when"},
    ]
)


@STEADY
@given(st.lists(_entries, max_size=5), _asked, st.booleans())
def test_every_entry_is_one_record_or_one_reject(
    tmp_path: Path, entries: list[object], asked: Mapping[str, Any], as_list: bool
) -> None:
    found = reading.read_or_refused(tmp_path / "all.jsonl", reading.written(entries, as_list), form="doccano", **asked)
    if found is None:
        return
    assert len(found) == len(entries)
    assert [each.content for each in found if isinstance(each, Reject) and each.reason == "not-an-object"] == [
        each for each in entries if not isinstance(each, dict | list)
    ]


@STEADY
@given(st.data(), _asked)
def test_no_damage_raises_anything_but_a_clear_error(
    tmp_path: Path, data: st.DataObject, asked: Mapping[str, Any]
) -> None:
    lines = "\n".join(json.dumps(each) for each in (NAMES, SPANS, OLD))
    table = "annotation_approver,id,label,text,user,start_offset,end_offset\n,1,2,hello,3,0,2\n,1,2,hello,4,,\n"
    content = damaged(data, data.draw(st.sampled_from([lines, table, json.dumps([SPANS])])).encode())
    reading.read_or_refused(tmp_path / "all.json", content, form="doccano", **asked)
