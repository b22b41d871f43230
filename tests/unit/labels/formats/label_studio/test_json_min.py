"""Reading Label Studio's JSON-MIN export."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.errors import DataError, HeadstartError
from headstart.labels import detect
from headstart.labels.records import Record, Reject, Span, Vote
from headstart.labels.sources.files import SourceFile
from tests.support import reading
from tests.support.label_studio import row, task
from tests.support.reading import said
from tests.support.steady import STEADY


def _file(path: Path, *rows: object) -> Path:
    export = path / "export.json"
    export.write_text(json.dumps(list(rows), indent=2, ensure_ascii=False), encoding="utf-8", errors="surrogatepass")
    return export


def _read(path: Path, *rows: object, **asked: Any) -> list[Record | Reject]:
    """What the rows are read as."""
    return reading.read(_file(path, *rows), **asked)


def _error(path: Path, *rows: object, **asked: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        _read(path, *rows, **asked)
    return caught.value


def test_an_annotation_is_one_record_with_one_vote(tmp_path: Path) -> None:
    rows = [
        row(7, text="hello", source="web", controls={"sentiment": "good"}, annotator=3, annotation_id=11),
        row(7, text="hello", source="web", controls={"sentiment": "bad"}, annotator="ann@x.org", annotation_id=12),
    ]
    assert detect.detect(SourceFile(_file(tmp_path, *rows), "export.json"), "auto")[0] == "label-studio-min"
    assert _read(tmp_path, *rows) == [
        Record("export.json, task 7, annotation 11", "hello", (Vote(("good",), "3"),)),
        Record("export.json, task 7, annotation 12", "hello", (Vote(("bad",), "ann@x.org"),)),
    ]


def test_a_task_that_nobody_labeled_is_a_record_without_votes(tmp_path: Path) -> None:
    nobody = row(2, text="bye", annotator=None, annotation_id=None)
    assert said(_read(tmp_path, row(1, text="hello", controls={"q": "a"}), nobody)) == [
        ("hello", (("a",),)),
        ("bye", ()),
    ]
    opened = reading.opened(_file(tmp_path, nobody))
    assert said(reading.taken(opened)) == [("bye", ())]
    assert opened.fields == "text from 'text', no label in any annotation"


@pytest.mark.parametrize(
    ("value", "kind", "vote"),
    [
        ("good", "names", ("good",)),
        ({"choices": ["good", "bad"]}, "names", ("good", "bad")),
        (["good", {"choices": ["fair", "bad"]}], "names", ("good", "fair", "bad")),
        ([{"taxonomy": [["a"], ["a", "b"]]}], "names", ("a", "a / b")),
        ([{"rating": 4}], "number", 4.0),
        ([{"number": 2.5}], "number", 2.5),
        (
            [{"start": 0, "end": 4, "text": "hell", "labels": ["X", "Y"]}],
            "spans",
            (Span(0, 4, "X"), Span(0, 4, "Y")),
        ),
    ],
)
def test_each_control_writes_its_labels_in_its_own_way(tmp_path: Path, value: object, kind: str, vote: object) -> None:
    opened = reading.opened(_file(tmp_path, row(1, text="hello", source="web", controls={"q": value})))
    assert opened.kind == kind
    assert said(reading.taken(opened)) == [("hello", (vote,))]


def test_a_comparison_is_a_pair(tmp_path: Path) -> None:
    (found,) = _read(tmp_path, row(1, answer1="A", answer2="B", controls={"pw": [{"selected": "right"}]}))
    assert isinstance(found, Record)
    assert (found.text, found.pair, found.votes[0].value) == ("A", "B", ("right",))


def test_one_control_may_write_a_name_here_and_several_there(tmp_path: Path) -> None:
    rows = [
        row(1, text="hello", controls={"topics": "a"}),
        row(2, text="bye", controls={"topics": {"choices": ["a", "b"]}}),
        row(3, text="so", controls={}),
    ]
    assert said(_read(tmp_path, *rows)) == [("hello", (("a",),)), ("bye", (("a", "b"),)), ("so", ((),))]


def test_an_annotation_without_an_answer_to_the_control_has_no_vote_where_there_is_to_be_one_label(
    tmp_path: Path,
) -> None:
    opened = reading.opened(_file(tmp_path, row(1, text="hello", controls={"q": "a"}), row(2, text="bye")))
    assert said(reading.taken(opened)) == [("hello", (("a",),)), ("bye", ())]
    assert opened.aside == {"annotations without a label": 1}


def test_an_annotation_without_spans_says_that_there_are_none(tmp_path: Path) -> None:
    marked = row(1, text="hello", controls={"ner": [{"start": 0, "end": 2, "labels": ["X"]}]})
    assert said(_read(tmp_path, marked, row(2, text="bye"))) == [("hello", ((Span(0, 2, "X"),),)), ("bye", ((),))]


def test_spans_that_are_about_other_characters_are_rejected(tmp_path: Path) -> None:
    bad = row(1, text="hello", controls={"ner": [{"start": 0, "end": 2, "text": "lo", "labels": ["X"]}]})
    assert said(_read(tmp_path, bad)) == ["bad-span"]


def test_of_several_controls_none_is_guessed(tmp_path: Path) -> None:
    two = row(1, text="hello", controls={"sentiment": "good", "topic": {"choices": ["a", "b"]}})
    error = _error(tmp_path, two)
    assert error.code == "data/unknown-field"
    assert "'sentiment', 'topic'" in error.remedy
    assert said(_read(tmp_path, two, label="topic")) == [("hello", (("a", "b"),))]
    assert said(_read(tmp_path, two, label="sentiment")) == [("hello", (("good",),))]


def test_of_several_kinds_of_labels_the_task_chooses(tmp_path: Path) -> None:
    mixed = row(1, text="hello", controls={"q": "good", "stars": [{"rating": 4}]})
    error = _error(tmp_path, mixed)
    assert error.code == "data/unknown-field"
    assert "names in 'q', numbers in 'stars'" in error.problem
    assert said(_read(tmp_path, mixed, task="regression")) == [("hello", (4.0,))]
    assert said(_read(tmp_path, mixed, task="text-classification")) == [("hello", (("good",),))]
    assert _error(tmp_path, mixed, task="token-classification").code == "data/unknown-field"


def test_a_field_that_is_asked_for_and_not_there_is_an_error_that_names_all(tmp_path: Path) -> None:
    error = _error(tmp_path, row(1, text="hello", source="x", controls={"q": {"choices": ["a", "b"]}}), label="nope")
    assert error.code == "data/unknown-field"
    assert all(repr(name) in error.remedy for name in ("text", "source", "q"))
    assert _error(tmp_path, row(1, text="hello", controls={"q": "a"}), text="nope").code == "data/unknown-field"


def test_what_is_no_label_is_left_aside_and_counted(tmp_path: Path) -> None:
    controls = {
        "intent": {"choices": ["a", "b"]},
        "stars": [{"rating": 4}],
        "boxes": [{"x": 1.5, "y": 2, "width": 3, "height": 4, "rotation": 0, "rectanglelabels": ["Car"]}] * 2,
        "why": {"text": ["one", "two"]},
        "tone": [{"start": 0, "end": 2, "text": "he", "choices": ["b"]}],
    }
    opened = reading.opened(_file(tmp_path, row(1, text="hello", controls=controls)), task="multi-label")
    assert said(reading.taken(opened)) == [("hello", (("a", "b"),))]
    assert opened.aside == {
        "answers to other controls": 1,
        "boxes": 2,
        "textarea answers": 1,
        "answers about regions": 1,
    }


def test_objects_in_the_data_are_no_controls(tmp_path: Path) -> None:
    paged = row(1, text="hello", pages=[{"number": 1, "title": "x"}], controls={"q": "a"})
    assert said(_read(tmp_path, paged)) == [("hello", (("a",),))]


# Fields that cannot be told from their place


def test_a_text_that_stands_where_controls_do_can_be_named(tmp_path: Path) -> None:
    keys = ["title", "id", "text", "q", "annotator", "annotation_id", "lead_time"]
    odd = dict(zip(keys, ["x", 5, "hello", "a", 1, 11, 2.5], strict=True))
    assert said(_read(tmp_path, odd, text="text", label="q")) == [("hello", (("a",),))]


def test_where_the_data_has_an_id_the_control_is_told_from_its_usual_name(tmp_path: Path) -> None:
    keys = ["id", "text", "label", "annotator", "annotation_id", "lead_time"]
    assert said(_read(tmp_path, dict(zip(keys, [5, "hello", "a", 1, 11, 2.5], strict=True)))) == [("hello", (("a",),))]


def test_where_keys_are_sorted_the_control_is_the_field_that_is_left(tmp_path: Path) -> None:
    sorted_ = dict(sorted(row(1, text="hello", controls={"zone": "a"}).items()))
    assert said(_read(tmp_path, sorted_)) == [("hello", (("a",),))]


def test_where_nothing_tells_the_control_the_error_names_the_fields(tmp_path: Path) -> None:
    sorted_ = dict(sorted(row(1, text="hello", source="web", controls={"zone": "a"}).items()))
    error = _error(tmp_path, sorted_)
    assert error.code == "data/unknown-field"
    assert "'zone'" in error.remedy
    assert said(_read(tmp_path, sorted_, label="zone")) == [("hello", (("a",),))]


def test_a_plain_number_or_list_may_be_the_answer(tmp_path: Path) -> None:
    graded = [row(number, text="hello", controls={"grade": grade}) for number, grade in enumerate((4, "5", "x"))]
    assert said(_read(tmp_path, *graded, label="grade", task="regression")) == [
        ("hello", (4.0,)),
        ("hello", (5.0,)),
        "bad-label",
    ]
    listed = row(1, text="hello", controls={"topics": ["a", "b"]})
    assert said(_read(tmp_path, listed, label="topics", task="multi-label")) == [("hello", (("a", "b"),))]
    assert said(_read(tmp_path, row(1, text="hello", kind=3), label="kind", task="text-classification")) == [
        ("hello", (("3",),))
    ]


def test_a_mere_name_where_spans_are_asked_for_is_rejected(tmp_path: Path) -> None:
    assert said(_read(tmp_path, row(1, text="hello", kind="x"), label="kind", task="token-classification")) == [
        "bad-span"
    ]


def test_a_control_is_no_text(tmp_path: Path) -> None:
    assert said(_read(tmp_path, row(1, ticket="hello", controls={"text": "because", "q": "a"}), label="q")) == [
        ("hello", (("a",),))
    ]


def test_exports_of_early_2021_say_no_annotator(tmp_path: Path) -> None:
    old = [{"text": "hello", "id": 1, "label": "a"}, {"text": "bye", "id": 2, "label": {"choices": ["a", "b"]}}]
    assert said(_read(tmp_path, *old, form="label-studio-min")) == [("hello", (("a",),)), ("bye", (("a", "b"),))]


# Groups, times, and what is wrong


def test_group_and_time_are_fields_of_the_row(tmp_path: Path) -> None:
    (found,) = _read(
        tmp_path,
        row(1, text="hello", customer=17, controls={"q": "a"}),
        group_by="customer",
        time="created_at",
    )
    assert isinstance(found, Record)
    assert (found.group, found.time) == ("17", 1715774956.789536)
    assert _error(tmp_path, row(1, text="hello", controls={"q": "a"}), group_by="nope").code == "data/unknown-field"
    assert said(_read(tmp_path, row(1, text="hello", controls={"q": "a"}), time="text")) == ["bad-time"]


def test_a_task_of_an_image_needs_the_image(tmp_path: Path) -> None:
    assert said(_read(tmp_path, row(1, image="/data/upload/1/x.jpg", controls={"q": "a"}))) == ["no-image"]


@pytest.mark.parametrize("entry", [None, 5, "x", []])
def test_an_entry_that_is_no_object_is_rejected_alone(tmp_path: Path, entry: object) -> None:
    found = _read(tmp_path, row(1, text="hello", controls={"q": "a"}), entry)
    assert said(found) == [("hello", (("a",),)), "not-an-object"]
    assert found[1].place == "export.json, task number 2"


def test_half_a_character_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps([row(1, text="half \ud83d", controls={"q": "a"})]))
    assert said(reading.read(path)) == ["broken-unicode"]


@pytest.mark.parametrize("content", ["", "{", '{"a": 1}', "[", "[" * 100_000])
def test_a_file_that_is_no_list_is_an_error(tmp_path: Path, content: str) -> None:
    with pytest.raises(DataError) as caught:
        reading.read_bytes(tmp_path / "export.json", content, form="label-studio-min")
    assert caught.value.code == "data/unreadable"


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([{"id": 1, "text": "a", "annotator": "x", "annotation_id": 5}]),
        json.dumps([task(1, "hello")]),
        json.dumps(row(1, text="hello")),
        "[1]",
        "",
    ],
)
def test_other_json_is_not_taken_for_it(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(content)
    assert detect.READERS["label-studio-min"].recognise(SourceFile(path, path.name)) is None


# Whatever the bytes

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_values = st.sampled_from(
    [
        "a",
        {"choices": ["a", "b"]},
        [{"rating": 4}],
        [{"start": 0, "end": 2, "text": "he", "labels": ["X"]}],
        [{"selected": "left"}],
        [{"globalOffsets": {"start": 0, "end": 1}, "labels": ["X"]}],
    ]
)
_rows = _json | st.builds(
    lambda text, value, more: row(1, text=text, controls={"q": value, "r": more}), st.text(max_size=6), _values, _json
)


@STEADY
@given(st.lists(_rows, max_size=6), st.sampled_from([{}, {"label": "q"}, {"task": "regression", "label": "r"}]))
def test_every_entry_of_the_list_is_one_record_or_one_reject(
    tmp_path: Path, entries: list[object], asked: dict[str, Any]
) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(entries))
    try:
        found = reading.read(path, form="label-studio-min", **asked)
    except HeadstartError:
        return
    assert len(found) == len(entries)


@STEADY
@given(st.binary(max_size=200))
def test_no_bytes_crash_the_reader(tmp_path: Path, content: bytes) -> None:
    try:
        reading.read_bytes(tmp_path / "export.json", content, form="label-studio-min")
    except HeadstartError:
        return
